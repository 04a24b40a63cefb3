package tracking

import (
	"slices"
	"strings"
)

// Due says whether there are changes to tell of: see Flush. It costs one atomic
// load. A nil Tracker has none.
func (t *Tracker) Due() bool { return t != nil && t.pending.waiting.Load() != 0 }

// Flush tells the clients in broadcast mode of what a client has changed since
// it was last called for it, and of what has expired or was evicted: of all keys
// with one prefix in one message, sorted, prefix after prefix, as Redis does
// when it has run what a client has sent. Whoever runs a client's commands calls
// it before it sends the replies, so that nobody who has seen a reply is told
// late. No shard is locked.
func (t *Tracker) Flush(actor int64) {
	var did *changes
	if actor != nobody {
		did = t.pending.take(actor)
	}
	all := merge(actor, did, t.pending.take(nobody))
	for _, b := range t.byPrefix(all) {
		t.broadcast(&b)
	}
}

// flushLater is Flush for what nobody did, by a goroutine of its own.
func (t *Tracker) flushLater() { go t.Flush(nobody) }

// bulletin is the changes of keys with one prefix.
type bulletin struct {
	prefix  string
	changes []change
}

// step is how many keys are looked at with the clients locked.
const step = 1024

// byPrefix sorts changes by the prefixes that their keys begin with.
func (t *Tracker) byPrefix(all []change) []bulletin {
	var list []bulletin
	at := map[string]int{}
	look := func(some []change) {
		t.mu.RLock()
		defer t.mu.RUnlock()
		for _, c := range some {
			t.prefixes.each(c.key, func(g *group) bool {
				i, known := at[g.prefix]
				if !known {
					i = len(list)
					at[g.prefix] = i
					list = append(list, bulletin{prefix: g.prefix})
				}
				list[i].changes = append(list[i].changes, c)
				return true
			})
		}
	}
	for some := range slices.Chunk(all, step) {
		look(some)
	}
	slices.SortFunc(list, func(a, b bulletin) int { return strings.Compare(a.prefix, b.prefix) })
	return list
}

// broadcast tells those who have the prefix. The message is made once for each
// protocol, unless somebody does not want to know what it did itself.
func (t *Tracker) broadcast(b *bulletin) {
	var messages [2][]byte
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, id := range t.prefixes.clients(b.prefix) {
		c := t.clients[id]
		if c == nil {
			continue // it is about to come, or is leaving
		}
		told := b.changes
		if c.opts.NoLoop && slices.ContainsFunc(told, func(x change) bool { return x.actor == id }) {
			told = slices.DeleteFunc(slices.Clone(told), func(x change) bool { return x.actor == id })
		}
		if len(told) == 0 {
			continue
		}
		to, resp3 := t.receiver(c)
		switch {
		case to == nil:
		case len(told) < len(b.changes):
			to.Push(appendKeys(nil, resp3, told))
		default:
			m := &messages[0]
			if resp3 {
				m = &messages[1]
			}
			if *m == nil {
				*m = appendKeys(nil, resp3, told)
			}
			to.Push(*m)
		}
	}
}
