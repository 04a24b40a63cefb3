package store

import (
	"testing"

	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/snapshot/snapshottest"
)

func TestStoreIsASource(t *testing.T) {
	snapshottest.RunSource(t, func(t testing.TB) (snapshot.Source, func(snapshot.Record)) {
		st := newStore(t, Options{Shards: 8})
		return st, func(r snapshot.Record) { mustSet(t, st, st.Key(r.Key), r.Value, r.ExpireAt, epoch) }
	})
}
