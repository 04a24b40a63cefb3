package snapshottest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/snapshot"
)

// Records are the keys of a snapshot, as a Source yields them and a Sink
// collects them.
type Records []snapshot.Record

// Source yields the records in their order. Like the real one, it reuses the
// memory of a record once yield has returned, and does not know exactly how
// many there are.
func (r Records) Source() snapshot.Source { return &source{records: r} }

// Numbered makes n records that differ from each other, a third of them with
// an expiry, and every seventh a hash. The salt makes two sets of them differ.
func Numbered(n int, salt string) Records {
	r := make(Records, n)
	for i := range r {
		r[i] = numbered(i, fmt.Appendf(nil, "key:%06d", i*7919%n), salt)
	}
	return r
}

func numbered(i int, key []byte, salt string) snapshot.Record {
	r := snapshot.Record{Key: key, Value: fmt.Appendf(nil, "%s:%d:%s", salt, i, bytes.Repeat([]byte{byte(i)}, i%300))}
	if i%7 == 6 {
		r.Value, r.Fields = nil, numberedFields(i%20+1, r.Value, i%2 == 0)
	}
	if i%3 == 0 {
		r.ExpireAt = 4_102_444_800_000 + int64(i)
	}
	return r
}

// numberedFields makes n fields, a third of them with an expiry if expires.
func numberedFields(n int, value []byte, expires bool) []snapshot.Field {
	fields := make([]snapshot.Field, n)
	for i := range fields {
		fields[i] = snapshot.Field{Name: fmt.Appendf(nil, "field:%d", i), Value: value[:len(value)*i/n]}
		if expires && i%3 == 0 {
			fields[i].ExpireAt = 4_102_444_800_000 + int64(i)
		}
	}
	return fields
}

type source struct {
	records Records
	// at is called before each record, with its number.
	at func(i int) error
}

func (s *source) View() (snapshot.View, error)    { return view{s, time.Now()}, nil }
func (s *source) Changes() (snapshot.View, error) { return s.View() }

// view is a view of everything.
type view struct {
	*source
	taken time.Time
}

func (v view) Taken() time.Time                 { return v.taken }
func (v view) Full() bool                       { return true }
func (v view) Len() int                         { return len(v.records) + 3 }
func (v view) Deleted(func([]byte) error) error { return nil }
func (v view) Close(bool)                       {}

// Walk uses one worker only. It ends with ctx, as every view's does, so that a backend
// need not look at ctx in between but has to pass it on.
func (v view) Walk(ctx context.Context, _ int, yield func(int, snapshot.Record) error) error {
	var l lender
	for i, r := range v.records {
		if err := ctx.Err(); err != nil {
			return err
		}
		if v.at != nil {
			if err := v.at(i); err != nil {
				return err
			}
		}
		if err := l.lend(r, func(r snapshot.Record) error { return yield(0, r) }); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// lender passes records on in memory that it reuses.
type lender struct {
	key, value, bytes []byte
	fields            []snapshot.Field
}

// lend calls yield with a copy of the record, which is gone afterwards.
func (l *lender) lend(r snapshot.Record, yield func(snapshot.Record) error) error {
	l.key = append(l.key[:0], r.Key...)
	l.value = append(l.value[:0], r.Value...)
	rec := snapshot.Record{Key: l.key, Value: l.value, ExpireAt: r.ExpireAt}
	if r.Fields != nil {
		l.fields, l.bytes = copyFields(l.fields[:0], l.bytes[:0], r.Fields)
		rec.Value, rec.Fields = nil, l.fields
	}
	if err := yield(rec); err != nil {
		return err
	}
	clear(l.key)
	clear(l.value)
	clear(l.bytes)
	clear(l.fields)
	return nil
}

// copyFields appends copies of fields to dst, and their bytes to bytes.
func copyFields(dst []snapshot.Field, bytes []byte, fields []snapshot.Field) ([]snapshot.Field, []byte) {
	for _, f := range fields {
		bytes = append(append(bytes, f.Name...), f.Value...)
	}
	rest := bytes
	for _, f := range fields {
		n, end := len(f.Name), len(f.Name)+len(f.Value)
		dst = append(dst, snapshot.Field{Name: rest[:n:n], Value: rest[n:end:end], ExpireAt: f.ExpireAt})
		rest = rest[end:]
	}
	return dst, bytes
}

// Sink collects records. It may be used by several goroutines at once.
type Sink struct {
	mu      sync.Mutex
	Records Records
	// Err is returned by Put when it is set.
	Err error
}

// Put copies the record.
func (s *Sink) Put(r snapshot.Record) error {
	if s.Err != nil {
		return s.Err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Records = append(s.Records, clone(r))
	return nil
}

func clone(r snapshot.Record) snapshot.Record {
	r.Key, r.Value = bytes.Clone(r.Key), bytes.Clone(r.Value)
	if r.Fields != nil {
		r.Fields, _ = copyFields([]snapshot.Field{}, nil, r.Fields)
	}
	return r
}

// Same fails the test unless got and want hold the same records in any order.
func Same(t testing.TB, got, want Records) {
	t.Helper()
	if d := difference(got, want); d != "" {
		t.Fatal(d)
	}
}

// difference says how the records differ, in any order; "" if they don't.
func difference(got, want Records) string {
	if len(got) != len(want) {
		return fmt.Sprintf("%d records, want %d", len(got), len(want))
	}
	got, want = sorted(got), sorted(want)
	for i := range got {
		g, w := got[i], want[i]
		if !bytes.Equal(g.Key, w.Key) {
			return fmt.Sprintf("record %d in order of keys has key %.80q, want %.80q", i, g.Key, w.Key)
		}
		if !bytes.Equal(g.Value, w.Value) {
			return fmt.Sprintf("key %.80q has a value of %d bytes, %.80q, want %d bytes, %.80q", g.Key, len(g.Value), g.Value, len(w.Value), w.Value)
		}
		if d := fieldDifference(g, w); d != "" {
			return d
		}
		if g.ExpireAt != w.ExpireAt {
			return fmt.Sprintf("key %.80q expires at %d, want %d", g.Key, g.ExpireAt, w.ExpireAt)
		}
	}
	return ""
}

// fieldDifference says how the records differ unless both are strings, or hashes
// with the same fields in any order.
func fieldDifference(got, want snapshot.Record) string {
	if (got.Fields == nil) != (want.Fields == nil) || len(got.Fields) != len(want.Fields) {
		return fmt.Sprintf("key %.80q has %d fields, a hash: %v; want %d, %v", want.Key, len(got.Fields), got.Fields != nil, len(want.Fields), want.Fields != nil)
	}
	byName := func(a, b snapshot.Field) int { return bytes.Compare(a.Name, b.Name) }
	g, w := slices.SortedFunc(slices.Values(got.Fields), byName), slices.SortedFunc(slices.Values(want.Fields), byName)
	for i := range g {
		if !bytes.Equal(g[i].Name, w[i].Name) || !bytes.Equal(g[i].Value, w[i].Value) || g[i].ExpireAt != w[i].ExpireAt {
			return fmt.Sprintf("key %.80q has a field %.80q with %d bytes until %d, want %.80q with %d bytes until %d",
				want.Key, g[i].Name, len(g[i].Value), g[i].ExpireAt, w[i].Name, len(w[i].Value), w[i].ExpireAt)
		}
	}
	return ""
}

func sorted(r Records) Records {
	r = slices.Clone(r)
	slices.SortFunc(r, func(a, b snapshot.Record) int { return bytes.Compare(a.Key, b.Key) })
	return r
}
