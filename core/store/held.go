package store

// Held is what the store holds of the machine's memory, in bytes, by what for.
// Every byte is in one field.
type Held struct {
	Entries       int64 // keys and values
	Index         int64
	Policy        int64 // what the eviction policy keeps beside the entries
	Kept          int64 // copies for the snapshot that is being written
	Leaving       int64 // of removed keys, and being given back
	Arriving      int64 // values that no key has yet: see Stage
	Unread        int64 // values that no key has any more, but replies: see Lent
	Fragmentation int64 // free between entries
	Spare         int64 // huge pages that are free
	Bookkeeping   int64 // of the arena, about its pages
}

// Held adds up what the store holds, each part at its own moment. It takes no lock.
func (st *Store) Held() Held {
	h := Held{
		Policy: st.evictor.queueBytes.Load(), Kept: st.Kept(), Leaving: st.leaving.Load(), Arriving: st.lent.Load(),
		Unread: st.arena.Dead(), Spare: st.arena.Spare(), Bookkeeping: st.arena.Overhead(),
	}
	for i := range st.shards {
		h.Index += int64(st.shards[i].tab.Load().Bytes())
	}
	allocated := st.arena.Allocated()
	h.Entries = max(allocated-h.Index-h.Kept-h.Leaving-h.Arriving, 0)
	h.Fragmentation = max(st.arena.Resident()-h.Spare-allocated-h.Unread, 0)
	return h
}
