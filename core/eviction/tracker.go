package eviction

import "time"

// IdleTracker is a Policy whose recency tells when an entry was last used, as
// OBJECT IDLETIME does.
type IdleTracker interface {
	// Idle is how long ago the entry was last used, as far as the policy knows.
	Idle(r Recency, now int64) time.Duration
	// LastUsed is the recency of an entry that was last used idle ago, 0 or
	// more, or of one used as long ago as the policy can tell apart.
	LastUsed(idle time.Duration, now int64) Recency
}

// FrequencyTracker is a Policy whose recency tells how often an entry is used, as
// OBJECT FREQ does.
type FrequencyTracker interface {
	// Frequency is Redis's logarithmic counter of uses, 0 to 255.
	Frequency(r Recency, now int64) int
	// Counted is the recency of an entry whose counter is n, 0 to 255, now.
	Counted(n int, now int64) Recency
}
