package tracking

import "github.com/redistill-go/redistill/core/store"

// Enter tells whose command works on the shard from now on. The shard is
// locked.
func (t *Tracker) Enter(shard int, id int64) { t.tables[shard].actor = id }

// Remember tells that a client is about to read a key, which may not exist.
// The key's shard is locked. If it is not until the key was read, the client may be
// told of a change from before that.
func (t *Tracker) Remember(shard int, k store.Key, id int64) {
	tb := &t.tables[shard]
	before := tb.counts()
	if epoch := t.epoch.Load(); tb.epoch != epoch {
		tb.empty(t.pool)
		tb.epoch = epoch
	}
	tb.add(t.pool, k, id)
	t.count(tb, before)
	if t.full() {
		t.bound(tb)
	}
}

// bound drives out keys while there are too many: two for one that is added,
// so that a limit that was lowered is reached. The caller's own shard is where
// they are taken from, whose lock is held. A client whose key goes is told.
func (t *Tracker) bound(tb *table) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for n := 0; n < 2 && tb.used > 0 && t.full(); n++ {
		at := tb.any()
		t.tellHolders(tb, at, append([]byte(nil), tb.name(&tb.keys.All[*at-1])...), nobody)
	}
}

// tellHolders tells those who hold the key that at leads to that it has changed,
// and forgets them. t.mu is held.
func (t *Tracker) tellHolders(tb *table, at *uint32, key []byte, actor int64) {
	before := tb.counts()
	stale := tb.epoch != t.epoch.Load() // left over from clients that are gone
	var texts [2][]byte                 // the message, by protocol
	tb.drop(t.pool, at, func(id int64) {
		// They may track no more what they read.
		if c := t.clients[id]; !stale && c != nil && !c.opts.Broadcast {
			t.tellKey(c, key, actor, &texts)
		}
	})
	t.count(tb, before)
}

// tellKey tells the client that the key has changed, unless it did it itself
// and doesn't want to know. t.mu is held.
func (t *Tracker) tellKey(c *client, key []byte, actor int64, texts *[2][]byte) {
	if c.opts.NoLoop && c.id == actor {
		return
	}
	to, resp3 := t.receiver(c)
	if to == nil {
		return
	}
	text := &texts[0]
	if resp3 {
		text = &texts[1]
	}
	if *text == nil {
		*text = appendKey(make([]byte, 0, 64+len(key)), resp3, key)
	}
	to.Push(*text)
}

// clear empties a table.
func (t *Tracker) clear(tb *table) {
	before := tb.counts()
	tb.empty(t.pool)
	t.count(tb, before)
}

// counts is what a table adds to the tracker's figures.
type counts struct{ keys, items, bytes int64 }

func (tb *table) counts() counts {
	return counts{int64(tb.used), int64(tb.pairs), tb.size()}
}

// count enters what has changed in a table.
func (t *Tracker) count(tb *table, before counts) {
	if now := tb.counts(); now != before {
		t.keys.Add(now.keys - before.keys)
		t.items.Add(now.items - before.items)
		t.bytes.Add(now.bytes - before.bytes)
	}
}
