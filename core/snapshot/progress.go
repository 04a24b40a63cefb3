package snapshot

import "sync/atomic"

// Loader is a Backend that tells how far its Load is.
type Loader interface {
	Backend
	// LoadProgress is of the Load that is under way, or of the last one. It may
	// be called at any time from any goroutine.
	LoadProgress() *Progress
}

// Progress is how much of something is done, in units of its own, bytes for
// example. It may be used from any goroutine.
type Progress struct{ done, total atomic.Int64 }

// Begin sets the total and that nothing is done.
func (p *Progress) Begin(total int64) {
	p.done.Store(0)
	p.total.Store(total)
}

// Add says that n more are done.
func (p *Progress) Add(n int64) { p.done.Add(n) }

// Now returns what is done, at most the total, and the total; both are 0 before
// the begin.
func (p *Progress) Now() (done, total int64) {
	total = p.total.Load()
	return min(p.done.Load(), total), total
}
