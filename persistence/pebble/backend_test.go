package pebble

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/persistence/persisttest"
)

func TestSecondProcessIsKeptOut(t *testing.T) {
	dir := t.TempDir()
	first := New(Config{Dir: dir})
	if err := first.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := New(Config{Dir: dir})
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

func TestNotOpen(t *testing.T) {
	b := New(Config{Dir: "store"})
	if _, err := b.Save(t.Context(), persisttest.Records{}.Source()); err == nil {
		t.Error("Save before Open gives no error")
	}
	if _, err := b.Load(t.Context(), &persisttest.Sink{}); err == nil {
		t.Error("Load before Open gives no error")
	}
	if err := b.Close(); err != nil {
		t.Errorf("Close before Open: %v", err)
	}
}

// TestDisagreement: a store that was written to behind the backend's back.
func TestDisagreement(t *testing.T) {
	record := appendKey(nil, 0, []byte("key"))
	tests := map[string]struct {
		key, value []byte
		problem    string
	}{
		"one record too many": {appendKey(nil, 9, []byte("key")), appendValue(nil, module.Record{}), "holds 61 keys and should hold 60"},
		"record layout":       {record, []byte{2, typeString, 0}, `key "key" has record layout 2`},
		"value type":          {record, []byte{layout, 9, 0}, `key "key" has value type 9`},
		"short record":        {record, []byte{layout}, "a record is too short"},
		"endless expiry":      {record, []byte{layout, typeString, 0x80}, "a record is too short"},
		"short key":           {[]byte("rx"), appendValue(nil, module.Record{}), "a record is too short"},
		"snapshot layout":     {metaKey, []byte{2, 1, 1}, "the snapshot has layout 2"},
		"short meta":          {metaKey, []byte{layout, 60}, "the meta record is too short"},
		"empty meta":          {metaKey, nil, "the meta record is too short"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := openOn(t, vfs.NewMem())
			save(t, b, oldRecords)
			if err := b.db.Set(test.key, test.value, pebble.NoSync); err != nil {
				t.Fatal(err)
			}
			_, err := b.Load(t.Context(), &persisttest.Sink{})
			if err == nil || !strings.Contains(err.Error(), test.problem) || !strings.HasPrefix(err.Error(), ID+": store: ") {
				t.Errorf("error %v, want one that says %q", err, test.problem)
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
	for _, dir := range []string{"", "a\x00b"} {
		var field *config.FieldError
		err := (&Config{Dir: dir}).Validate()
		if !errors.As(err, &field) || field.Key != "dir" || field.Fix == "" {
			t.Errorf("dir %q: error %v, want a FieldError of dir", dir, err)
		}
	}
}

// Records that a damaged block could hold are refused, whatever they claim.
func TestParseRecordRefuses(t *testing.T) {
	key := appendKey(nil, 0, []byte("k"))
	hash := module.Record{Fields: []module.Field{{Name: []byte("f"), Value: []byte("v"), ExpireAt: 5}, {Name: []byte("g")}}}
	value := appendValue(nil, hash)
	fields := []module.Field{}
	if r, err := parseRecord(key, value, &fields); err != nil || len(r.Fields) != 2 || r.Fields[0].ExpireAt != 5 {
		t.Fatalf("%+v, %v", r, err)
	}
	for i := range value {
		if r, err := parseRecord(key, value[:i], &fields); err == nil {
			t.Errorf("cut at %d: %+v", i, r)
		}
	}
	for name, bad := range map[string][]byte{
		"layout":      {layout + 1, typeString, 0},
		"type":        {layout, typeHash + 1, 0},
		"more":        append(slices.Clone(value), 0),
		"many fields": {layout, typeHash, 0, 0xff, 0xff, 0xff, 0xff, 0x7f},
		"long name":   {layout, typeHash, 0, 1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0},
	} {
		if r, err := parseRecord(key, bad, &fields); err == nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// A hash that no record can hold is refused with its name.
func TestTooLargeHash(t *testing.T) {
	long := make([]byte, 1<<20)
	r := module.Record{Key: []byte("giant")}
	for range maxRecord/len(long) + 1 {
		r.Fields = append(r.Fields, module.Field{Name: long})
	}
	if err := (&tables{limit: chunkBytes}).add(r); err == nil || !strings.Contains(err.Error(), `"giant"`) {
		t.Errorf("add: %v", err)
	}
}
