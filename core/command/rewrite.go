package command

import (
	"bytes"

	"github.com/redistill-go/redistill/core/store"
)

// A long string that is changed is written where it is, if it may be, and if the
// change is short. Else it is written anew, apart: others use the shard meanwhile,
// and the new value takes the place of the old one if that is still the same.

// rewriteMin is how many bytes are written with the shard locked, at most.
const rewriteMin = 1 << 20

// Rewrite makes the string that the key has, e if it was found, n bytes long, or
// leaves it longer, fills what is new with zeros and lets write change it, which
// writes about work bytes. The shard is locked, and e invalid afterwards. done is
// false if the string has changed meanwhile: the caller unlocks the shard and begins
// anew, with locked after some times, which keeps the shard locked.
func (c *Ctx) Rewrite(sh *store.Shard, k store.Key, e store.Entry, found bool, n, work int, locked bool, write func(value []byte)) (done bool, err error) {
	had := 0
	if found {
		had = e.Len()
	}
	n = max(n, had)
	if n >= rewriteMin && !locked && c.held == nil && (!found || work >= rewriteMin || !sh.Fits(k, e, n)) {
		return c.rewriteApart(sh, k, e, found, n, write)
	}
	var value []byte
	if found {
		value, err = sh.Resize(k, e, n)
	} else {
		value, err = sh.Put(k, store.String, n, 0, c.Now)
	}
	if err != nil {
		return true, err
	}
	clear(value[had:])
	write(value)
	return true, nil
}

func (c *Ctx) rewriteApart(sh *store.Shard, k store.Key, e store.Entry, found bool, n int, write func(value []byte)) (done bool, err error) {
	var old []byte
	var ref uint64
	if found {
		var pinned bool
		if old, ref, pinned = sh.Pin(e); pinned {
			defer c.Store.Unpin(ref)
		} else {
			old = append(old, e.Value()...) // it is short, or too many hold it
		}
	}
	c.Unlock(sh)
	s, err := c.Store.Stage(len(k.Bytes), n)
	if err == nil {
		clear(s.Bytes()[copy(s.Bytes(), old):])
		write(s.Bytes())
	}
	c.Lock(k)
	if err != nil {
		return true, err
	}
	if !c.StillHas(k, old, ref) {
		s.Free()
		return false, nil
	}
	at := int64(0)
	if now, ok := sh.Peek(k, c.Now); ok {
		at = now.ExpireAt()
	}
	if err = sh.PutStaged(k, s, at, c.Now); err != nil {
		s.Free()
	}
	return true, err
}

// UntilDone calls f until it is done, at last with locked.
func UntilDone(f func(locked bool) (done bool)) {
	for try := 0; !f(try == ApartTries); try++ {
	}
}

// StillHas says whether the key, whose shard is locked, has the value that it had
// before, empty for none. A value that is pinned, under ref, is not changed in its
// place.
func (c *Ctx) StillHas(k store.Key, value []byte, ref uint64) bool {
	sh := c.Store.Locked(k)
	e, found := sh.Peek(k, c.Now)
	switch {
	case !found:
		return len(value) == 0
	case e.Type() != store.String:
		return false
	case ref == 0:
		return bytes.Equal(e.Value(), value)
	}
	return c.StillPinned(sh, e, ref)
}

// ApartTries is how often a command tries to do its work apart, before it does it
// with the shards locked: somebody else changes the value all the time.
const ApartTries = 3

// StillPinned says whether e is the string that was pinned under ref, which is not
// changed in its place.
func (c *Ctx) StillPinned(sh *store.Shard, e store.Entry, ref uint64) bool {
	_, now, ok := sh.Pin(e)
	if ok {
		c.Store.Unpin(now)
	}
	return ok && now == ref
}
