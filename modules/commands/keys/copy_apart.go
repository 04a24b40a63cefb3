package keys

import (
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/store"
)

// A long value is copied while nobody waits for it: the copy is made apart, of a
// value that is pinned, or of a hash as it was at one moment, and a key gets it in
// one short step. So COPY is exact for the moment at which it began, and RENAME,
// which must not lose what was written meanwhile, begins anew then.

// twin is a copy of a long value that no key has yet.
type twin struct {
	hash     *store.Draft
	text     *store.Staged
	expireAt int64

	// What it is a copy of: a hash that is frozen, or a string that is pinned.
	frozen *store.Freeze
	ref    uint64
	pinned bool
}

// twin copies the value of e, which the first one of c.keys has, for the second one.
// Their shards are locked by LockRange when it is called and when it returns, and
// not while it copies: e is invalid then. It is nil, and e valid, for a value that is
// short, or in a transaction. The caller calls drop.
func makeTwin(c *command.Ctx, e store.Entry) (t *twin, err error) {
	from, to := c.Keys[0], c.Keys[1]
	sh := c.Store.Locked(from)
	if c.InExec() {
		return nil, nil
	}
	t = &twin{expireAt: e.ExpireAt()}
	if e.Type() == store.Hash {
		f := sh.FieldsOf(e, c.Now)
		if t.frozen = f.Freeze(true); t.frozen == nil {
			return nil, nil
		}
		c.UnlockKeys()
		t.hash, err = twinFields(c, t, from, to)
	} else {
		var value []byte
		if value, t.ref, t.pinned = sh.Pin(e); !t.pinned {
			return nil, nil
		}
		c.UnlockKeys()
		if t.text, err = c.Store.Stage(len(to.Bytes), len(value)); err == nil {
			copy(t.text.Bytes(), value)
		}
	}
	c.LockRange(1, 3, 1)
	return t, err
}

// twinFields copies the hash that t has frozen.
func twinFields(c *command.Ctx, t *twin, from, to store.Key) (*store.Draft, error) {
	return draft(c, to, t.expireAt, func(set setField) (err error) {
		for more := true; more && err == nil; {
			sh := c.Lock(from)
			more = t.frozen.Read(&c.Copies)
			c.Unlock(sh)
			for i := 0; err == nil && i < c.Copies.Len(); i++ {
				name, value := c.Copies.Field(i)
				err = set(name, value, c.Copies.FieldExpiry(i))
			}
			c.Copies.Free()
		}
		return err
	})
}

// current says whether the first one of c.keys, whose shard is locked, has still
// what was copied.
func (t *twin) current(c *command.Ctx) bool {
	k := c.Keys[0]
	e, found := c.Store.Locked(k).Peek(k, c.Now)
	switch {
	case !found || e.ExpireAt() != t.expireAt:
		return false
	case t.frozen != nil:
		return t.frozen.Unchanged()
	}
	return c.StillPinned(c.Store.Locked(k), e, t.ref)
}

// attach makes the key to, whose shard is locked, hold the copy. ok is false when
// the client has gone: there is no copy then.
func (t *twin) attach(c *command.Ctx, to store.Key) (ok bool, err error) {
	sh := c.Store.Locked(to)
	switch {
	case t.hash != nil:
		if err = sh.Attach(to, t.hash, c.Now); err == nil {
			t.hash = nil
		}
	case t.text != nil:
		if err = sh.PutStaged(to, t.text, t.expireAt, c.Now); err == nil {
			t.text = nil
		}
	default:
		return false, nil
	}
	return true, err
}

// drop ends the copying. The shards of c.keys are locked.
func (t *twin) drop(c *command.Ctx) {
	switch {
	case t.frozen != nil:
		t.frozen.Close()
	case t.pinned:
		c.Store.Unpin(t.ref)
	}
	if t.hash != nil {
		t.hash.Free()
	}
	if t.text != nil {
		t.text.Free()
	}
}
