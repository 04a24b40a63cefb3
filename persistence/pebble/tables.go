package pebble

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2/objstorage/objstorageprovider"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/redistill-go/redistill/core/module"
)

// chunkBytes is how many bytes of records are gathered and sorted in memory
// before they become a table. A larger record is a table of its own.
const chunkBytes = 32 << 20

// tables turns records that come in any order into sorted table files in one
// directory.
type tables struct {
	fs      vfs.FS
	dir     string
	options sstable.WriterOptions
	limit   int // bytes of a chunk: chunkBytes, or less in tests

	arena []byte // keys and values of the chunk, in the order they came
	chunk []span

	paths []string
	meta  meta // of the records, whether in a file yet or not
}

// span is a record in the arena. A chunk is far smaller than 4 GiB even if it
// is one record that is as large as records get.
type span struct {
	key, value, end uint32
}

// add takes a record; its bytes may be reused afterwards.
func (t *tables) add(r module.Record) error {
	n := size(r)
	if n > maxRecord {
		return fmt.Errorf("key %.64q is a hash of about %d bytes, and this backend keeps hashes of up to %d: split it, or set persistence.backend to \"file\"", r.Key, n, maxRecord)
	}
	if len(t.arena) > 0 && len(t.arena)+n > t.limit {
		if err := t.flush(); err != nil {
			return err
		}
	}
	s := span{key: uint32(len(t.arena))}
	t.arena = appendKey(t.arena, uint32(len(t.paths)), r.Key)
	s.value = uint32(len(t.arena))
	t.arena = appendValue(t.arena, r)
	s.end = uint32(len(t.arena))
	t.chunk = append(t.chunk, s)
	t.meta.keys++
	return nil
}

// finish writes what is left and the meta record, and returns the tables.
func (t *tables) finish() ([]string, meta, error) {
	if err := t.flush(); err != nil {
		return nil, meta{}, err
	}
	_, err := t.write(func(w *sstable.Writer) error { return w.Set(metaKey, t.meta.encode()) })
	return t.paths, t.meta, err
}

// flush makes a table of the chunk.
func (t *tables) flush() error {
	if len(t.chunk) == 0 {
		return nil
	}
	key := func(s span) []byte { return t.arena[s.key:s.value] }
	slices.SortFunc(t.chunk, func(a, b span) int { return bytes.Compare(key(a), key(b)) })
	size, err := t.write(func(w *sstable.Writer) error {
		for _, s := range t.chunk {
			if err := w.Set(key(s), t.arena[s.value:s.end]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	t.meta.bytes += size
	t.chunk, t.arena = t.chunk[:0], t.arena[:0]
	if cap(t.arena) > 2*chunkBytes { // don't hold a huge value's memory
		t.arena = nil
	}
	return nil
}

// write makes the next table file, synced, from what fill sets in it.
func (t *tables) write(fill func(*sstable.Writer) error) (size uint64, err error) {
	path := t.fs.PathJoin(t.dir, fmt.Sprintf("%06d.sst", len(t.paths)))
	f, err := t.fs.Create(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		return 0, err
	}
	w := sstable.NewWriter(objstorageprovider.NewFileWritable(f), t.options)
	if err := fill(w); err != nil {
		_ = w.Close() // its error would be the same one
		return 0, err
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	m, err := w.Metadata()
	if err != nil {
		return 0, err
	}
	t.paths = append(t.paths, path)
	return m.Size, nil
}
