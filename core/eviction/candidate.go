package eviction

// Candidate is an entry that a Sampler judges. Its fields are there already; what
// its methods tell is looked up when it is asked for, and costs nothing otherwise.
//
// A Candidate is valid during the call of Rank that it is given to: its shard is
// locked meanwhile, and afterwards its memory may hold something else.
type Candidate struct {
	Recency  Recency
	ExpireAt int64 // ms since the Unix epoch; 0: never

	entries *Entries
	at      uint64
}

// Entries is where candidates come from. It is made once, by NewEntries, and pointed
// to, so that a Candidate is small enough to be passed on in registers.
type Entries struct{ look Looker }

// Looker looks at entries: those of a store, or what a test makes up. at is the place of
// an entry, and means nothing elsewhere.
type Looker interface {
	Type(at uint64) string
	Size(at uint64) int64
	Key(at uint64) []byte
}

// NewEntries makes what candidates come from.
func NewEntries(l Looker) *Entries { return &Entries{l} }

// Of makes the candidate one of the entry at a place. Without, it has no key, is
// of size 0 and a string.
func (c Candidate) Of(entries *Entries, at uint64) Candidate {
	c.entries, c.at = entries, at
	return c
}

// Type is what the entry holds, as TYPE tells it: "string" or "hash". It costs a load
// from memory that is in the processor's cache already.
func (c Candidate) Type() string {
	if c.entries == nil {
		return "string"
	}
	return c.entries.look.Type(c.at)
}

// Size is how many bytes of memory the entry takes: its key, its value and what they
// are kept with, less its place in the index. Of a string it costs a load or two;
// of a hash it is read from memory that is perhaps not in the processor's cache, and
// of a small one, every field is looked at.
func (c Candidate) Size() int64 {
	if c.entries == nil {
		return 0
	}
	return c.entries.look.Size(c.at)
}

// Key is the entry's key, in the store's own memory: it must not be kept or changed,
// and what is to be remembered of it must be copied. It is not a copy, so that it
// costs no more than reading it.
func (c Candidate) Key() []byte {
	if c.entries == nil {
		return nil
	}
	return c.entries.look.Key(c.at)
}
