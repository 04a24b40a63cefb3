package measure

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// Apart keeps this process and the servers that it starts on processors of their
// own, so that neither waits for a time slice that the other has.
type Apart struct{ own, theirs unix.CPUSet }

// NewApart divides the processors that this process may use, half for each, and
// confines the process to its own. It fails where there is only one.
func NewApart() (*Apart, error) {
	var may unix.CPUSet
	if err := unix.SchedGetaffinity(0, &may); err != nil {
		return nil, fmt.Errorf("processors of this process: %w", err)
	}
	a, seen := &Apart{}, 0
	for cpu := range len(may) * strconv.IntSize {
		if !may.IsSet(cpu) {
			continue
		}
		if seen++; seen%2 == 1 {
			a.own.Set(cpu)
		} else {
			a.theirs.Set(cpu)
		}
	}
	if seen < 2 {
		return nil, errors.New("there is only one processor: the server can't have one of its own")
	}
	runtime.GOMAXPROCS(a.own.Count())
	return a, a.confine()
}

// confine binds the threads that there are; others come from them.
func (a *Apart) confine() error {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, t := range threads {
		id, err := strconv.Atoi(t.Name())
		if err != nil {
			return err
		}
		if err := unix.SchedSetaffinity(id, &a.own); err != nil && !errors.Is(err, unix.ESRCH) {
			return fmt.Errorf("bind thread %d: %w", id, err)
		}
	}
	return nil
}

// Start calls start, which starts a process: that has the other processors.
func (a *Apart) Start(start func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.SchedSetaffinity(0, &a.theirs); err != nil {
		return fmt.Errorf("bind a thread: %w", err)
	}
	return errors.Join(start(), unix.SchedSetaffinity(0, &a.own))
}
