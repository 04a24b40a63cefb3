package pebble

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/zeebo/xxh3"
)

// tailBytes is how much of the end of a table its record knows.
const tailBytes = 4 << 10

// readState reads the record; nil: there is none.
func (b *Backend) readState() (*state, error) {
	text, err := b.read(stateName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s, err := parseState(text)
	if err != nil {
		return nil, inFile(stateName, err)
	}
	return s, nil
}

// read reads a file of the store's.
func (b *Backend) read(name string) ([]byte, error) {
	f, err := b.fs.Open(b.fs.PathJoin(b.dir, name))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return io.ReadAll(f)
}

// writeState replaces the record, durably.
func (b *Backend) writeState(s *state) error {
	name := b.fs.PathJoin(b.dir, newStateName)
	f, err := b.fs.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = f.Write(s.encode())
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := b.fs.Rename(name, b.fs.PathJoin(b.dir, stateName)); err != nil {
		return err
	}
	return syncDir(b.fs, b.dir)
}

// record writes down what the store holds. b.mu is held.
func (b *Backend) record() error {
	s := &state{tables: slices.Clone(b.tables)}
	if b.state != nil {
		s.last = b.state.last
	}
	for i := range s.tables {
		t := &s.tables[i]
		s.last = max(s.last, t.number)
		if b.state != nil && b.state.holds(*t) {
			t.tail = b.state.table(t.number).tail
			continue
		}
		var err error
		if t.tail, err = b.tail(t.number, t.bytes); err != nil {
			return err
		}
	}
	seen, err := b.listTables()
	if err != nil {
		return err
	}
	s.dead = b.dead(s, seen)
	for _, number := range s.dead {
		s.last = max(s.last, number)
	}
	if err := b.writeState(s); err != nil {
		return err
	}
	b.state, b.recorded, b.seen = s, true, seen
	return nil
}

// dead are the tables that the next start may find and that are no part of s:
// those that are there, and those that were there when the last record was
// written. Their removal is not safe from a power cut before the directory is
// synced, with the record.
func (b *Backend) dead(s *state, seen []uint64) (numbers []uint64) {
	add := func(number uint64) {
		if s.table(number) == nil {
			numbers = append(numbers, number)
		}
	}
	for _, number := range seen {
		add(number)
	}
	for _, number := range b.seen {
		add(number)
	}
	if b.state != nil {
		for _, t := range b.state.tables {
			add(t.number)
		}
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// listTables returns the numbers of the tables that are in the directory.
func (b *Backend) listTables() (numbers []uint64, err error) {
	names, err := b.fs.List(b.dir)
	for _, name := range names {
		if number, ok := tableNumber(name); ok {
			numbers = append(numbers, number)
		}
	}
	return numbers, err
}

// tail is the hash of the last bytes of a table, which has that many.
func (b *Backend) tail(number, bytes uint64) (uint64, error) {
	f, err := b.fs.Open(b.fs.PathJoin(b.dir, tableName(number)))
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }() // it was only read
	p := make([]byte, min(bytes, tailBytes))
	if n, err := f.ReadAt(p, int64(bytes)-int64(len(p))); n < len(p) {
		return 0, inFile(tableName(number), err)
	}
	return xxh3.Hash(p), nil
}

// inFile says which of the store's files an error is about.
func inFile(name string, err error) error { return fmt.Errorf("%s: %w", name, oneLine{err}) }
