package pebble

import (
	"bytes"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
)

// scan reads the rows of some generations: for each key the newest.
type scan struct {
	it *pebble.Iterator
	// generations are oldest first, and chunks newest first.
	generations []*found
	chunks      []place
	// ranges is in how many parts the slots are read.
	ranges uint32
}

// found is a generation in the store.
type found struct {
	header
	number uint32
	read   atomic.Uint64 // rows
}

// place is a chunk in the store.
type place struct {
	chunk uint32
	of    *found
}

const (
	// workerRanges keep all workers busy until the end. More would be read in
	// smaller pieces.
	workerRanges = 8
	maxRanges    = 1 << 12
	// rangeBytes is about how many bytes of tables a range of slots has, not
	// counting the oldest generation: its keys are remembered while it is read.
	rangeBytes = 2 << 20
)

// scan begins a scan of the generations from first to last, which are not
// empty. It does not see what is committed later. bytes is about how many the
// generations after the first have.
func (b *Backend) scan(first, last uint32, bytes uint64) (*scan, error) {
	it, err := b.db.NewIter(&pebble.IterOptions{
		LowerBound: appendChunk(nil, first, 0),
		UpperBound: appendChunk(nil, last+1, 0),
	})
	if err != nil {
		return nil, err
	}
	s := &scan{it: it, ranges: uint32(min(max(bytes/rangeBytes, uint64(workerRanges*workers())), maxRanges))}
	if err := s.survey(); err != nil {
		_ = it.Close() // its error would be the same one
		return nil, err
	}
	return s, nil
}

// survey finds the generations and their chunks.
func (s *scan) survey() error {
	var gen *found // that has no header yet
	for ok := s.it.First(); ok; {
		number, chunk, fits := splitChunk(s.it.Key())
		if !fits {
			return errRowShort
		}
		if gen == nil {
			gen = &found{number: number}
			s.generations = append(s.generations, gen)
		}
		if gen.number != number {
			break
		}
		if chunk == headerChunk {
			value, err := s.it.ValueAndErr()
			if err != nil {
				return err
			}
			if gen.header, err = parseHeader(value); err != nil {
				return err
			}
			gen, ok = nil, s.it.Next()
			continue
		}
		s.chunks = append(s.chunks, place{chunk, gen})
		ok = s.it.SeekGE(appendChunk(nil, number, chunk+1))
	}
	if err := s.it.Error(); err != nil {
		return err
	}
	if gen != nil {
		return fmt.Errorf("generation %d has no header", gen.number)
	}
	slices.Reverse(s.chunks)
	return nil
}

// reader is one goroutine's part of a scan.
type reader struct {
	scan *scan
	it   *pebble.Iterator
	// newer are the keys of the range that were met already, in newer chunks.
	newer        map[string]struct{}
	lower, upper []byte
	check        func() error // whether to go on, called now and then
	yield        func(key, value []byte) error
}

// read yields the rows in one range of slots; their bytes are valid during the
// call only.
func (r *reader) read(part uint32) error {
	clear(r.newer)
	lo, hi := uint32(uint64(part)*slots/uint64(r.scan.ranges)), uint32(uint64(part+1)*slots/uint64(r.scan.ranges))
	for _, p := range r.scan.chunks {
		r.lower = appendSlot(r.lower[:0], p.of.number, p.chunk, lo)
		r.upper = appendSlot(r.upper[:0], p.of.number, p.chunk, hi)
		if err := r.piece(p.of); err != nil {
			return err
		}
	}
	return nil
}

// piece yields the rows between the bounds that no newer ones replace.
func (r *reader) piece(gen *found) error {
	r.it.SetBounds(r.lower, r.upper)
	// Nothing is older than the first generation, and if that had everything,
	// it has each key once.
	remember := gen != r.scan.generations[0] || !gen.full
	rows := 0
	for ok := r.it.First(); ok; ok = r.it.Next() {
		if rows++; rows%checkEvery == 0 {
			if err := r.check(); err != nil {
				return err
			}
		}
		row := r.it.Key()
		if len(row) < rowPrefix || !bytes.HasPrefix(row, r.lower[:chunkPrefix]) {
			return errRowShort
		}
		key := row[rowPrefix:]
		if len(r.newer) > 0 {
			if _, replaced := r.newer[string(key)]; replaced {
				continue
			}
		}
		if remember {
			r.newer[string(key)] = struct{}{}
		}
		value, err := r.it.ValueAndErr()
		if err != nil {
			return err
		}
		if err := r.yield(key, value); err != nil {
			return err
		}
	}
	gen.read.Add(uint64(rows))
	return r.it.Error()
}

// complete says whether all rows were there, after all ranges were read.
func (s *scan) complete() error {
	for _, g := range s.generations {
		if n := g.read.Load(); n != g.rows {
			return fmt.Errorf("generation %d holds %d rows and should hold %d", g.number, n, g.rows)
		}
	}
	return nil
}

// reader makes a goroutine's part.
func (s *scan) reader(check func() error, yield func(key, value []byte) error) (*reader, error) {
	it, err := s.it.Clone(pebble.CloneOptions{})
	if err != nil {
		return nil, err
	}
	return &reader{scan: s, it: it, newer: map[string]struct{}{}, check: check, yield: yield}, nil
}

// close ends the scan; its readers are closed already. An error is one that
// reading had returned already.
func (s *scan) close() error { return s.it.Close() }
