package hash

// How changes end, and stop for others in between.

// Pause ends a step of the changes, after which the Home may be unlocked for others
// that keep from this key. Nobody is told yet. Undo does not reach before
// it.
func (f *Hash) Pause() {
	if f.commit(); f.exists && f.Len() == 0 {
		f.Done()
	}
}

// Resume goes on after a Pause, with the Home locked again. lost says that the hash
// has gone meanwhile: it has expired, was evicted or flushed.
func (f *Hash) Resume() (lost bool) {
	had := f.exists
	f.at, f.v, f.exists = f.m.home.Find(f.at, f.now)
	if lost = had && !f.exists; lost {
		f.changed = false
	}
	return lost
}

// Done ends the changes: it removes a hash without fields and tells of them.
func (f *Hash) Done() {
	f.commit()
	if !f.changed || !f.exists {
		return
	}
	f.changed = false
	if f.Len() == 0 {
		f.m.home.Remove(f.at, false)
		f.exists = false
		return
	}
	f.shrink()
	f.m.home.Changed(f.at)
}
