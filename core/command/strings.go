package command

import "github.com/redistill-go/redistill/core/store"

func cmdGet(c *Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	c.replyOld(sh, k)
}

// replyOld writes the value that the key has, or null. It fails if the value
// is no string; the reply is then the error.
func (c *Ctx) replyOld(sh *store.Shard, k store.Key) (e store.Entry, found, ok bool) {
	e, found = sh.Get(k, c.Now)
	if !found {
		c.Miss()
		c.W.Null()
		return e, false, true
	}
	c.Hit()
	if c.wrongType(e, store.String) {
		return e, true, false
	}
	c.ReplyValue(sh, e)
	return e, true, true
}

func cmdGetDel(c *Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	if e, found, ok := c.replyOld(sh, k); found && ok {
		sh.Remove(e)
	}
}

func cmdGetSet(c *Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	before := c.W.Mark()
	if _, _, ok := c.replyOld(sh, k); !ok {
		return
	}
	if err := c.SetValue(sh, k, 2, 0); err != nil {
		c.W.Rewind(before)
		c.Fail(err)
	}
}

func cmdStrLen(c *Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, ok := sh.Get(k, c.Now)
	if !ok {
		c.Miss()
		c.W.Int(0)
		return
	}
	c.Hit()
	if c.wrongType(e, store.String) {
		return
	}
	c.W.Int(int64(e.Len()))
}

func cmdAppend(c *Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	more := c.Args[2]
	e, ok := sh.Get(k, c.Now)
	if !ok {
		if err := c.SetValue(sh, k, 2, 0); err != nil {
			c.Fail(err)
			return
		}
		c.W.Int(int64(len(more)))
		return
	}
	if c.wrongType(e, store.String) {
		return
	}
	n := e.Len()
	if int64(n+len(more)) > c.Env.maxString() {
		c.W.Error(errTooLong)
		return
	}
	value, err := sh.Resize(k, e, n+len(more))
	if err != nil {
		c.Fail(err)
		return
	}
	copy(value[n:], more)
	c.W.Int(int64(len(value)))
}

func cmdGetRange(c *Ctx) {
	from, ok1 := c.integer(2)
	to, ok2 := c.integer(3)
	if !ok1 || !ok2 {
		c.W.Error(errNotInteger)
		return
	}
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, ok := sh.Get(k, c.Now)
	if !ok {
		c.Miss()
		c.W.BulkString("")
		return
	}
	c.Hit()
	if c.wrongType(e, store.String) {
		return
	}
	first, last := span(from, to, int64(e.Len()))
	if last-first >= store.PinMin {
		if v, ref, ok := sh.Pin(e); ok {
			c.W.Refer(v[first:last], ref)
			return
		}
	}
	c.W.Bulk(e.Value()[first:last])
}

// span turns positions, which count from the end if they are negative, into
// the bytes first to last-1 of a value of n bytes.
func span(from, to, n int64) (first, last int64) {
	if from < 0 && to < 0 && from > to {
		return 0, 0
	}
	return clamp(from, to, n)
}

// clamp is span for commands that take two negative positions in the wrong
// order as both being the first.
func clamp(from, to, n int64) (first, last int64) {
	if from < 0 {
		from = max(from+n, 0)
	}
	if to < 0 {
		to = max(to+n, 0)
	}
	to = min(to, n-1)
	if from > to {
		return 0, 0
	}
	return from, to + 1
}

func cmdSetRange(c *Ctx) {
	offset, ok := c.integer(2)
	part := c.Args[3]
	if !ok {
		c.W.Error(errNotInteger)
		return
	}
	if offset < 0 {
		c.W.Error("ERR offset is out of range")
		return
	}
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, found := sh.Get(k, c.Now)
	n := 0
	if found {
		if c.wrongType(e, store.String) {
			return
		}
		n = e.Len()
	}
	if len(part) == 0 {
		c.W.Int(int64(n))
		return
	}
	if limit := c.Env.maxString(); offset > limit || offset+int64(len(part)) > limit {
		c.W.Error(errTooLong)
		return
	}
	var value []byte
	var err error
	if size := max(n, int(offset)+len(part)); found {
		value, err = sh.Resize(k, e, size)
	} else {
		value, err = sh.Put(k, store.String, size, 0, c.Now)
	}
	if err != nil {
		c.Fail(err)
		return
	}
	if int(offset) > n {
		clear(value[n:offset])
	}
	copy(value[offset:], part)
	c.W.Int(int64(len(value)))
}
