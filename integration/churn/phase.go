package churn

import (
	"slices"
	"strings"
)

// Phase is a part of the churn.
type Phase struct {
	Name   string
	Sizes  Sizes
	Fields int // of each hash; 0: strings
}

// Phases are those of a whole run: mixed sizes, and then sizes that shift.
var Phases = []Phase{
	{"mixed", Mixed, 0},
	{"small", Small, 0},
	{"large", Large, 0},
	{"small again", Small, 0},
	{"mixed again", Mixed, 0},
	{"hashes", Sizes{16, 4 << 10}, 10},
	{"mixed at last", Mixed, 0},
}

// Bound is what resident memory has to stay under, for memory.max in bytes.
func Bound(limit int64) int64 { return limit + limit/10 + 16<<20 }

// Steady says whether used memory stayed within 95 to 100 % of memory.max, to a
// tenth of a per cent. Where nothing is evicted, clients delete and it may be
// less.
func (s Seen) Steady(limit int64, evicts bool) bool {
	return float64(s.Most) < 1.0005*float64(limit) && (s.Least == 0 || float64(s.Least) >= 0.95*float64(limit) || !evicts)
}

// Writers makes the streams of n writers for a policy.
func Writers(n int, policy string) []*Stream {
	streams := make([]*Stream, n)
	for i := range streams {
		streams[i] = New(i, Mixed)
		streams[i].Expire = strings.HasPrefix(policy, "volatile-")
	}
	return streams
}

// Enter begins a phase of writers that share a memory.max of limit bytes.
// deletes: nothing is evicted.
func Enter(streams []*Stream, p Phase, limit int64, deletes bool) {
	for _, s := range streams {
		s.enter(p, limit/int64(len(streams)), deletes)
	}
}

// enter gives hashes names of their own: a key of another type refuses them.
func (s *Stream) enter(p Phase, share int64, deletes bool) {
	if deletes {
		s.purge, s.purged = s.Space, s.Prefix
		s.Space = int(2 * float64(share) / (p.Sizes.Mean() * float64(max(p.Fields, 1))))
	}
	s.left.Store(0)
	if hashes := p.Fields > 0; hashes != (s.Fields > 0) {
		s.next = 0
		if s.Prefix = strings.TrimPrefix(s.Prefix, "hash:"); hashes {
			s.Prefix = "hash:" + s.Prefix
		}
	} else if p.Sizes.Mean() < s.Sizes.Mean() {
		s.left.Store(recent)
	}
	s.Sizes, s.Fields = p.Sizes, p.Fields
}

// steady says whether the streams overwrite only what they wrote in this phase,
// or what was smaller: otherwise they make less of memory themselves.
func steady(streams []*Stream) bool {
	return !slices.ContainsFunc(streams, func(s *Stream) bool { return s.left.Load() > 0 })
}
