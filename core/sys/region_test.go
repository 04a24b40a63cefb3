package sys

import (
	"bytes"
	"strings"
	"testing"
)

func reserve(t *testing.T, size uint64) Region {
	t.Helper()
	r, err := Reserve(size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func TestCommittedBytesKeepWhatIsWritten(t *testing.T) {
	r := reserve(t, 8<<20)
	if err := r.Commit(2<<20, 2<<20); err != nil {
		t.Fatal(err)
	}
	b := r.Bytes(2<<20, 2<<20)
	if !bytes.Equal(b[:4096], make([]byte, 4096)) {
		t.Fatal("fresh memory is not zero")
	}
	copy(b[2<<20-5:], "hello")
	if got := r.Bytes(4<<20-5, 5); string(got) != "hello" {
		t.Fatalf("read back %q", got)
	}
	r.Store(2<<20+8, 0x0102030405060708)
	if r.Load(2<<20+8) != 0x0102030405060708 || r.Words(2<<20, 2)[1] != 0x0102030405060708 {
		t.Fatal("words don't read back")
	}
}

func TestReleasedBytesReadAsZeroAndCanBeUsedAgain(t *testing.T) {
	r := reserve(t, 4<<20)
	if err := r.Commit(0, 4<<20); err != nil {
		t.Fatal(err)
	}
	r.Store(2<<20, 7)
	r.Store(8, 9)
	if err := r.Release(2<<20, 2<<20); err != nil {
		t.Fatal(err)
	}
	if got := r.Load(2 << 20); got != 0 {
		t.Fatalf("released memory holds %d", got)
	}
	if got := r.Load(8); got != 9 {
		t.Fatalf("memory beside the released range holds %d", got)
	}
	r.Store(2<<20, 8)
	if got := r.Load(2 << 20); got != 8 {
		t.Fatalf("memory used again holds %d", got)
	}
}

func TestReservationIsAlignedToAHugePage(t *testing.T) {
	r := reserve(t, 1)
	if uintptr(r.base)%HugePage != 0 || r.Size() != HugePage {
		t.Fatalf("base %p, size %d", r.base, r.Size())
	}
}

func TestReserveSaysHowMuchItCouldNotGet(t *testing.T) {
	_, err := Reserve(1 << 60)
	if err == nil || !strings.Contains(err.Error(), "1152921504606846976 bytes") {
		t.Fatalf("got %v", err)
	}
}

func TestSliceRefusesPointersAndOverflow(t *testing.T) {
	r := reserve(t, HugePage)
	mustPanic(t, "pointers", func() { Slice[struct{ s string }](r, 1) })
	mustPanic(t, "too long", func() { Slice[uint64](r, HugePage/8+1) })
	if got := len(Slice[[2]uint32](r, HugePage/8)); got != HugePage/8 {
		t.Fatalf("length %d", got)
	}
}

func TestCheckedBuildRefusesAccessOutside(t *testing.T) {
	if !Checked {
		// The race detector's run has the checks; this one asserts that the
		// plain build really leaves them out.
		r := Region{size: 8}
		r.check(16, 8)
		return
	}
	r := reserve(t, HugePage)
	mustPanic(t, "past the end", func() { r.Bytes(HugePage-4, 8) })
	mustPanic(t, "overflow", func() { r.Bytes(^uint64(0), 2) })
}

func mustPanic(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s: no panic", what)
		}
	}()
	f()
}

func TestPopulateKeepsWhatIsThere(t *testing.T) {
	r := reserve(t, 4<<20)
	if err := r.Commit(0, 4<<20); err != nil {
		t.Fatal(err)
	}
	r.Store(16, 5)
	if err := r.Populate(0, 4<<20); err != nil {
		t.Fatal(err)
	}
	if got := r.Load(16); got != 5 {
		t.Fatalf("populated memory holds %d", got)
	}
	if got := r.Load(3 << 20); got != 0 {
		t.Fatalf("memory that was never written holds %d", got)
	}
}
