package pebble

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
)

// create makes an empty store. Its record comes first: where there is a store
// with a snapshot, there is a record.
func (b *Backend) create() error {
	if err := b.makeDir(); err != nil {
		return b.fail(err, fixOpen)
	}
	if err := b.takeLock(); err != nil {
		return err
	}
	if err := b.openForWriting(true); err != nil {
		return errors.Join(b.fail(err, fixOpen), b.release())
	}
	return nil
}

// takeOver opens for writing the store that was looked at until now.
func (b *Backend) takeOver() error {
	if b.taken || b.reader {
		return nil
	}
	if err := b.closeDB(); err != nil {
		return errors.Join(b.fail(err, fixOpen), b.release())
	}
	if err := b.relock(); err != nil {
		return errors.Join(err, b.release())
	}
	if err := b.openForWriting(false); err != nil {
		return errors.Join(b.fail(err, fixOpen), b.release())
	}
	return nil
}

// relock locks the store if there was no lock file when it was looked at. Who
// came in between has left another record.
func (b *Backend) relock() error {
	if b.lock != nil {
		return nil
	}
	if err := b.takeLock(); err != nil {
		return err
	}
	now, err := b.readState()
	if err != nil {
		return b.fail(err, fixDamaged)
	}
	if (now == nil) != (b.state == nil) || now != nil && !slices.Equal(now.encode(), b.state.encode()) {
		return b.fail(errors.New("was changed while it was read"), "start again when no other process uses the directory")
	}
	return nil
}

// openForWriting opens the store as it was looked at, or a new one.
func (b *Backend) openForWriting(fresh bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tighten()
	before := slices.Clone(b.tables)
	if fresh && b.state == nil {
		if err := b.record(); err != nil {
			return err
		}
	}
	if err := b.removeLogs(); err != nil {
		return err
	}
	if err := b.openDB(b.options()); err != nil {
		return err
	}
	if err := b.guarded(b.refresh); err != nil {
		return err
	}
	if !slices.Equal(before, b.tables) {
		return errors.New("was changed while it was read")
	}
	if !b.recorded {
		if err := b.record(); err != nil {
			return err
		}
	}
	if err := b.sweep(); err != nil {
		return err
	}
	b.taken = true
	return nil
}

// removeLogs removes Pebble's logs, in which there is nothing: what is committed
// goes past them. Pebble would write a manifest because of them, in a goroutine of
// its own, where nobody can catch its panic if the disk fails.
func (b *Backend) removeLogs() error {
	names, err := b.fs.List(b.dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, ok := numberIn(name, logSuffix); !ok {
			continue
		}
		if err := b.fs.Remove(b.fs.PathJoin(b.dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// sweep makes the directory for tables that are not part of the store yet, and
// removes what an interrupted Save has left there.
func (b *Backend) sweep() error {
	if err := b.fs.MkdirAll(b.incoming(), dirMode); err != nil {
		return err
	}
	names, err := b.fs.List(b.incoming())
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, ok := tableNumber(name); !ok {
			continue
		}
		if err := b.fs.Remove(b.fs.PathJoin(b.incoming(), name)); err != nil {
			return err
		}
	}
	return nil
}

// makeDir makes the directory and those above it that do not exist, durably.
func (b *Backend) makeDir() error {
	var above []string
	for dir := b.dir; ; {
		if _, err := b.fs.Stat(dir); err == nil {
			break
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		parent := b.fs.PathDir(dir)
		if parent == dir {
			break
		}
		above, dir = append(above, parent), parent
	}
	if err := b.fs.MkdirAll(b.dir, dirMode); err != nil {
		return err
	}
	for _, dir := range above {
		if err := syncDir(b.fs, dir); err != nil {
			return err
		}
	}
	return nil
}

// tighten takes from everybody but the owner what an earlier version or an
// administrator may have let them do: with the directory and with the files in it
// that are the store's own. A directory that holds others' files as well is left
// to them. It must not keep the server from starting: who does not own the
// files can't, and may use them all the same.
func (b *Backend) tighten() {
	if _, ok := b.fs.(privateFS); !ok {
		return
	}
	if err := tighten(b.dir); err != nil {
		slog.Warn("others may be able to read the store", "module", ID, "dir", b.dir, "problem", err)
	}
}

func tighten(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var problems []error
	foreign := ""
	for _, e := range entries {
		if !ours(e.Name()) {
			foreign = e.Name()
			continue
		}
		mode := fileMode
		if e.IsDir() {
			mode = dirMode
		}
		problems = append(problems, limit(dir+string(os.PathSeparator)+e.Name(), mode))
	}
	if info, err := os.Stat(dir); err != nil || foreign == "" {
		problems = append(problems, err, limit(dir, dirMode))
	} else if info.Mode().Perm()&^dirMode != 0 {
		problems = append(problems, fmt.Errorf("its mode stays %v, since %s in it is not the store's", info.Mode().Perm(), foreign))
	}
	return errors.Join(problems...)
}

// limit makes the mode what it should be, unless it is.
func limit(path string, mode fs.FileMode) error {
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Perm() == mode || info.Mode()&fs.ModeSymlink != 0 {
		return err
	}
	return os.Chmod(path, mode)
}

// ours says whether an entry of the directory is one of those that the store
// consists of, by its name.
func ours(name string) bool {
	switch name {
	case stateName, newStateName, lockName, "incoming":
		return true
	}
	for _, prefix := range []string{"marker.", manifestPrefix, optionsPrefix, "temporary."} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	_, table := tableNumber(name)
	_, log := numberIn(name, logSuffix)
	return table || log
}
