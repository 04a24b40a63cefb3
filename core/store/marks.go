package store

// marks are amounts of memory, in bytes, from which on something is done.
type marks struct {
	// Of what is used: eviction in the background begins at high and goes down
	// to low; at full writers evict; beyond last they are refused where nothing
	// can be evicted, so that those that were let in stay below the limit.
	low, high, full, last int64
	// Of what is occupied: compaction begins at compact, and at help writers help;
	// at most they wait longer for it, and unused memory is returned.
	compact, help, most int64
}

// marksOf gives the marks for a limit. What is used stays within the last four
// hundredths of it: as much as is written while the background, which has to
// share the processors, does not run. What is held may be more by what
// fragmentation costs and what lies ready for new blocks: a tenth of the limit at
// most, of which the marks leave some for what was written while memory was
// being freed.
func marksOf(limit int64) marks {
	return marks{
		low: limit - limit/28, high: limit - limit/32, full: limit - limit/67, last: limit - limit/256,
		compact: limit + limit/40 + 1<<20, help: limit + limit/20 + 2<<20, most: limit + limit*3/40 + 3<<20,
	}
}
