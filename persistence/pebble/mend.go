package pebble

import "log/slog"

// maxMends is how often a process may leave a store that broke and open it
// anew. What Pebble holds for one that it can't go on with, some open files and a
// few MiB, can't be given back.
const maxMends = 8

// mend opens a store again that broke when Pebble could not write what it can't go
// on without. It is whole on disk, as after a crash, and is looked at in the same
// way. If the disk still fails, the store stays broken.
func (b *Backend) mend() error {
	cause := b.broken.Load()
	if cause == nil {
		return nil
	}
	if b.mends == maxMends {
		return b.usable()
	}
	b.stop()
	b.mu.Lock()
	merging := b.merging
	b.mu.Unlock()
	if merging { // it may wait for what Pebble never lets go of
		return b.usable()
	}
	b.background.Wait()
	b.mends++
	b.db, b.taken = nil, false
	b.broken.Store(nil)
	err := b.look()
	if err == nil {
		err = b.takeOver()
	}
	if err != nil {
		b.broken.Store(cause)
		slog.Error("the store can't be opened again yet", "module", ID, "dir", b.dir, "error", err)
		return b.usable()
	}
	slog.Info("the store is open again", "module", ID, "dir", b.dir, "after", oneLine{*cause})
	return nil
}
