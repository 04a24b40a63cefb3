package arena

import (
	"cmp"
	"slices"

	"github.com/redistill-go/redistill/core/sys"
)

// sparse is a chunk and the bytes in it that are in use.
type sparse struct {
	chunk int
	live  int
}

// surveyed is how many chunks are looked at under one lock.
const surveyed = 4

// room is what is free outside the chunks that are being emptied: blocks of
// each group and class in its spans, and the gaps between the runs of chunks that
// are in use.
type room struct {
	blocks [][classCount]int
	gaps   gaps
	spill  int               // pages of what will be moved that fit into no gap
	filled int               // of one chunk, pages of what fits into holes
	stay   int               // per cent of what is in a chunk that need room
	trial  [][classCount]int // of takes
}

// survey returns the chunks that are worth emptying, the emptiest first, and
// what is free.
func (a *Arena) survey(stay int) (list []sparse, free *room) {
	free = &room{blocks: make([][classCount]int, len(a.groups)), trial: make([][classCount]int, len(a.groups))}
	for i := 1; ; { // the first one holds page 0, which is never free
		a.lockAll()
		stop := min(i+surveyed, len(a.heap.chunks))
		for ; i < stop; i++ {
			if a.heap.chunks[i].used == 0 {
				continue
			}
			if live := a.heap.count(i, free, 1); live*stay/100 <= sys.HugePage-sys.HugePage/16 {
				list = append(list, sparse{i, live})
			}
		}
		done := i >= len(a.heap.chunks)
		a.unlockAll()
		if done {
			break
		}
	}
	slices.SortFunc(list, func(a, b sparse) int { return cmp.Compare(a.live, b.live) })
	return list, free
}

const (
	// minGain is how many pages emptying a chunk has to gain where some of it
	// finds no room in used chunks,
	minGain = chunkPages / 8
	// and maxSpill how many pages of that there may be at the same time.
	maxSpill = 2 * chunkPages
)

// takes says whether emptying the chunk gains something, and takes away the room
// that what is in it will find elsewhere: in the holes of other spans, and in the
// gaps of other chunks. For the rest a chunk is needed that is not used yet, so
// that then only the holes are a gain.
func (r *room) takes(h *heap, chunk int) bool {
	left := room{blocks: r.trial, gaps: r.gaps, spill: r.spill, filled: int(h.chunks[chunk].used), stay: r.stay}
	copy(left.blocks, r.blocks)
	h.count(chunk, &left, -1)
	part := 0 // of a run that stays, in per cent, so far
	h.runs(chunk, func(p uint32) bool {
		switch run := &h.pages[p]; run.state {
		case large:
			if part += r.stay; part >= 100 {
				part -= 100
				left.place(int(run.count))
			}
		case shared:
			n := &left.blocks[run.group][run.class]
			if *n -= (int(run.used)*r.stay + 99) / 100; *n < 0 {
				// A span more for what has no room in the others.
				size, per := classSize(int(run.class)), int(h.spans[run.class])
				for ; *n < 0; *n += per * PageSize / size {
					left.place(per)
				}
			}
		}
		return true
	})
	if left.spill > r.spill && left.filled < minGain || left.spill > maxSpill {
		return false
	}
	left.trial = r.blocks
	*r = left
	return true
}

// place takes the room for a run of n pages.
func (r *room) place(n int) {
	r.filled -= n
	if !r.gaps.take(n) {
		r.spill += n
	}
}

// count returns the number of bytes in blocks of the chunk that are in use and
// adds (sign 1) or takes away what is free in it.
func (h *heap) count(chunk int, free *room, sign int) (live int) {
	first, end := uint32(chunk)*chunkPages, uint32(chunk+1)*chunkPages
	h.runs(chunk, func(p uint32) bool {
		run := &h.pages[p]
		pages := int(min(p+run.count, end) - max(p, first))
		switch run.state {
		case idle:
			if sign > 0 {
				free.gaps.add(pages)
			} else {
				free.gaps.take(pages)
			}
		case large:
			live += pages * PageSize
		case shared:
			size := classSize(int(run.class))
			live += int(run.used) * size
			free.blocks[run.group][run.class] += sign * (pages*PageSize/size - int(run.used))
		}
		return true
	})
	return live
}
