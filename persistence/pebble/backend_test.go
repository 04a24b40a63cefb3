package pebble

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/snapshot/snapshottest"
)

func TestSecondProcessIsKeptOut(t *testing.T) {
	dir := t.TempDir()
	first := New(configFor(dir))
	if err := first.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := New(configFor(dir))
	if err := second.Open(t.Context()); err == nil || !strings.HasPrefix(err.Error(), ID+": "+dir+": ") {
		t.Errorf("a second Open of the same directory: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := second.Open(t.Context()); err != nil {
		t.Errorf("Open after the first was closed: %v", err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}

func TestLoadProgress(t *testing.T) {
	b := openOn(t, vfs.NewMem())
	if done, total := b.LoadProgress().Now(); done != 0 || total != 0 {
		t.Errorf("before a load it is at %d of %d", done, total)
	}
	save(t, b, oldRecords)
	load(t, b)
	if done, total := b.LoadProgress().Now(); total == 0 || done != total {
		t.Errorf("after the load it is at %d of %d", done, total)
	}
}

func TestNotOpen(t *testing.T) {
	b := New(configFor("store"))
	if _, err := b.Save(t.Context(), snapshottest.Records{}.Source()); err == nil {
		t.Error("Save before Open gives no error")
	}
	if _, err := b.Load(t.Context(), &snapshottest.Sink{}); err == nil {
		t.Error("Load before Open gives no error")
	}
	if err := b.Close(); err != nil {
		t.Errorf("Close before Open: %v", err)
	}
}

func configFor(dir string) *Config {
	cfg := DefaultConfig()
	cfg.Dir = dir
	return cfg
}

// TestDisagreement: a store that was written to behind the backend's back.
func TestDisagreement(t *testing.T) {
	row := func(key string) []byte { return append(appendSlot(nil, 1, 0, uint32(slotOf([]byte(key)))), key...) }
	header := appendChunk(nil, 1, headerChunk)
	tests := map[string]struct {
		key, value []byte
		problem    string
	}{
		"one row too many":     {row("other"), appendValue(nil, snapshot.Record{}), "generation 1 holds 61 rows and should hold 60"},
		"row layout":           {row("key"), []byte{layout + 1, typeString, 0}, `key "key": a row has layout 3`},
		"value type":           {row("key"), []byte{layout, 9, 0}, `key "key": a row has value type 9`},
		"short value":          {row("key"), []byte{layout}, "a row is too short"},
		"endless expiry":       {row("key"), []byte{layout, typeString, 0x80}, "a row is too short"},
		"short key":            {append(appendChunk(nil, 1, 0), 1), appendValue(nil, snapshot.Record{}), "a row is too short"},
		"short header":         {header, []byte{layout, 1}, "the header of a generation makes no sense"},
		"header layout":        {header, []byte{layout + 1, 1, 60}, "the header of a generation makes no sense"},
		"endless header":       {header, []byte{layout, 1, 0x80}, "a row is too short"},
		"generation with none": {append(appendSlot(nil, 2, 0, 7), "key"...), appendValue(nil, snapshot.Record{}), "generation 2 has no header"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := openOn(t, vfs.NewMem())
			save(t, b, oldRecords)
			b.list = append(b.list, size{number: 2})
			if err := b.db.Set(test.key, test.value, pebble.NoSync); err != nil {
				t.Fatal(err)
			}
			_, err := b.Load(t.Context(), &snapshottest.Sink{})
			if err == nil || !strings.Contains(err.Error(), test.problem) || !strings.HasPrefix(err.Error(), ID+": store: ") {
				t.Errorf("error %v, want one that says %q", err, test.problem)
			}
		})
	}
}

// TestLayout: a store that this version can't use is refused and left alone.
func TestLayout(t *testing.T) {
	for name, test := range map[string]struct {
		key, value []byte
		problem    string
	}{
		"newer":          {layoutKey, []byte{layout + 1}, "it has layout 3, of a newer version of this server"},
		"older":          {layoutKey, []byte{layout - 1}, "it has layout 1, and this version reads layout 2"},
		"nonsense":       {layoutKey, []byte{1, 60, 3}, "the record of the layout makes no sense"},
		"something else": {[]byte("a"), nil, "it holds something else than snapshots"},
	} {
		t.Run(name, func(t *testing.T) {
			fs := vfs.NewMem()
			b := openOn(t, fs)
			save(t, b, oldRecords)
			if err := errors.Join(b.db.Set(test.key, test.value, pebble.NoSync), b.db.Flush(), b.Close()); err != nil {
				t.Fatal(err)
			}
			b = New(configFor("store"))
			b.fs = fs
			if err := b.Open(t.Context()); err == nil || !strings.Contains(err.Error(), test.problem) {
				t.Errorf("error %v, want one that says %q", err, test.problem)
			}
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestGuard(t *testing.T) {
	plain := errors.New("plain")
	if fatal, err := guard(func() error { return plain }); fatal || err != plain {
		t.Errorf("a plain error becomes %v, %v", fatal, err)
	}
	fatal, err := guard(func() error { logger{}.Fatalf("disk: %w", plain); return nil })
	if !fatal || !errors.Is(err, plain) {
		t.Errorf("a fatal error becomes %v, %v", fatal, err)
	}
	fatal, err = guard(func() error { panic(plain) })
	if !fatal || err != plain {
		t.Errorf("a panic with an error becomes %v, %v", fatal, err)
	}
	defer func() {
		if r := recover(); r != "other" {
			t.Errorf("another panic becomes %v", r)
		}
	}()
	_, _ = guard(func() error { panic("other") })
}

func TestValidate(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Errorf("the defaults are refused: %v", err)
	}
	for key, set := range map[string]func(*Config){
		"dir":         func(c *Config) { c.Dir = "" },
		"mode":        func(c *Config) { c.Mode = "often" },
		"interval":    func(c *Config) { c.Interval = config.Duration(999 * time.Millisecond) },
		"compression": func(c *Config) { c.Compression = "lzf" },
	} {
		var field *config.FieldError
		cfg := DefaultConfig()
		set(cfg)
		if err := cfg.Validate(); !errors.As(err, &field) || field.Key != key || field.Fix == "" {
			t.Errorf("error %v, want a FieldError of %s", err, key)
		}
	}
	var field *config.FieldError
	if err := (&Config{Dir: "a\x00b"}).Validate(); !errors.As(err, &field) || field.Key != "dir" {
		t.Errorf("a zero byte in the directory: %v", err)
	}
}

func TestSaveEvery(t *testing.T) {
	cfg := DefaultConfig()
	if every := New(cfg).SaveEvery(); every != 0 {
		t.Errorf("mode snapshot: %v", every)
	}
	cfg.Mode, cfg.Interval = ModeContinuous, config.Duration(2*time.Second)
	if every := New(cfg).SaveEvery(); every != 2*time.Second {
		t.Errorf("mode continuous: %v", every)
	}
}

// Rows that a damaged block could hold are refused, whatever they claim.
func TestParseRecordRefuses(t *testing.T) {
	key := []byte("k")
	hash := snapshot.Record{Fields: []snapshot.Field{{Name: []byte("f"), Value: []byte("v"), ExpireAt: 5}, {Name: []byte("g")}}}
	value := appendValue(nil, hash)
	fields := []snapshot.Field{}
	if r, ok, err := parseRecord(key, value, &fields); err != nil || !ok || len(r.Fields) != 2 || r.Fields[0].ExpireAt != 5 {
		t.Fatalf("%+v, %v, %v", r, ok, err)
	}
	if _, ok, err := parseRecord(key, tombstone, &fields); ok || err != nil {
		t.Fatalf("a tombstone: %v, %v", ok, err)
	}
	for i := range value {
		if r, _, err := parseRecord(key, value[:i], &fields); err == nil {
			t.Errorf("cut at %d: %+v", i, r)
		}
	}
	for name, bad := range map[string][]byte{
		"layout":      {layout + 1, typeString, 0},
		"type":        {layout, typeTombstone + 1, 0},
		"more":        append(slices.Clone(value), 0),
		"many fields": {layout, typeHash, 0, 0xff, 0xff, 0xff, 0xff, 0x7f},
		"long name":   {layout, typeHash, 0, 1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0},
	} {
		if r, _, err := parseRecord(key, bad, &fields); err == nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// A hash that no record can hold is refused with its name.
func TestTooLargeHash(t *testing.T) {
	long := make([]byte, 1<<20)
	r := snapshot.Record{Key: []byte("giant")}
	for range maxRecord/len(long) + 1 {
		r.Fields = append(r.Fields, snapshot.Field{Name: long})
	}
	if err := (&worker{}).put(r); err == nil || !strings.Contains(err.Error(), `"giant"`) {
		t.Errorf("put: %v", err)
	}
}
