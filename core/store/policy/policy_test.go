package policy_test

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/queue"
	"github.com/redistill-go/redistill/core/store/policy"
)

// fifo is a Queuer that evicts what came first and was not used, and otherwise counts the
// use off and lets it pass.
type fifo struct{ closed *int }

func (fifo) Name() string { return "fifo" }
func (fifo) MaxUses() int { return 2 }

func (p fifo) NewQueue(nodes *queue.Nodes) (eviction.Queue, error) {
	l, ok := nodes.NewList()
	if !ok {
		return nil, errors.New("no list")
	}
	return &fifoQueue{nodes, l, p.closed}, nil
}

type fifoQueue struct {
	nodes  *queue.Nodes
	list   queue.List
	closed *int
}

func (q *fifoQueue) Insert(node uint32) { q.nodes.Push(q.list, node) }
func (q *fifoQueue) Remove(node uint32) { q.nodes.Unlink(node) }
func (q *fifoQueue) Next() uint32       { return q.nodes.Back(q.list) }
func (q *fifoQueue) Bytes() int64       { return 0 }
func (q *fifoQueue) Close() error       { *q.closed++; return nil }

func (q *fifoQueue) Judge(node uint32, uses int) (int, bool) {
	q.nodes.Unlink(node)
	if uses == 0 {
		return 0, true
	}
	q.nodes.Push(q.list, node)
	return uses - 1, false
}

// random is a Sampler of no further interest.
type random struct{}

func (random) Name() string                                       { return "random" }
func (random) Samples() int                                       { return 5 }
func (random) ReadSampling() uint32                               { return 7 }
func (random) Insert(int64) eviction.Recency                      { return 1 }
func (random) Touch(r eviction.Recency, _ int64) eviction.Recency { return r }
func (random) Rank(c eviction.Candidate, _ int64) (rank uint64, ok bool) {
	return uint64(c.Recency), true
}
func (random) Volatile() bool { return true }

func TestWhatIsPutInForce(t *testing.T) {
	var bytes atomic.Int64
	if f := policy.New(nil, 4, &bytes); f != nil {
		t.Errorf("no policy is in force as %+v", f)
	}
	if f := policy.New(fifo{}, 0, &bytes); f != nil {
		t.Error("queues order entries where there is no limit")
	}
	f := policy.New(random{}, 4, &bytes)
	if f.Sampler == nil || f.TouchEvery != 7 || !f.Volatile || f.GroupOf(3) != nil {
		t.Errorf("a sampler is in force as %+v", f)
	}
	q := policy.New(fifo{}, 4, &bytes)
	if q.Sampler != nil || q.MaxUses != 2 || q.GroupOf(6) != &q.Groups[2] {
		t.Errorf("a queuer is in force as %+v", q)
	}
	var none *policy.InForce
	none.Release()
	if none.GroupOf(0) != nil {
		t.Error("nothing in force has a group")
	}
}

// The last user closes the queues, once, and nobody gets hold of them afterwards.
func TestTheLastUserClosesTheQueues(t *testing.T) {
	var bytes atomic.Int64
	closed := 0
	f := policy.New(fifo{&closed}, 1, &bytes)
	node := f.Groups[0].Insert(1)
	if node == 0 || bytes.Load() != 0 && bytes.Load() != f.Groups[0].Bytes() {
		t.Fatalf("node %d, %d bytes", node, bytes.Load())
	}
	if !f.Acquire() {
		t.Fatal("a policy in force has no room for a user")
	}
	f.Release()
	if closed != 0 {
		t.Fatal("closed while it is used")
	}
	f.Release()
	if closed != 1 || f.Acquire() || bytes.Load() != 0 {
		t.Fatalf("closed %d times, %d bytes are left", closed, bytes.Load())
	}
	if n := f.Groups[0].Insert(2); n != 0 {
		t.Errorf("a closed queue takes entries as node %d", n)
	}
}

