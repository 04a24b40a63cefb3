package tracking

import (
	"cmp"
	"slices"
	"strings"
)

// group is the clients that are told of every change to a key with a prefix.
type group struct {
	prefix  string
	clients []*client
}

func (g *group) covers(key []byte) bool {
	return len(key) >= len(g.prefix) && string(key[:len(g.prefix)]) == g.prefix
}

// regroup works out the groups anew, in the order of their prefixes. t.mu is
// held.
func (t *Tracker) regroup() {
	by := map[string][]*client{}
	for _, c := range t.clients {
		if c.opts.Broadcast {
			for _, p := range c.opts.Prefixes {
				by[p] = append(by[p], c)
			}
		}
	}
	t.groups = t.groups[:0]
	for p, clients := range by {
		t.groups = append(t.groups, group{p, clients})
	}
	slices.SortFunc(t.groups, func(a, b group) int { return cmp.Compare(a.prefix, b.prefix) })
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// Overlap looks for two prefixes of which one begins with the other, among the
// added ones and between them and those that a client has: it would be told of
// one change twice. existing says that other is one that the client has.
func Overlap(have, added []string) (prefix, other string, existing, found bool) {
	clash := func(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }
	for i, p := range added {
		for _, h := range have {
			if clash(p, h) {
				return p, h, true, true
			}
		}
		for _, q := range added[i+1:] {
			if clash(p, q) {
				return p, q, false, true
			}
		}
	}
	return "", "", false, false
}
