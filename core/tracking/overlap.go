package tracking

import (
	"cmp"
	"slices"
	"strings"
)

// union is what is in either of two lists, sorted.
func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// Overlap looks for two prefixes of which one begins with the other, among the
// added ones and between them and those that a client has: it would be told of
// one change twice. existing says that other is one that the client has. Those
// that it has are sorted and don't overlap each other, except with "", which a
// client may have asked for later.
//
// It finds what Redis finds by comparing each with each, in the order in which
// they were added, in the time that it takes to sort them.
func Overlap(have, added []string) (prefix, other string, existing, found bool) {
	later := laterClashes(added)
	for i, p := range added {
		if h, ok := clashing(have, p); ok {
			return p, h, true, true
		}
		if later == nil || !later[i] {
			continue
		}
		for _, q := range added[i+1:] {
			if clash(p, q) {
				return p, q, false, true
			}
		}
	}
	return "", "", false, false
}

func clash(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }

// clashing finds the first of the sorted prefixes that clashes with p: the one
// before it, or the one after it if not.
func clashing(sorted []string, p string) (string, bool) {
	if len(sorted) > 0 && sorted[0] == "" {
		return "", true
	}
	i, at := slices.BinarySearch(sorted, p)
	if at {
		return p, true
	}
	if i > 0 && strings.HasPrefix(p, sorted[i-1]) {
		return sorted[i-1], true
	}
	if i < len(sorted) && strings.HasPrefix(sorted[i], p) {
		return sorted[i], true
	}
	return "", false
}

// laterClashes says of each of the prefixes whether one that comes later in the
// list clashes with it; nil: none clash at all.
func laterClashes(list []string) []bool {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(strings.Compare(list[a], list[b]), a-b) })
	any := false
	for k := 1; k < len(order) && !any; k++ {
		any = strings.HasPrefix(list[order[k]], list[order[k-1]])
	}
	if !any {
		return nil
	}
	// In this order a prefix comes right before all that begin with it. open are
	// those which the current one begins with; each knows the latest of the list
	// that it begins with itself, and of those that have begun with it.
	type level struct{ at, above, below int }
	var open []level
	later := make([]bool, len(list))
	shut := func() {
		last := open[len(open)-1]
		open = open[:len(open)-1]
		later[last.at] = max(last.above, last.below) > last.at
		if n := len(open); n > 0 {
			open[n-1].below = max(open[n-1].below, last.at, last.below)
		}
	}
	for _, at := range order {
		for len(open) > 0 && !strings.HasPrefix(list[at], list[open[len(open)-1].at]) {
			shut()
		}
		l := level{at: at, above: -1, below: -1}
		if n := len(open); n > 0 {
			l.above = max(open[n-1].above, open[n-1].at)
		}
		open = append(open, l)
	}
	for len(open) > 0 {
		shut()
	}
	return later
}
