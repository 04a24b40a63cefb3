package pebble

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/sstable"
)

// errAbsent is that the directory holds no store: it does not exist, is empty or
// holds what is left of a store that was being made and never had a snapshot.
var errAbsent = errors.New("no store")

// look opens the store for reading alone and compares what it holds with its
// record. It changes nothing, whatever it finds, and returns errAbsent if there
// is no store; other errors say what is wrong and what to do.
func (b *Backend) look() error {
	f, err := b.listing()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errAbsent
	case err != nil:
		return b.fail(err, fixOpen)
	}
	if f.has(lockName) {
		if err := b.takeLock(); err != nil {
			return err
		}
	}
	if err := b.lookInto(f); err != nil {
		return errors.Join(err, b.release())
	}
	return nil
}

// takeLock locks the store, unless it is locked.
func (b *Backend) takeLock() (err error) {
	if b.lock != nil {
		return nil
	}
	if b.lock, err = b.fs.Lock(b.fs.PathJoin(b.dir, lockName)); err != nil {
		b.lock = nil
		return b.fail(inFile(lockName, err), fixOpen)
	}
	return nil
}

func (b *Backend) lookInto(f files) (err error) {
	if b.state, err = b.readState(); err != nil {
		return b.fail(err, fixDamaged)
	}
	if b.recorded = b.state != nil; b.recorded {
		b.seen = slices.Clone(b.state.dead)
	}
	for _, name := range f.tables {
		if number, ok := tableNumber(name); ok {
			b.seen = append(b.seen, number)
		}
	}
	if absent, err := b.absent(f); err != nil {
		return b.fail(err, fixDamaged)
	} else if absent {
		return errAbsent
	}
	if f.options != "" {
		if err := b.checkOptions(f.options); err != nil {
			return b.fail(inFile(f.options, err), fixDamaged)
		}
	}
	cut := b.checkManifest(f.manifest)
	if err := b.withoutPanic(func() error { return b.openDB(b.lookOptions()) }); err != nil {
		return b.fail(inFile(f.manifest, cmp.Or(cut, err)), fixDamaged)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.withoutPanic(func() error { return b.judge(f, cut) }); err != nil {
		return b.fail(err, fixDamaged)
	}
	return nil
}

// withoutPanic runs f, in which Pebble may find what it never expects. A store
// that it panics on is abandoned.
func (b *Backend) withoutPanic(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			b.db = nil
			err = fmt.Errorf("makes no sense: %v", r)
		}
	}()
	return f()
}

// absent says whether there never was a snapshot in the store, or what is
// missing if there was one.
func (b *Backend) absent(f files) (bool, error) {
	held := b.state != nil && len(b.state.tables) > 0
	switch {
	case f.has(currentName):
		return false, inFile(currentName, errors.New("the store is of another program"))
	case f.manifest == "" && held:
		return false, errors.New(manifestMarker + "* is missing: it names the manifest")
	case f.manifest == "":
		if err := b.checkUnnamed(f, nil); err != nil {
			return false, fmt.Errorf("%w, and %s* is missing: it names the manifest", err, manifestMarker)
		}
		return true, nil
	case !f.has(f.manifest):
		return false, inFile(f.manifest, errors.New("is missing"))
	case !f.format && (held || len(f.tables) > 0):
		return false, errors.New(formatMarker + "* is missing: it names the version of the format")
	}
	return false, nil
}

// lookOptions are those with which Pebble changes nothing.
func (b *Backend) lookOptions() *pebble.Options {
	options := b.options()
	options.FS = lookOnly{b.fs}
	options.ReadOnly = true
	options.DisableConsistencyCheck = true // checkTables says more of what is wrong
	return options
}

// judge says whether the open store holds the last snapshot, whole. cut is what is
// wrong with the end of the manifest. b.mu is held.
func (b *Backend) judge(f files, cut error) error {
	if err := b.refresh(); err != nil { // perhaps for want of a table
		return cmp.Or(b.missing(f), err)
	}
	if err := b.checkTables(); err != nil {
		return err
	}
	if err := b.checkLayout(); err != nil {
		return err
	}
	if b.state == nil {
		if err := b.unrecorded(); err != nil {
			return err
		}
		if cut != nil {
			return inFile(f.manifest, cut)
		}
	} else {
		behind, err := b.state.behind(b.tables)
		if err != nil {
			if cut != nil {
				err = fmt.Errorf("%w; it %w", cut, err)
			}
			return inFile(f.manifest, err)
		}
		b.recorded = !behind
	}
	return b.checkUnnamed(f, b.tables)
}

