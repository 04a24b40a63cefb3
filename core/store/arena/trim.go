package arena

import "github.com/redistill-go/redistill/core/sys"

// Trim returns huge pages of which nothing is used to the operating system,
// except for keep bytes of them, and says how many bytes it returned. It costs
// a system call for each; call it in the background.
func (a *Arena) Trim(keep int64) (int64, error) {
	for i := range a.groups {
		a.groups[i].dropEmpty(a.heap)
	}
	return a.heap.trim(keep)
}

// trim begins at the heap's end, where what comes next is looked for last.
func (h *heap) trim(keep int64) (freed int64, err error) {
	h.mu.Lock()
	i := len(h.chunks)
	h.mu.Unlock()
	for i--; i >= 0 && h.spare.Load() > keep; i-- {
		n, err := h.trimChunk(i)
		if freed += n; err != nil {
			return freed, err
		}
	}
	return freed, nil
}

// trimChunk handles one huge page under the lock, so that allocation never
// waits for more than one system call.
func (h *heap) trimChunk(i int) (freed int64, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := &h.chunks[i]
	if c.used != 0 || !c.resident {
		return 0, nil
	}
	if err := h.mem.Release(uint64(i)*sys.HugePage, sys.HugePage); err != nil {
		return 0, err
	}
	c.resident = false
	h.resident.Add(-sys.HugePage)
	h.spare.Add(-sys.HugePage)
	return sys.HugePage, nil
}
