package store

// Draft is a hash that is built apart: no key holds it and nobody else knows of
// it, so that it takes no lock however large it gets. Attach makes a key hold it in
// one short step. Its blocks are in the arena and count as data from the first
// field on.
//
// It has a shard of its own, with a key that is the only one, in the memory of the
// shard that it goes to.
type Draft struct {
	sh Shard
	f  Fields
}

// Draft begins a hash for the key, with an expiry of its own; 0 is none. It belongs
// to one goroutine until Attach takes it over or Free drops it. Errors wrap
// ErrNoMemory.
func (st *Store) Draft(k Key, expireAt, now int64) (*Draft, error) {
	to, d := st.shardOf(k.Hash), &Draft{}
	d.sh.st, d.sh.mem, d.sh.index, d.sh.group = st, to.mem, to.index, to.group
	d.sh.expiry.Clear()
	d.sh.tab.Init(st.arena, to.group, to.index)
	d.sh.hashes.Init(&st.hashes, to.group, hashHome{&d.sh})
	var err error
	if d.f, err = d.sh.Replace(k, expireAt, now); err != nil {
		d.freeIndex()
		return nil, err
	}
	return d, nil
}

// Set gives a field a value, with an expiry in ms since the Unix epoch or 0 for
// none. Errors wrap ErrNoMemory; the caller then calls Free.
func (d *Draft) Set(field, value []byte, expireAt int64) error {
	_, err := d.f.Set(field, value, expireAt)
	return err
}

// Len is the number of fields.
func (d *Draft) Len() int { return d.f.Len() }

// Free gives the memory back.
func (d *Draft) Free() {
	if d.f.Exists() { // else it went when its first field did not fit
		d.f.Drop()
	}
	d.freeIndex()
}

func (d *Draft) freeIndex() { d.sh.tab.Free(d.sh.tab.Take()) }

// Attach makes the key that the draft was made for hold it, in place of whatever it
// held; a draft without fields leaves nothing. The shard is the key's and is locked.
// Errors wrap ErrNoMemory; the key is then as it was and the draft the caller's.
func (sh *Shard) Attach(k Key, d *Draft, now int64) error {
	if d.Len() == 0 {
		sh.Delete(k, now)
		d.Free()
		return nil
	}
	e := (hashHome{&d.sh}).entry(d.f.At())
	old, slot, found := sh.find(k)
	e.slot = slot
	if err := sh.install(k, old, found, &e, now); err != nil {
		return err
	}
	sh.mem.Store(e.off, e.header)
	sh.hashes.Adopt(&d.sh.hashes, d.sh.hashes.Outside())
	sh.expiry.Add(e.ExpireAt())
	if e.timed() {
		sh.expiry.AddHash()
		sh.expiry.Expect(e.earliest())
	}
	d.freeIndex()
	sh.changed(k.Bytes, Written)
	return nil
}
