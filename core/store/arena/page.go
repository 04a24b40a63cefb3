package arena

// page is what the arena knows of one page of the region. Only the first page
// of a run carries all fields; the last page of a free run, the first one of the
// chunk that it is in, and every page of a span or a large block carry head, so
// that a neighbour, a chunk or a block finds its run.
//
// Pages hold no Go pointers: they live off-heap and link by page number, in
// which 0 stands for none (page 0 is never handed out).
type page struct {
	head  uint32 // first page of the run this page belongs to
	count uint32 // pages in the run
	prev  uint32 // list of free runs, or of spans with free blocks
	next  uint32
	state state
	group uint8
	class uint8 // of a span
	dead  bool  // a large block that was freed while pinned

	used  uint16 // a span's blocks in use
	fresh uint16 // a span's blocks that were ever used: those after it are untouched
	free  uint16 // number + 1 of a span's first free block below fresh; 0: none
	pins  uint16 // readers that hold a large block

	draining bool // a span in a chunk that is being emptied: it takes no new block
}

type state uint8

const (
	unborn state = iota // never part of the heap
	idle                // a free run
	shared              // a span of small blocks
	large               // one block of its own
	parked              // free, in a chunk that is being emptied
)

// list is a doubly linked list of runs through prev and next; its value is the
// first page number.
type list uint32

func (l *list) push(pages []page, p uint32) {
	pages[p].prev, pages[p].next = 0, uint32(*l)
	if *l != 0 {
		pages[*l].prev = p
	}
	*l = list(p)
}

func (l *list) remove(pages []page, p uint32) {
	prev, next := pages[p].prev, pages[p].next
	if prev != 0 {
		pages[prev].next = next
	} else {
		*l = list(next)
	}
	if next != 0 {
		pages[next].prev = prev
	}
}
