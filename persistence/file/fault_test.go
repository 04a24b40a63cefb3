package file

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/snapshot/snapshottest"
	"github.com/redistill-go/redistill/persistence/disk/simdisk"
)

// TestReadErrors makes every operation of a Load fail, one at a time.
func TestReadErrors(t *testing.T) {
	records := snapshottest.Numbered(5000, "x")
	d := simdisk.New()
	b := NewOn(d, DefaultConfig())
	if _, err := b.Save(t.Context(), records.Source()); err != nil {
		t.Fatal(err)
	}
	whole := d.ReadFile("dump.rdb")
	for at := 0; ; at++ {
		n := 0
		d.Hook(func(op simdisk.Op) error {
			if op.Changes() {
				t.Errorf("Load makes a change: %s", op)
			}
			if n++; n == at+1 {
				return syscall.EIO
			}
			return nil
		})
		var s snapshottest.Sink
		_, err := b.Load(t.Context(), &s)
		d.Hook(nil)
		if err == nil {
			snapshottest.Same(t, s.Records, records)
			if at < 4 {
				t.Errorf("a Load makes only %d operations", at)
			}
			break
		}
		if !errors.Is(err, syscall.EIO) || errors.Is(err, snapshot.ErrNoSnapshot) || !strings.HasPrefix(err.Error(), ID+": dump.rdb: ") {
			t.Errorf("operation %d fails: %v", at, err)
		}
	}
	if !bytes.Equal(d.ReadFile("dump.rdb"), whole) {
		t.Error("the file was changed")
	}
}

// TestFirstError: of several errors, found by several goroutines, the one is
// told that comes first in the file.
func TestFirstError(t *testing.T) {
	var records snapshottest.Records
	for i := range 4000 {
		records = append(records, snapshot.Record{Key: fmt.Appendf(nil, "%04d", i), Value: bytes.Repeat([]byte{byte(i)}, 500)})
	}
	d := simdisk.New()
	b := NewOn(d, &Config{Path: "dump.rdb"})
	if _, err := b.Save(t.Context(), records.Source()); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no room")
	for range 20 {
		_, err := b.Load(t.Context(), putFunc(func(r snapshot.Record) error {
			if string(r.Key) >= "0450" {
				return full
			}
			return nil
		}))
		if !errors.Is(err, full) || !strings.Contains(err.Error(), `key "0450"`) {
			t.Fatalf("got %v, want the error of key 0450", err)
		}
	}
}

type putFunc func(snapshot.Record) error

func (f putFunc) Put(r snapshot.Record) error { return f(r) }
