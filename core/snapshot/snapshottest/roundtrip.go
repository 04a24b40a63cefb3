package snapshottest

import (
	"bytes"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/redistill-go/redistill/core/snapshot"
)

func (f Factory) roundTrip(t *testing.T) {
	const future = 4_102_444_800_123
	incompressible := make([]byte, 1<<20)
	for i, x := 0, uint32(1); i < len(incompressible); i++ {
		x = x*1664525 + 1013904223
		incompressible[i] = byte(x >> 24)
	}
	var every [256]byte
	for i := range every {
		every[i] = byte(i)
	}
	sets := map[string]Records{
		"one":             {{Key: []byte("k"), Value: []byte("v")}},
		"empty key":       {{Key: []byte{}, Value: []byte("v")}},
		"empty value":     {{Key: []byte("k"), Value: []byte{}}},
		"empty both":      {{Key: []byte{}, Value: []byte{}, ExpireAt: future}},
		"binary":          {{Key: every[:], Value: every[:]}, {Key: []byte{0}, Value: []byte{0}}, {Key: []byte{0, 0}, Value: []byte{0xFF}}, {Key: []byte{0xFF}, Value: []byte("\r\n")}},
		"numbers":         {{Key: []byte("1"), Value: []byte("-1")}, {Key: []byte("2"), Value: []byte("0007")}, {Key: []byte("3"), Value: []byte("9223372036854775807")}},
		"expiry":          {{Key: []byte("a"), Value: []byte("v"), ExpireAt: future}, {Key: []byte("b"), Value: []byte("v")}, {Key: []byte("c"), ExpireAt: math.MaxInt64}},
		"1 MiB value":     {{Key: []byte("k"), Value: incompressible}, {Key: []byte("after"), Value: []byte("v")}},
		"1 MiB of zeroes": {{Key: []byte("k"), Value: make([]byte, 1<<20)}},
		"64 KiB key":      {{Key: bytes.Repeat([]byte("k"), 64<<10), Value: []byte("v")}},
		"10000 keys":      Numbered(10_000, "x"),
		"hash":            {{Key: []byte("h"), Fields: []snapshot.Field{{Name: []byte("f"), Value: []byte("v")}}, ExpireAt: future}},
		"odd fields": {{Key: []byte("h"), Fields: []snapshot.Field{
			{Name: []byte{}, Value: []byte{}}, {Name: every[:], Value: every[:]}, {Name: []byte("12"), Value: []byte("-70000")},
			{Name: bytes.Repeat([]byte("n"), 70_000), Value: incompressible},
		}}, {Key: []byte("after"), Value: []byte("v")}},
		"fields expire": {{Key: []byte("h"), Fields: []snapshot.Field{
			{Name: []byte("a"), Value: []byte("1"), ExpireAt: future}, {Name: []byte("b"), Value: []byte("2")},
			{Name: []byte("c"), Value: []byte("3"), ExpireAt: 1}, {Name: []byte("d"), ExpireAt: 1<<46 - 1},
		}}, {Key: []byte("g"), Fields: []snapshot.Field{{Name: []byte("a"), Value: []byte("1")}}}},
		"large hash": {{Key: []byte("h"), Fields: numberedFields(100_000, bytes.Repeat([]byte("v"), 100), true)}, {Key: []byte("s"), Value: []byte("v")}},
	}
	for name, records := range sets {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			b := f.open(t, dir)
			b.save(t, records)
			b.wantLoad(t, records)
			b.wantLoad(t, records)
			b.close(t)
			f.open(t, dir).wantLoad(t, records)
		})
	}
}

func (f Factory) generated(t *testing.T) {
	b := f.open(t, t.TempDir())
	field := rapid.Custom(func(t *rapid.T) snapshot.Field {
		return snapshot.Field{
			Name:     rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "name"),
			Value:    rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "value"),
			ExpireAt: rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(1, 1<<46-1)).Draw(t, "expireAt"),
		}
	})
	fields := rapid.SliceOfNDistinct(field, 1, 20, func(f snapshot.Field) string { return string(f.Name) })
	record := rapid.Custom(func(t *rapid.T) snapshot.Record {
		r := snapshot.Record{
			Key:      rapid.SliceOfN(rapid.Byte(), 0, 80).Draw(t, "key"),
			Value:    rapid.SliceOfN(rapid.Byte(), 0, 500).Draw(t, "value"),
			ExpireAt: rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Min(1)).Draw(t, "expireAt"),
		}
		if rapid.Bool().Draw(t, "hash") {
			r.Value, r.Fields = nil, fields.Draw(t, "fields")
		}
		return r
	})
	sets := rapid.SliceOfNDistinct(record, 0, 50, func(r snapshot.Record) string { return string(r.Key) })
	rapid.Check(t, func(rt *rapid.T) {
		records := Records(sets.Draw(rt, "records"))
		b.save(t, records)
		b.wantLoad(t, records)
	})
}

func (f Factory) empty(t *testing.T) {
	dir := t.TempDir()
	b := f.open(t, dir)
	b.save(t, Numbered(10, "old"))
	b.save(t, nil)
	b.wantLoad(t, nil)
	b.close(t)
	f.open(t, dir).wantLoad(t, nil)
}

func (f Factory) newestWins(t *testing.T) {
	dir := t.TempDir()
	b := f.open(t, dir)
	b.save(t, Numbered(500, "first"))
	second := Numbered(200, "second")
	b.save(t, second)
	b.wantLoad(t, second)
	b.close(t)
	b = f.open(t, dir)
	b.wantLoad(t, second)
	third := Numbered(300, "third")
	b.save(t, third)
	b.wantLoad(t, third)
}

// expired: whether a record has expired is for the sink to say, which knows
// the time; a backend passes every record on.
func (f Factory) expired(t *testing.T) {
	b := f.open(t, t.TempDir())
	records := Records{{Key: []byte("long ago"), Value: []byte("v"), ExpireAt: 1}, {Key: []byte("lives"), Value: []byte("v")}}
	b.save(t, records)
	b.wantLoad(t, records)
}
