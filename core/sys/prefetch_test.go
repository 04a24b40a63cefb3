package sys

import "testing"

// A hint must never fault: not beyond what is committed, nor change anything.
func TestPrefetchIsAHint(t *testing.T) {
	r, err := Reserve(2 * HugePage)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := r.Commit(0, HugePage); err != nil {
		t.Fatal(err)
	}
	r.Store(64, 7)
	for _, n := range []uint64{1, 64, 65, 4096} {
		r.Prefetch(0, n)
		r.Prefetch(HugePage, n) // nothing is committed there
	}
	if got := r.Load(64); got != 7 {
		t.Errorf("%d, want 7", got)
	}
}
