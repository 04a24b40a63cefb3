package stats

// Batch counts what one pipeline batch does, in plain memory.
type Batch struct {
	Hits, Misses int64
	ErrorReplies int64

	commands []perBatch
	dirty    []int32 // indices into commands that are not all zero
}

type perBatch struct {
	calls, failed, rejected int32
	untimed                 int32 // calls since the last Weight; outlives Flush
}

// NewBatch makes a batch for a table of so many commands.
func NewBatch(commands int) *Batch {
	return &Batch{commands: make([]perBatch, commands), dirty: make([]int32, 0, commands)}
}

// Called counts a command that ran; failed: it replied with an error.
func (b *Batch) Called(index int, failed bool) {
	c := b.touch(index)
	c.calls++
	c.untimed++
	if failed {
		c.failed++
	}
}

// Weight is how many calls of a command the time of its last call stands for:
// itself and those before it that nobody timed. So the times of a sample of
// the calls add up to those of all of them, however the sample is drawn, as
// long as the draw doesn't depend on the time.
func (b *Batch) Weight(index int) int64 {
	n := int64(b.commands[index].untimed)
	b.commands[index].untimed = 0
	return n
}

// Rejected counts a command that was refused before it ran.
func (b *Batch) Rejected(index int) { b.touch(index).rejected++ }

func (b *Batch) touch(index int) *perBatch {
	c := &b.commands[index]
	if c.calls|c.rejected == 0 {
		b.dirty = append(b.dirty, int32(index))
	}
	return c
}

// Flush adds the batch to the totals and empties it. in and out are the bytes
// read from and written to the client.
func (b *Batch) Flush(s *Stats, in, out int64) {
	var calls int64
	for _, i := range b.dirty {
		c, to := &b.commands[i], &s.perCommand[i]
		calls += int64(c.calls) + int64(c.rejected)
		to.calls.Add(int64(c.calls))
		if c.failed > 0 {
			to.failed.Add(int64(c.failed))
		}
		if c.rejected > 0 {
			to.rejected.Add(int64(c.rejected))
		}
		*c = perBatch{untimed: c.untimed}
	}
	b.dirty = b.dirty[:0]
	s.Commands.Add(calls)
	if b.Hits > 0 {
		s.KeyspaceHits.Add(b.Hits)
	}
	if b.Misses > 0 {
		s.KeyspaceMisses.Add(b.Misses)
	}
	if b.ErrorReplies > 0 {
		s.ErrorReplies.Add(b.ErrorReplies)
	}
	b.Hits, b.Misses, b.ErrorReplies = 0, 0, 0
	if in > 0 {
		s.NetInput.Add(in)
	}
	if out > 0 {
		s.NetOutput.Add(out)
	}
}
