package snapshottest

import (
	"testing"

	"github.com/redistill-go/redistill/core/snapshot"
)

// The suite's own sources keep what it asks of others.
func TestSource(t *testing.T) {
	RunSource(t, func(testing.TB) (snapshot.Source, func(snapshot.Record)) {
		s := NewStore()
		return s, s.Put
	})
}

// A view of fixed records is what backends are cancelled with.
func TestFixedSourceEndsWithItsContext(t *testing.T) {
	endsWithContext(t, func(testing.TB) (snapshot.Source, func(snapshot.Record)) {
		s := &source{}
		return s, func(r snapshot.Record) { s.records = append(s.records, r) }
	})
}
