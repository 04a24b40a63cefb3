package pebble

import (
	"fmt"
	"log/slog"
	"runtime"
)

// logger passes Pebble's errors on and keeps its chatter for debugging.
type logger struct{}

func (logger) Infof(format string, args ...any) {
	slog.Debug(fmt.Sprintf(format, args...), "module", ID)
}

func (logger) Errorf(format string, args ...any) {
	slog.Error(fmt.Sprintf(format, args...), "module", ID)
}

// Fatalf must not return: Pebble would go on and delete tables that its
// manifest may already name. Since all that can call it runs under guard, and
// not in a goroutine of Pebble's own, a panic takes the place of an exit.
func (logger) Fatalf(format string, args ...any) {
	panic(fatalError{fmt.Errorf(format, args...)})
}

// fatalError is what Pebble could not go on after.
type fatalError struct{ error }

// guard runs f and turns a fatalError into an error, and what else Pebble panics
// with when the disk fails: a marker, that its directory can't be synced. The store
// must not be used after either.
func guard(f func() error) (fatal bool, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case fatalError:
			fatal, err = true, r.error
		case runtime.Error:
			panic(r)
		case error:
			fatal, err = true, r
		default:
			panic(r)
		}
	}()
	return false, f()
}

// guarded runs f on the open store. If Pebble can't go on, it remembers why.
func (b *Backend) guarded(f func() error) error {
	if err := b.usable(); err != nil {
		return err
	}
	fatal, err := guard(f)
	if fatal {
		b.broken.CompareAndSwap(nil, &err)
	}
	return err
}
