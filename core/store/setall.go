package store

import "fmt"

// Pair is a key and the string that it is to hold.
type Pair struct {
	Key   Key
	Value []byte
	// Staged is where the value is already, if it is, in place of Value.
	Staged   *Staged
	ExpireAt int64 // ms since the Unix epoch; 0: never
	// Later says that ExpireAt is set between Build and SetAll.
	Later bool

	entry  Entry // the block that will hold both
	built  bool  // it is laid out
	linked bool  // the key is new and in the index
}

// Build does of SetAll what takes no lock: it lays out all pairs. After an error, as
// after SetAll or Drop, they are used up.
func (st *Store) Build(pairs []Pair) error {
	for i := range pairs {
		if err := st.build(&pairs[i]); err != nil {
			st.abandon(pairs, i)
			return err
		}
	}
	return nil
}

// Drop gives back what Build took.
func (st *Store) Drop(pairs []Pair) { st.abandon(pairs, len(pairs)) }

// SetAll makes every key hold its value, or none of them: an error, which
// wraps ErrNoMemory, leaves all keys as they were. Of two values for one key
// the last one stays. The shards of all keys are locked. What is staged is the
// store's from then on, in any case.
//
// All memory is taken before any key changes, so that the second half can't
// fail: blocks first, then places in the index for keys that are new.
func (st *Store) SetAll(pairs []Pair, now int64) error {
	if len(pairs) > 0 && !pairs[0].built {
		if err := st.Build(pairs); err != nil {
			return err
		}
	}
	for i := range pairs {
		p := &pairs[i]
		if p.Later {
			p.entry.mem.Store(p.entry.off+8, uint64(p.ExpireAt))
		}
		sh := st.Locked(p.Key)
		_, slot, found := sh.find(p.Key)
		if found {
			continue
		}
		p.entry.slot = slot
		if err := sh.install(p.Key, Entry{}, false, &p.entry, now); err != nil {
			st.abandon(pairs, len(pairs))
			return err
		}
		p.linked = true
		if sh.viewed() {
			e, _, _ := sh.find(p.Key)
			sh.part.markNewer(&e)
		}
		sh.expiry.Add(p.ExpireAt)
	}
	for i := range pairs {
		p := &pairs[i]
		sh := st.Locked(p.Key)
		if !p.linked {
			old, _, _ := sh.find(p.Key)
			_ = sh.install(p.Key, old, true, &p.entry, now) // only new keys take memory
			sh.mem.Store(p.entry.off, p.entry.header)
			sh.expiry.Add(p.ExpireAt)
		}
		sh.changed(p.Key.Bytes, Written)
	}
	return nil
}

// build lays the pair out in a block that no index points to yet.
func (st *Store) build(p *Pair) error {
	sh, key, n := st.Locked(p.Key), p.Key.Bytes, len(p.Value)
	p.built, p.linked = true, false
	if s := p.Staged; s != nil {
		if s.keyLen != len(key) {
			return fmt.Errorf("store: a key of %d bytes does not fit where room was made for %d", len(key), s.keyLen)
		}
		p.entry, n = s.entry, s.n
		st.lent.Add(-s.lent)
	} else {
		if len(key) > MaxLength || n > MaxLength {
			return fmt.Errorf("store: %w: a key of %d and a value of %d bytes", ErrTooLong, len(key), n)
		}
		h := header(String, len(key), n, p.ExpireAt != 0 || p.Later)
		ref, err := st.arena.Alloc(sh.group, int(headerSize(h))+len(key)+n)
		if err != nil {
			return fmt.Errorf("store: %w", err)
		}
		p.entry = Entry{mem: sh.mem, off: ref.Offset(), header: h}
	}
	p.entry.layOut(key, n, p.ExpireAt)
	if p.Staged == nil {
		copy(p.entry.Value(), p.Value)
	}
	return nil
}

// abandon undoes what was done for pairs of which the first built have blocks.
func (st *Store) abandon(pairs []Pair, built int) {
	for i := range pairs {
		p := &pairs[i]
		sh := st.Locked(p.Key)
		switch {
		case p.linked && i < built:
			e, _, _ := sh.find(p.Key)
			sh.discard(e, nil)
		case i < built:
			sh.freeBlock(p.entry)
		case p.Staged != nil:
			p.Staged.Free()
		}
		p.built, p.linked = false, false
	}
}
