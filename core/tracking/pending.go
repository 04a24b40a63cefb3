package tracking

import (
	"bytes"
	"slices"
	"sync"
	"sync/atomic"
)

// pending is the keys that have changed and that clients in broadcast mode are
// still to be told of, by the client that changed them. A message for each key
// would cost more than the change: they wait until that client's commands have
// run, and are told together, before it has the replies.
type pending struct {
	waiting atomic.Int64 // of how many clients there are changes; without any nobody takes mu

	mu    sync.Mutex
	by    map[int64]*changes
	going bool // somebody is on the way to tell of what no client did
}

// nobody did what happens by itself: keys that expire or are evicted.
const nobody = 0

const (
	// mostPending bounds the bytes of keys that are told together. It is large:
	// clients may rely on what one command did being told at once.
	mostPending = 16 << 20
	// mostByItself is that for what nobody did.
	mostByItself = 256 << 10
)

// changes are keys that one client has changed, one behind the other.
type changes struct {
	keys []byte
	ends []int
}

func (c *changes) add(key []byte) {
	c.keys = append(c.keys, key...)
	c.ends = append(c.ends, len(c.keys))
}

// add adds a key. due says that there is enough to tell of at once; begin, that
// nobody is going to tell of this one unless the caller sees to it.
func (p *pending) add(actor int64, key []byte) (due, begin bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.by[actor]
	if c == nil {
		if p.by == nil {
			p.by = map[int64]*changes{}
		}
		c = &changes{}
		p.by[actor] = c
		p.waiting.Add(1)
	}
	c.add(key)
	if actor != nobody {
		return len(c.keys) >= mostPending, false
	}
	begin = !p.going
	p.going = true
	return len(c.keys) >= mostByItself, begin
}

// take takes what a client has changed, nil if nothing.
func (p *pending) take(actor int64) *changes {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.by[actor]
	if c != nil {
		delete(p.by, actor)
		p.waiting.Add(-1)
	}
	if actor == nobody {
		p.going = false
	}
	return c
}

// forget drops everything.
func (p *pending) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting.Add(-int64(len(p.by)))
	p.by = nil
}

// change is a key and who has changed it.
type change struct {
	key   []byte
	actor int64
}

// merge is what an actor and what nobody did, sorted and each key once. What
// both did counts as nobody's, so that it is told to everyone.
func merge(actor int64, did, happened *changes) []change {
	var all []change
	for _, c := range []struct {
		*changes
		actor int64
	}{{did, actor}, {happened, nobody}} {
		if c.changes == nil {
			continue
		}
		start := 0
		for _, end := range c.ends {
			all = append(all, change{c.keys[start:end:end], c.actor})
			start = end
		}
	}
	if len(all) < 2 {
		return all
	}
	slices.SortStableFunc(all, func(a, b change) int { return bytes.Compare(a.key, b.key) })
	kept := all[:1]
	for _, c := range all[1:] {
		if last := &kept[len(kept)-1]; bytes.Equal(last.key, c.key) {
			if c.actor == nobody {
				last.actor = nobody
			}
			continue
		}
		kept = append(kept, c)
	}
	return kept
}
