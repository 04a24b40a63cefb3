package measure

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestApartGivesOthersTheOtherProcessors(t *testing.T) {
	var before unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		t.Fatal(err)
	}
	processors := runtime.GOMAXPROCS(0)
	a, err := NewApart()
	if before.Count() < 2 {
		if err == nil {
			t.Error("one processor was divided")
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		runtime.GOMAXPROCS(processors)
		a.own = before
		if err := a.confine(); err != nil {
			t.Error(err)
		}
	}()
	var own unix.CPUSet
	if err := unix.SchedGetaffinity(0, &own); err != nil || own != a.own {
		t.Errorf("this process has %v, want %v; %v", own, a.own, err)
	}
	var out []byte
	if err := a.Start(func() error {
		out, err = exec.CommandContext(t.Context(), "cat", "/proc/self/status").Output()
		return err
	}); err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(out), "Cpus_allowed_list:\t")
	list, _, _ = strings.Cut(list, "\n")
	if before.Count() == 2 && before.IsSet(0) && before.IsSet(1) && list != "1" || list == "" {
		t.Errorf("the child has %q", list)
	}
	for cpu := range 1024 {
		if a.own.IsSet(cpu) && a.theirs.IsSet(cpu) || (a.own.IsSet(cpu) || a.theirs.IsSet(cpu)) != before.IsSet(cpu) {
			t.Errorf("processor %d is had by both or by none", cpu)
		}
	}
}
