package command

import (
	"encoding/binary"
	"slices"

	"github.com/redistill-go/redistill/core/buffer"
	"github.com/redistill-go/redistill/core/store"
)

// requests is the commands that a client has queued, one behind the other. Each is
//
//	the command's index in the table        4 bytes
//	how many arguments it has               4
//	the hash of its first key               8
//	of each argument how long it is         4
//	the arguments that are not staged
//
// They are in pieces of the pool's memory, so that what is queued can be given back
// while it is executed, one piece after the other, and leaves no garbage. The first
// piece is of the Go heap and stays, for transactions of ordinary size. No command is
// in two pieces.
type requests struct {
	pool   *buffer.Pool
	first  []byte
	pieces [][]byte        // without first; nil: given back
	staged []*store.Staged // of all commands; nil: taken over by its command, or given back
	count  int
	bytes  int // of all commands, arguments included
	held   int // bytes that all of it takes
}

const (
	// firstPiece is how many bytes are in the Go heap, and lastPiece how long pieces
	// become that are not made for one long command.
	firstPiece = 4 << 10
	lastPiece  = buffer.ChunkSize

	headSize   = 16
	lengthSize = 4
	ownPlace   = 1 << 31 // in the length of an argument: it has a place of its own
)

// place is where a command is: in which piece, counted from first, and where the
// next of the staged arguments is that are its.
type place struct{ piece, off, staged int }

// request is a command that was queued. Its arguments are those of requests.
type request struct {
	at, next place
	index    int // in the table
	hash     uint64
	args     int
}

// add appends a command. staged is what has a place of its own, which is taken over:
// it returns nil for other arguments, and is nil itself if there is none.
func (r *requests) add(index int, hash uint64, args [][]byte, staged func(i int) *store.Staged) {
	if staged == nil {
		staged = func(int) *store.Staged { return nil }
	}
	size := headSize + lengthSize*len(args)
	for i, a := range args {
		if staged(i) == nil {
			size += len(a)
		}
	}
	p := r.room(size)
	b := binary.LittleEndian.AppendUint32(*p, uint32(index))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(args)))
	b = binary.LittleEndian.AppendUint64(b, hash)
	for i, a := range args {
		n := uint32(len(a))
		if s := staged(i); s != nil {
			r.staged = append(r.staged, s)
			r.held += len(a)
			size += len(a)
			n |= ownPlace
		}
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	for i, a := range args {
		if staged(i) == nil {
			b = append(b, a...)
		}
	}
	*p = b
	r.count++
	r.bytes += size
}

// room is a piece with room for n more bytes.
func (r *requests) room(n int) *[]byte {
	last := &r.first
	if k := len(r.pieces); k > 0 {
		last = &r.pieces[k-1]
	} else if len(r.first) == 0 {
		r.first = slices.Grow(r.first, firstPiece)
		r.held += cap(r.first)
	}
	if n <= cap(*last)-len(*last) {
		return last
	}
	piece := r.pool.Get(max(n, min(2*cap(*last), lastPiece)))
	r.pieces = append(r.pieces, piece)
	r.held += cap(piece)
	return &r.pieces[len(r.pieces)-1]
}

func (r *requests) piece(i int) []byte {
	if i == 0 {
		return r.first
	}
	return r.pieces[i-1]
}

// read finds the command at a place, the first of which is the zero one.
func (r *requests) read(at place) request {
	if at == (place{}) && len(r.first) == 0 {
		at.piece = 1 // the first command is a long one
	}
	b := r.piece(at.piece)[at.off:]
	q := request{
		at: at, next: at, index: int(binary.LittleEndian.Uint32(b)),
		args: int(binary.LittleEndian.Uint32(b[4:])), hash: binary.LittleEndian.Uint64(b[8:]),
	}
	q.next.off += headSize + lengthSize*q.args
	for i := range q.args {
		if n := length(b, i); n&ownPlace != 0 {
			q.next.staged++
		} else {
			q.next.off += int(n)
		}
	}
	if q.next.off == at.off+len(b) {
		q.next.piece, q.next.off = at.piece+1, 0
	}
	return q
}

// length is that of argument i of the command that b begins with, as it is stored.
func length(b []byte, i int) uint32 { return binary.LittleEndian.Uint32(b[headSize+lengthSize*i:]) }

// arguments appends those of a command, which are valid until it is given back.
func (r *requests) arguments(q *request, args [][]byte) [][]byte {
	b := r.piece(q.at.piece)[q.at.off:]
	off, staged := headSize+lengthSize*q.args, q.at.staged
	for i := range q.args {
		n := int(length(b, i))
		if n&ownPlace != 0 {
			args = append(args, r.staged[staged].Bytes())
			staged++
			continue
		}
		args = append(args, b[off:off+n:off+n])
		off += n
	}
	return args
}

// stagedAt is where argument i of a command is among the staged ones, -1 if it is
// not.
func (r *requests) stagedAt(q *request, i int) int {
	b := r.piece(q.at.piece)[q.at.off:]
	if length(b, i)&ownPlace == 0 {
		return -1
	}
	at := q.at.staged
	for k := range i {
		if length(b, k)&ownPlace != 0 {
			at++
		}
	}
	return at
}

// done gives back a command that was executed, with what only it needed.
func (r *requests) done(q *request) {
	r.freeStaged(r.staged[q.at.staged:q.next.staged])
	if i := q.at.piece; i > 0 && q.next.piece > i {
		r.freePiece(&r.pieces[i-1])
	}
}

// clear gives back everything, and keeps what an ordinary transaction needs.
func (r *requests) clear() {
	r.freeStaged(r.staged)
	for i := range r.pieces {
		r.freePiece(&r.pieces[i])
	}
	*r = requests{first: r.first[:0], pieces: r.pieces[:0], staged: r.staged[:0]}
}

func (r *requests) freePiece(p *[]byte) {
	r.held -= cap(*p)
	r.pool.Put(*p)
	*p = nil
}

func (r *requests) freeStaged(list []*store.Staged) {
	for i, s := range list {
		if s != nil {
			r.held -= len(s.Bytes())
			s.Free()
			list[i] = nil
		}
	}
}

// take gives away a staged argument.
func (r *requests) take(at int) *store.Staged {
	s := r.staged[at]
	if s != nil {
		r.held -= len(s.Bytes())
		r.staged[at] = nil
	}
	return s
}
