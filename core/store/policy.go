package store

// Recency is the 24 bits that every entry keeps for the eviction policy. What
// they mean is the policy's business: a clock for LRU, a counter for LFU. The
// store only keeps them.
type Recency uint32

// RecencyMask is the range of a Recency.
const RecencyMask = 1<<24 - 1

// Candidate is an entry that a policy judges.
type Candidate struct {
	Recency  Recency
	ExpireAt int64 // ms since the Unix epoch; 0: never
	Size     int   // bytes that evicting it gives back
}

// Policy decides which entries go when memory is full, and what is remembered
// of each access so that it can decide.
//
// The store samples: it draws some entries at random and evicts the one with
// the highest rank. A policy holds no reference to entries and takes no locks.
//
// All methods may be called from any goroutine, some of them with a shard
// locked: they must be quick, must not block and must not call the store.
type Policy interface {
	// Name is the value of memory.eviction and of Redis's maxmemory-policy,
	// as in "allkeys-lru".
	Name() string
	// Evicts says whether the policy evicts at all. Where it is false, writes
	// are refused when memory is full and the other methods aren't called.
	Evicts() bool
	// Samples is how many entries the store draws for one eviction, 1 to 64.
	Samples() int
	// ReadSampling is one in how many reads reports to Touch: 1 is every read,
	// 10 is every tenth, 0 is none. Reads that do not report write no memory.
	ReadSampling() uint32
	// Insert is the recency of a new or replaced entry. now is in milliseconds
	// since the Unix epoch.
	Insert(now int64) Recency
	// Touch is the recency of an entry that was read, given what it was.
	Touch(r Recency, now int64) Recency
	// Rank orders candidates, the highest goes first; ok is false for an entry
	// that this policy never evicts.
	Rank(c Candidate, now int64) (rank uint64, ok bool)
}

// Quiet says whether Get leaves out telling the eviction policy from now on,
// until it is called again. The shard is locked.
func (sh *Shard) Quiet(on bool) { sh.quiet = on }
