package arena

// Pin keeps a block of more than MaxSmall bytes from being reused until Unpin,
// even if it is freed meanwhile: a reply can then point at a large value
// instead of copying it. The caller holds the lock that guards the block, so
// that it can't be freed in between. It fails on the 65,535th pin of one block.
func (a *Arena) Pin(r Ref) bool {
	a.heap.mu.Lock()
	defer a.heap.mu.Unlock()
	p := &a.heap.pages[r.Offset()/PageSize]
	if p.pins == 1<<16-1 {
		return false
	}
	p.pins++
	return true
}

// Pinned says whether anybody holds the block, which must then not be written.
func (a *Arena) Pinned(r Ref) bool {
	a.heap.mu.Lock()
	defer a.heap.mu.Unlock()
	return a.heap.pages[r.Offset()/PageSize].pins > 0
}

// Unpin ends a Pin. No lock is needed.
func (a *Arena) Unpin(r Ref) {
	a.heap.mu.Lock()
	defer a.heap.mu.Unlock()
	p := &a.heap.pages[r.Offset()/PageSize]
	if p.pins--; p.pins == 0 && p.dead {
		a.heap.dead.Add(-int64(p.count) * PageSize)
		a.heap.releaseLocked(uint32(r.Offset() / PageSize))
	}
}

// Dead is the number of bytes in blocks that were freed and are still pinned.
func (a *Arena) Dead() int64 { return a.heap.dead.Load() }

func (a *Arena) freeLarge(r Ref) {
	a.heap.mu.Lock()
	defer a.heap.mu.Unlock()
	p := &a.heap.pages[r.Offset()/PageSize]
	if p.pins > 0 {
		p.dead = true
		a.heap.dead.Add(int64(p.count) * PageSize)
		return
	}
	a.heap.releaseLocked(uint32(r.Offset() / PageSize))
}
