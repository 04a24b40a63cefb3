package eviction

// Policy decides which entries go when memory is full. It is a Sampler or a
// Queuer; a policy that is neither never evicts, and writes are refused when
// memory is full.
type Policy interface {
	// Name is the value of memory.eviction and of Redis's maxmemory-policy,
	// as in "allkeys-lru".
	Name() string
}

// Recency is the 24 bits that every entry keeps for the policy. What they mean is
// the policy's business: a clock for LRU, a counter for LFU. Under a Queuer they are
// the store's own: the number of the entry's node and how often it was read.
type Recency uint32

// RecencyMask is the range of a Recency.
const RecencyMask = 1<<24 - 1

// Sampler is a Policy that ranks entries. The store draws some at random and
// evicts the one with the highest rank. The policy decides what is remembered
// of each access and takes no locks.
type Sampler interface {
	Policy
	// Samples is how many entries the store draws for one eviction, 1 to 64.
	Samples() int
	// ReadSampling is one in how many reads reports to Touch: 1 is every read,
	// 10 is every tenth, 0 is none. Reads that do not report write no memory.
	ReadSampling() uint32
	// Insert is the recency of a new entry. now is in milliseconds since the
	// Unix epoch.
	Insert(now int64) Recency
	// Touch is the recency of an entry that was read or replaced, given what
	// it was.
	Touch(r Recency, now int64) Recency
	// Rank orders candidates, the highest goes first; ok is false for an entry
	// that this policy never evicts. Whether it does may depend on the entry's
	// key, type, size and whether it has an expiry, and not on its recency or
	// the time. The candidate is valid during the call only.
	Rank(c Candidate, now int64) (rank uint64, ok bool)
}

// Volatile is a Sampler that may never evict an entry without an expiry. One that
// says so spares the store looking for entries where none has an expiry.
type Volatile interface {
	Sampler
	// Volatile says whether that is so. It does not change.
	Volatile() bool
}

// Renewer is a Sampler that wants reads to be reported where it matters: those
// of an entry that would soon be evicted for want of them.
type Renewer interface {
	Sampler
	// Stale says of an entry that is read whether Touch is to be called, in
	// the sample or not. rank is the mean rank of the entries evicted lately; 0:
	// none was yet.
	Stale(r Recency, now int64, rank uint64) bool
}
