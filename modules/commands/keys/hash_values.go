package keys

import (
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/rdb"
	"github.com/redistill-go/redistill/core/store"
)

// setField adds a field to a hash that is being built.
type setField func(name, value []byte, expireAt int64) error

// putHash makes the key hold the fields that build sets, in place of whatever
// it held. After an error, it holds that still. The shard is locked.
func putHash(c *command.Ctx, sh *store.Shard, k store.Key, expireAt int64, build func(setField) error) error {
	f, err := sh.Replace(k, expireAt, c.Now)
	if err != nil {
		return err
	}
	if err := build(f.Restore); err != nil {
		f.Undo()
		return err
	}
	f.Done()
	return nil
}

// copyHash makes the key hold the fields of the hash e, of the shard from.
func copyHash(c *command.Ctx, from *store.Shard, e store.Entry, to store.Key) error {
	expireAt := e.ExpireAt()
	source := from.FieldsOf(e, c.Now)
	return putHash(c, c.Store.Locked(to), to, expireAt, func(set setField) (err error) {
		source.Each(func(name, value []byte, at int64) bool {
			err = set(name, value, at)
			return err == nil
		})
		return err
	})
}

// dumpHash appends the payload of the hash e.
func dumpHash(c *command.Ctx, dst []byte, sh *store.Shard, e store.Entry) []byte {
	f := sh.FieldsOf(e, c.Now)
	n, earliest := 0, int64(0)
	f.Each(func(_, _ []byte, at int64) bool {
		if n++; at != 0 && (earliest == 0 || at < earliest) {
			earliest = at
		}
		return true
	})
	w := rdb.AppendHash(dst, n, earliest)
	f.Each(func(name, value []byte, at int64) bool {
		w.AppendField(rdb.Field{Name: name, Value: value, ExpireAt: at})
		return true
	})
	return w.Finish()
}

// countFrozen says how many fields of a large hash have not expired, and when the first
// of them does, 0 if none ever does. They are counted in steps.
func countFrozen(c *command.Ctx, k store.Key, names *store.Freeze) (n int, earliest int64) {
	c.EachFrozen(k, names, func(_, _ []byte, at int64) bool {
		if n++; at != 0 && (earliest == 0 || at < earliest) {
			earliest = at
		}
		return true
	})
	return n, earliest
}

// dumpFrozen replies with the payload of a large hash of n fields that takes size
// bytes, and of which none expires before earliest, or ever if that is 0. It is read
// in steps.
func dumpFrozen(c *command.Ctx, k store.Key, z *store.Freeze, n, size int, earliest int64) {
	w := rdb.AppendHash(payloadRoom(c, size), n, earliest)
	c.EachFrozen(k, z, func(name, value []byte, at int64) bool {
		w.AppendField(rdb.Field{Name: name, Value: value, ExpireAt: at})
		return true
	})
	c.W.Take(w.Finish())
}

// restoreApart makes a hash of the payload's fields for the key. It returns nil when
// the client has gone meanwhile.
func restoreApart(c *command.Ctx, k store.Key, value rdb.Payload, expireAt int64) (*store.Draft, error) {
	return draft(c, k, expireAt, func(set setField) error {
		return value.Fields(func(f rdb.Field) error { return set(f.Name, f.Value, f.ExpireAt) })
	})
}