// A group keeps its entries in order whatever comes, goes and is moved.
func TestGroupsKeepTheirOrder(t *testing.T) {
	type entry struct {
		node uint32
		hash uint64
		uses int
	}
	rapid.Check(t, func(rt *rapid.T) {
		var bytes atomic.Int64
		f := policy.New(fifo{new(int)}, 1, &bytes)
		defer f.Release()
		g := &f.Groups[0]
		var list []entry // the next one first
		hashes := uint64(0)
		for range rapid.IntRange(1, 80).Draw(rt, "steps") {
			switch rapid.IntRange(0, 5).Draw(rt, "what") {
			case 0, 1:
				for range rapid.IntRange(1, 100).Draw(rt, "new") {
					hashes++
					node := g.Insert(hashes)
					if node == 0 {
						rt.Fatal("no node")
					}
					list = append(list, entry{node, hashes, int(hashes % 3)})
				}
			case 2:
				for range rapid.IntRange(0, len(list)).Draw(rt, "removed") {
					i := rapid.IntRange(0, len(list)-1).Draw(rt, "which")
					g.Remove(list[i].node)
					list = slices.Delete(list, i, i+1)
				}
			case 3:
				if len(list) == 0 {
					break
				}
				e := list[0]
				left, evict, next, _ := g.Judge(e.node, e.uses)
				if list = list[1:]; evict != (e.uses == 0) {
					rt.Fatalf("used %d times, evicted %v", e.uses, evict)
				}
				if !evict {
					e.uses = left
					list = append(list, e)
				}
				if len(list) > 0 && next != list[0].node {
					rt.Fatalf("node %d is next, want %d", next, list[0].node)
				}
			case 4:
				for begun, left := false, 1000; ; begun = true {
					node, hash, more := g.Trim(begun, &left)
					if !more {
						break
					}
					if node == 0 {
						continue
					}
					i := slices.IndexFunc(list, func(e entry) bool { return e.node == node })
					if i < 0 || list[i].hash != hash {
						rt.Fatalf("node %d of hash %d is in the way and no entry's", node, hash)
					}
					to, ok := g.Move(node)
					if !ok {
						break
					}
					list[i].node = to
				}
				if err := g.Release(); err != nil {
					rt.Fatal(err)
				}
			case 5:
				if rapid.IntRange(0, 9).Draw(rt, "flush") == 0 {
					if release := g.Flush(); release != nil {
						release()
					}
					list = nil
				}
			}
			if g.Len() != len(list) {
				rt.Fatalf("%d entries, want %d", g.Len(), len(list))
			}
			var got [10]uint64
			n := g.Ahead(got[:])
			for i := range n {
				if got[i] != list[i].hash {
					rt.Fatalf("hash %d is at place %d, want %d", got[i], i, list[i].hash)
				}
			}
			if n != min(len(list), len(got)) {
				rt.Fatalf("%d are ahead of %d", n, len(list))
			}
			if bytes.Load() != g.Bytes() {
				rt.Fatalf("%d bytes, counted %d", g.Bytes(), bytes.Load())
			}
		}
	})
}

func TestUsesAreCountedAboveTheNode(t *testing.T) {
	var bytes atomic.Int64
	f := policy.New(fifo{}, 1, &bytes)
	r := policy.Recency(12345, 0)
	for want := range 5 {
		want = min(want, 2) // what the policy asks for
		if policy.Node(r) != 12345 || policy.Uses(r) != want {
			t.Errorf("node %d, %d uses, want %d", policy.Node(r), policy.Uses(r), want)
		}
		r = f.Used(r)
	}
	if r > eviction.RecencyMask {
		t.Errorf("%x is more than an entry keeps", r)
	}
}

// The victims are the highest ranked of all that were drawn.
func TestVictimsAreTheHighest(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ranks := rapid.SliceOfN(rapid.Uint64Range(0, 50), 1, policy.DrawAtOnce).Draw(rt, "ranks")
		v := policy.Victims{Most: rapid.IntRange(1, policy.DrawAtOnce/2).Draw(rt, "most")}
		highest := uint64(0)
		for i, rank := range ranks {
			first := v.Add(uint64(i), rank)
			if higher := i == 0 || rank > highest; first != higher {
				rt.Fatalf("rank %d after %d comes first: %v", rank, highest, first)
			}
			highest = max(highest, rank)
		}
		var got []uint64
		for _, x := range v.List() {
			if ranks[x.Word] != x.Rank {
				rt.Fatalf("entry %d has rank %d, not %d", x.Word, ranks[x.Word], x.Rank)
			}
			got = append(got, x.Rank)
		}
		slices.Sort(ranks)
		slices.Reverse(ranks)
		if want := ranks[:min(v.Most, len(ranks))]; !slices.Equal(got, want) || v.Drawn != len(ranks) {
			rt.Fatalf("ranks %v of %d, want %v", got, v.Drawn, want)
		}
		v.KeepOne()
		if l := v.List(); len(l) != 1 || l[0].Rank != ranks[0] {
			rt.Fatalf("%v is kept, want rank %d", l, ranks[0])
		}
	})
}

// As many go at once as are not worse, by the mean square of the share of what ranks
// higher, than each being the highest of some samples.
func TestMostOfIsNoWorseThanOneByOne(t *testing.T) {
	square := func(i, n int) float64 { return float64(i*(i+1)) / float64((n+1)*(n+2)) }
	for _, samples := range []int{1, 3, 5, 10, 64} {
		for drawn := samples; drawn <= policy.DrawAtOnce; drawn++ {
			most := policy.MostOf(drawn, samples)
			mean := func(m int) (sum float64) {
				for i := 1; i <= m; i++ {
					sum += square(i, drawn)
				}
				return sum / float64(m)
			}
			if most > 1 && mean(most) > square(1, samples)*(1+1e-6) {
				t.Errorf("%d of %d instead of one of %d: %g is worse than %g", most, drawn, samples, mean(most), square(1, samples))
			}
			if most < policy.DrawAtOnce/2 && mean(most+1) < square(1, samples)*(1-1e-6) {
				t.Errorf("only %d of %d instead of one of %d", most, drawn, samples)
			}
		}
	}
}
