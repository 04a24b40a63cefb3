package tracking

// table is what clients read in one shard. All of it is guarded by the shard's
// lock.
type table struct {
	keys  map[string]holders
	epoch uint64 // of the tracker when keys was begun
	actor int64  // the client that has the shard locked, 0: none or not known
}

// holders are the IDs of the clients that hold a key, which is mostly one.
type holders struct {
	first int64
	more  []int64
}

func (h *holders) has(id int64) bool {
	if h.first == id {
		return true
	}
	for _, other := range h.more {
		if other == id {
			return true
		}
	}
	return false
}

// keySize is about what a key takes beside its bytes: the header of the string,
// its holders, and as much again that a map keeps free.
const keySize = 96

// bytes is about what a key of that length takes with its holders.
func (h *holders) bytes(key int) int64 { return keySize + int64(key) + idSize*int64(len(h.more)) }

// Enter tells whose command works on the shard from now on. The shard is
// locked.
func (t *Tracker) Enter(shard int, id int64) { t.tables[shard].actor = id }

// Remember tells that a client is about to read a key, which may not exist.
// The key's shard is locked, and stays so until it was read.
func (t *Tracker) Remember(shard int, key []byte, id int64) {
	tb := &t.tables[shard]
	if epoch := t.epoch.Load(); tb.keys == nil || tb.epoch != epoch {
		t.clear(tb)
		tb.keys, tb.epoch = map[string]holders{}, epoch
	}
	h, known := tb.keys[string(key)]
	switch {
	case known && h.has(id):
		return
	case known:
		h.more = append(h.more, id)
		t.bytes.Add(idSize)
	default:
		h.first = id
		t.keys.Add(1)
		t.bytes.Add(keySize + int64(len(key)))
	}
	t.items.Add(1)
	tb.keys[string(key)] = h
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
	for n := 0; n < 2 && t.full(); n++ {
		for key := range tb.keys { // the order is random
			t.tellHolders(tb, []byte(key), 0)
			break
		}
	}
}

// tellHolders tells those who hold the key that it has changed, and forgets
// them. t.mu is held.
func (t *Tracker) tellHolders(tb *table, key []byte, actor int64) {
	h, known := tb.keys[string(key)]
	if !known {
		return
	}
	delete(tb.keys, string(key))
	t.keys.Add(-1)
	t.items.Add(-1 - int64(len(h.more)))
	t.bytes.Add(-h.bytes(len(key)))
	if tb.epoch != t.epoch.Load() {
		return // left over from clients that are gone
	}
	t.tellHolder(h.first, key, actor)
	for _, id := range h.more {
		t.tellHolder(id, key, actor)
	}
}

// tellHolder tells one client that read the key, if it still tracks what it
// reads.
func (t *Tracker) tellHolder(id int64, key []byte, actor int64) {
	if c := t.clients[id]; c != nil && !c.opts.Broadcast {
		t.tellKey(c, key, actor)
	}
}

// clear empties a table.
func (t *Tracker) clear(tb *table) {
	items, bytes := 0, int64(0)
	for key, h := range tb.keys {
		items += 1 + len(h.more)
		bytes += h.bytes(len(key))
	}
	t.bytes.Add(-bytes)
	t.keys.Add(-int64(len(tb.keys)))
	t.items.Add(-int64(items))
	tb.keys = nil
}