// missing names a table that is in the record and not in the directory.
func (b *Backend) missing(f files) error {
	if b.state == nil {
		return nil
	}
	for _, t := range b.state.tables {
		if name := tableName(t.number); !f.has(name) {
			return inFile(name, errors.New("is missing"))
		}
	}
	return nil
}

// checkTables looks for the tables' files. What is in them is checked when it is
// read, block by block.
func (b *Backend) checkTables() error {
	for _, t := range b.tables {
		name := tableName(t.number)
		info, err := b.fs.Stat(b.fs.PathJoin(b.dir, name))
		switch {
		case err != nil:
			return err
		case uint64(info.Size()) != t.bytes:
			return inFile(name, fmt.Errorf("has %d bytes and should have %d", info.Size(), t.bytes))
		}
		if b.state == nil || !b.state.holds(t) {
			continue
		}
		tail, err := b.tail(t.number, t.bytes)
		if err != nil {
			return err
		}
		if tail != b.state.table(t.number).tail {
			return inFile(name, errors.New("is damaged at its end, or another table"))
		}
	}
	return nil
}

// unrecorded says whether the store had a record that is lost. Stores of versions
// before there were any have none.
func (b *Backend) unrecorded() error {
	if len(b.list) == 0 {
		return nil
	}
	s, err := b.scan(b.list[0].number, b.list[len(b.list)-1].number, 0)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(s.generations, func(g *found) bool { return g.recorded }) {
		err = inFile(stateName, errors.New("the record of the last snapshot is missing"))
	}
	return errors.Join(err, s.close())
}

// checkUnnamed looks at the tables that are not part of the snapshot. A crash
// may leave some: those that a commit had replaced, and those of a commit that
// did not come to its end. Pebble removes them. There are no others: a table that
// nothing explains is the trace of a snapshot that got lost.
func (b *Backend) checkUnnamed(f files, live []tableID) error {
	for _, name := range f.tables {
		number, ok := tableNumber(name)
		switch {
		case ok && slices.ContainsFunc(live, func(t tableID) bool { return t.number == number }):
		case ok && b.state != nil && b.explains(name, number):
		default:
			return inFile(name, errors.New("no manifest names it"))
		}
	}
	return nil
}

// explains says whether the record explains a table that is not part of the
// snapshot.
func (b *Backend) explains(name string, number uint64) bool {
	if number <= b.state.last {
		return b.state.table(number) != nil || slices.Contains(b.state.dead, number)
	}
	generation, err := b.generationOf(name)
	return err == nil && generation <= b.state.newest()+1
}

// generationOf reads from a table which generation it is of, 0 if it is the one
// with the layout.
func (b *Backend) generationOf(name string) (generation uint32, err error) {
	f, err := b.fs.Open(b.fs.PathJoin(b.dir, name))
	if err != nil {
		return 0, err
	}
	source, err := sstable.NewSimpleReadable(f)
	if err != nil {
		return 0, errors.Join(err, f.Close())
	}
	r, err := sstable.NewReader(context.Background(), source, sstable.ReaderOptions{})
	if err != nil {
		return 0, err // which has closed the file
	}
	defer func() { err = cmp.Or(err, r.Close()) }()
	it, err := r.NewIter(sstable.NoTransforms, nil, nil, sstable.AssertNoBlobHandles)
	if err != nil {
		return 0, err
	}
	defer func() { err = cmp.Or(err, it.Close()) }()
	first := it.First()
	if first == nil {
		return 0, cmp.Or(it.Error(), errRowShort)
	}
	return generationIn(first.K.UserKey)
}

// generationIn is the generation of a table whose first key that is.
func generationIn(key []byte) (uint32, error) {
	if bytes.Equal(key, layoutKey) {
		return 0, nil
	}
	generation, _, ok := splitChunk(key)
	if !ok || !bytes.HasPrefix(key, rowsKey) {
		return 0, errors.New("it holds something else than snapshots")
	}
	return generation, nil
}
