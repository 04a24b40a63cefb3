package process

import (
	"context"
	"errors"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redistill-go/redistill/core/command"
)

// stopsTest is a process that takes a minute to save its last snapshot.
type stopsTest struct {
	stops
	signals             chan os.Signal
	done                chan struct{}
	full                error // why the snapshot can't be saved
	tries, ended, exits atomic.Int64
}

const grace = 10 * time.Second

func newStopsTest() *stopsTest {
	st := &stopsTest{signals: make(chan os.Signal, 8), done: make(chan struct{})}
	st.prepare = func(a *attempt) error {
		st.tries.Add(1)
		if a.Last == command.SaveNever {
			return nil
		}
		err := st.full
		select {
		case <-time.After(time.Minute):
		case <-a.ctx.Done():
			err = context.Cause(a.ctx)
		}
		if err != nil && !errors.Is(err, errAborted) && st.forced(a) {
			return nil
		}
		return err
	}
	st.end = func() { st.ended.Add(1) }
	go st.hear(st.signals, grace, st.done, func() { st.exits.Add(1) })
	return st
}

func (st *stopsTest) expect(t *testing.T, tries, ended, exits int64) {
	t.Helper()
	synctest.Wait()
	if n, e, x := st.tries.Load(), st.ended.Load(), st.exits.Load(); n != tries || e != ended || x != exits {
		t.Errorf("%d tries, ended %d times, at once %d times; want %d, %d, %d", n, e, x, tries, ended, exits)
	}
}

func TestSignalsDuringAStop(t *testing.T) {
	for name, test := range map[string]func(*testing.T, *stopsTest){
		"SIGTERM waits for the grace": func(t *testing.T, st *stopsTest) {
			st.signals <- syscall.SIGTERM
			st.signals <- syscall.SIGTERM
			st.expect(t, 1, 0, 0)
			time.Sleep(grace - time.Nanosecond)
			st.signals <- syscall.SIGTERM
			st.expect(t, 1, 0, 0)
			time.Sleep(time.Nanosecond)
			st.signals <- syscall.SIGTERM
			st.expect(t, 1, 0, 1)
		},
		"SIGTERM alone": func(t *testing.T, st *stopsTest) {
			st.signals <- syscall.SIGTERM
			time.Sleep(time.Minute)
			st.expect(t, 1, 1, 0)
		},
		"SIGINT twice": func(t *testing.T, st *stopsTest) {
			st.signals <- os.Interrupt
			st.signals <- os.Interrupt
			st.expect(t, 1, 0, 1)
		},
		"SIGINT after SIGTERM": func(t *testing.T, st *stopsTest) {
			st.signals <- syscall.SIGTERM
			st.signals <- os.Interrupt
			st.expect(t, 1, 0, 1)
		},
		"a stop that failed is forgotten": func(t *testing.T, st *stopsTest) {
			st.full = errors.New("no space left")
			st.signals <- os.Interrupt
			time.Sleep(time.Minute)
			st.expect(t, 1, 0, 0)
			st.full = nil
			st.signals <- os.Interrupt
			time.Sleep(time.Minute)
			st.expect(t, 2, 1, 0)
		},
		"SHUTDOWN joins": func(t *testing.T, st *stopsTest) {
			st.full = errors.New("no space left")
			st.signals <- syscall.SIGTERM
			synctest.Wait()
			if err := st.Stop(command.Stop{}); !errors.Is(err, st.full) {
				t.Errorf("SHUTDOWN: %v", err)
			}
			st.expect(t, 1, 0, 0)
		},
		"SHUTDOWN NOSAVE hurries": func(t *testing.T, st *stopsTest) {
			began := time.Now()
			st.signals <- syscall.SIGTERM
			synctest.Wait()
			if err := st.Stop(command.Stop{Last: command.SaveNever}); err != nil || !time.Now().Equal(began) {
				t.Errorf("SHUTDOWN NOSAVE: %v, after %v", err, time.Since(began))
			}
			st.expect(t, 1, 1, 0)
		},
		"SHUTDOWN FORCE": func(t *testing.T, st *stopsTest) {
			st.full = errors.New("no space left")
			if err := st.Stop(command.Stop{Force: true}); err != nil {
				t.Errorf("SHUTDOWN FORCE: %v", err)
			}
			st.expect(t, 1, 1, 0)
		},
		"SHUTDOWN ABORT": func(t *testing.T, st *stopsTest) {
			if st.Abort() {
				t.Error("there was nothing to abort")
			}
			st.signals <- syscall.SIGTERM
			synctest.Wait()
			if !st.Abort() {
				t.Error("there was something to abort")
			}
			st.expect(t, 1, 0, 0)
			if _, under := st.since(); under {
				t.Error("the stop is still under way")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				st := newStopsTest()
				test(t, st)
				close(st.done)
				time.Sleep(time.Hour) // whatever waits has ended
			})
		})
	}
}
