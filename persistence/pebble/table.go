package pebble

import (
	"errors"
	"runtime"
	"sync"

	"github.com/cockroachdb/pebble/v2/objstorage"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"
)

const (
	// blockBytes is the unit of compression and of checksums on disk.
	blockBytes = 32 << 10
	// writeBehind is after how many bytes of a file the system is asked to
	// begin writing them, so that the sync at the end has little to wait for.
	writeBehind = 1 << 20
	// giveWay is after how many rows a worker lets clients' goroutines run.
	giveWay = 64
)

// table is a table file that is being written.
type table struct {
	number uint32
	w      *sstable.Writer
	chunks uint32
	rows   int
}

// set adds a row; keys come in order.
func (t *table) set(key, value []byte) error {
	if t.rows++; t.rows%giveWay == 0 {
		runtime.Gosched()
	}
	return t.w.Set(key, value)
}

// syncs are the files whose sync is under way while the next are filled.
type syncs struct {
	wg sync.WaitGroup
	mu sync.Mutex
	// err is the first error.
	err error
}

// wait returns when all files are synced and closed.
func (s *syncs) wait() error {
	s.wg.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *syncs) file(f vfs.File) *output {
	return &output{file: vfs.NewSyncingFile(f, vfs.SyncingFileOptions{BytesPerSync: writeBehind}), syncs: s}
}

// output is the file of a table. To Finish does not wait for the disk.
type output struct {
	file  vfs.File
	syncs *syncs
}

var _ objstorage.Writable = (*output)(nil)

// Write implements objstorage.Writable.
func (o *output) Write(p []byte) error {
	_, err := o.file.Write(p)
	return err
}

// Finish implements objstorage.Writable.
func (o *output) Finish() error {
	o.syncs.wg.Go(func() {
		err := errors.Join(o.file.Sync(), o.file.Close())
		o.syncs.mu.Lock()
		defer o.syncs.mu.Unlock()
		if o.syncs.err == nil {
			o.syncs.err = err
		}
	})
	return nil
}

// Abort implements objstorage.Writable.
func (o *output) Abort() { _ = o.file.Close() }
