package saver

import (
	"errors"
	"slices"
	"time"

	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/stats"
	"github.com/redistill-go/redistill/core/store"
)

// records takes the records of a snapshot into the store. What the store does
// not take of it counts as removed, for a backend that saves changes.
type records struct {
	st    *store.Store
	stats *stats.Stats
}

var _ snapshot.Sink = records{}

// Put implements snapshot.Sink.
func (r records) Put(rec snapshot.Record) error {
	now := time.Now().UnixMilli()
	if expired(rec.ExpireAt, now) {
		r.stats.SnapshotKeysExpired.Add(1)
		r.st.Gone(r.st.Key(rec.Key))
		return nil
	}
	if !r.st.Admit(now, len(rec.Key)+len(rec.Value)) {
		return errors.New("the snapshot is larger than memory.max; raise memory.max or set memory.eviction to a policy that evicts")
	}
	k := r.st.Key(rec.Key)
	if rec.Fields != nil && !hasLive(rec.Fields, now) {
		r.stats.SnapshotKeysExpired.Add(1)
		remove(r.st, k, now)
		r.st.Gone(k)
		return nil
	}
	sh := r.st.Lock(k)
	defer sh.Unlock()
	if _, twice := sh.Peek(k, now); twice {
		return snapshot.ErrTwice // which of them would stay is chance
	}
	if rec.Fields != nil {
		return putHash(sh, k, rec, now)
	}
	return sh.Set(k, rec.Value, rec.ExpireAt, now)
}

func expired(at, now int64) bool { return at != 0 && at < now }

func hasLive(fields []snapshot.Field, now int64) bool {
	return slices.ContainsFunc(fields, func(f snapshot.Field) bool { return !expired(f.ExpireAt, now) })
}

func remove(st *store.Store, k store.Key, now int64) {
	sh := st.Lock(k)
	defer sh.Unlock()
	sh.Delete(k, now)
}

// putHash makes the key hold the fields that have not expired, of which there
// is one, or leaves it as it was. The shard is locked.
func putHash(sh *store.Shard, k store.Key, rec snapshot.Record, now int64) error {
	f, err := sh.Replace(k, rec.ExpireAt, now)
	if err != nil {
		return err
	}
	for _, field := range rec.Fields {
		if err := f.Restore(field.Name, field.Value, field.ExpireAt); err != nil {
			f.Undo()
			return err
		}
	}
	f.Done()
	return nil
}
