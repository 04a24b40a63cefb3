package store

import (
	"math"
	"testing"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/queue"
	"github.com/redistill-go/redistill/core/store/policy"
)

// fifoPolicy evicts what came first, whatever its uses.
type fifoPolicy struct{}

var _ eviction.Queuer = fifoPolicy{}

func (fifoPolicy) Name() string { return "fifo" }
func (fifoPolicy) MaxUses() int { return eviction.MaxUses }

func (fifoPolicy) NewQueue(nodes *queue.Nodes) (eviction.Queue, error) {
	l, ok := nodes.NewList()
	if !ok {
		return nil, ErrNoMemory
	}
	return &fifo{nodes, l, [eviction.MaxUses + 1]int{}}, nil
}

type fifo struct {
	nodes  *queue.Nodes
	list   queue.List
	judged [eviction.MaxUses + 1]int // by uses
}

func (q *fifo) Insert(node uint32) { q.nodes.Push(q.list, node) }
func (q *fifo) Remove(node uint32) { q.nodes.Unlink(node) }
func (q *fifo) Next() uint32       { return q.nodes.Back(q.list) }
func (q *fifo) Bytes() int64       { return 0 }
func (q *fifo) Close() error       { return nil }

func (q *fifo) Judge(node uint32, uses int) (int, bool) {
	q.judged[uses]++
	q.nodes.Unlink(node)
	return 0, true
}

// checkOrders asserts that the queues hold exactly the entries, each with the
// node that it knows.
func checkOrders(t fataler, st *Store) {
	t.Helper()
	held := map[*policy.Group]map[uint32]bool{}
	for i := range st.shards {
		sh := &st.shards[i]
		if sh.recency.policy != st.Evictor.inForce.Load() {
			t.Fatalf("shard %d has another policy than the store", i)
		}
		g := sh.recency.group
		if g == nil {
			continue
		}
		if held[g] == nil {
			held[g] = map[uint32]bool{}
		}
		_, nodes := g.Queue()
		tab := sh.tab.Load()
		for slot := tab.Used(0); slot >= 0; slot = tab.Used(slot + 1) {
			e := sh.entry(tab.Slots[slot], slot)
			node := policy.Node(e.Recency())
			if node == 0 || held[g][node] {
				t.Fatalf("entry %.40q has node %d, which is none or another one's", e.Key(), node)
			}
			held[g][node] = true
			hash := nodes.Hash(node)
			if found, ok := st.shardOf(hash).withNode(node, hash); !ok || found.slot != slot {
				t.Fatalf("entry %.40q is not found by its node", e.Key())
			}
			if nodes.ListOf(node) == 0 {
				t.Fatalf("entry %.40q is in no list", e.Key())
			}
		}
	}
	bytes := int64(0)
	for o, nodes := range held {
		if o.Len() != len(nodes) {
			t.Fatalf("%d entries in a queue, counted %d", len(nodes), o.Len())
		}
		if _, pool := o.Queue(); len(nodes) > 0 && pool.Len() != len(nodes)+1 {
			t.Fatalf("%d nodes for %d entries and a list", pool.Len(), len(nodes))
		}
		bytes += o.Bytes()
	}
	if got := st.Memory().Order; got != bytes {
		t.Fatalf("the queues hold %d bytes, counted %d", bytes, got)
	}
}

// limited is a limit that is not reached and asks for the given groups.
func limited(groups int64) int64 { return groups * groupSize }

func TestQueuesEvictInTheirOrder(t *testing.T) {
	st := newStore(t, Options{Shards: 8, Policy: fifoPolicy{}, MaxMemory: limited(1)})
	for i := range 1000 {
		mustSet(t, st, numbered(st, i), []byte("value"), 0, epoch)
	}
	// Neither a read nor a new value makes an entry new.
	get(st, numbered(st, 0), epoch)
	mustSet(t, st, numbered(st, 1), []byte("another one"), 0, epoch)
	remove(st, numbered(st, 2), epoch)
	mustSet(t, st, numbered(st, 3), []byte("value"), epoch+1, epoch)
	for range 99 {
		if !st.Evictor.some(epoch+2, math.MaxInt64) {
			t.Fatal("nothing evicted")
		}
	}
	checkStore(t, st, st.Key, 0)
	for i := range 1000 {
		if _, _, ok := get(st, numbered(st, i), epoch); ok != (i >= 100) {
			t.Errorf("key %d: there %v", i, ok)
		}
	}
	if n := st.Totals(); n.Evicted != 98 || n.Expired != 1 {
		t.Errorf("%+v", n)
	}
}

func TestReadsAreCountedUpToWhatThePolicyAsks(t *testing.T) {
	st := newStore(t, Options{Shards: 1, Policy: fifoPolicy{}, MaxMemory: limited(1)})
	for i := range 6 {
		mustSet(t, st, numbered(st, i), []byte("value"), 0, epoch)
		for range i {
			get(st, numbered(st, i), epoch)
		}
	}
	queue, _ := st.shards[0].recency.group.Queue()
	q := queue.(*fifo)
	for st.Evictor.some(epoch, math.MaxInt64) {
		checkOrders(t, st)
	}
	if want := [eviction.MaxUses + 1]int{1, 1, 1, 3}; q.judged != want {
		t.Errorf("judged by uses: %v, want %v", q.judged, want)
	}
}

// Whatever the policy and its groups were, after a change all entries are where
// the new one wants them.
func TestAPolicyAdoptsWhatIsThere(t *testing.T) {
	st := newStore(t, Options{Shards: 16})
	for i := range 5000 {
		mustSet(t, st, numbered(st, i), []byte("value"), 0, epoch)
	}
	lru := &clockPolicy{samples: 5}
	for _, step := range []struct {
		policy eviction.Policy
		limit  int64
		groups int
	}{
		{fifoPolicy{}, 0, 0}, {fifoPolicy{}, limited(1), 1}, {fifoPolicy{}, limited(7), 4}, {lru, limited(1), 0},
		{fifoPolicy{}, limited(100), 16}, {fifoPolicy{}, limited(2), 2}, {nil, limited(2), 0}, {fifoPolicy{}, 1 << 20, 1},
	} {
		st.SetPolicy(step.policy)
		st.SetMaxMemory(step.limit)
		checkStore(t, st, st.Key, 0)
		groups := 0
		if p := st.Evictor.inForce.Load(); p != nil {
			groups = len(p.Groups)
		}
		if groups != step.groups {
			t.Errorf("%+v: %d groups", step, groups)
		}
		if (st.Memory().Order > 0) != (step.groups > 0) {
			t.Errorf("%+v: the queues hold %d bytes", step, st.Memory().Order)
		}
	}
	for range 5000 {
		if !st.Evictor.some(epoch, math.MaxInt64) {
			t.Fatal("not all are evicted")
		}
	}
	if st.Evictor.some(epoch, math.MaxInt64) || st.Totals().Keys != 0 {
		t.Error("more is evicted than was there")
	}
}

// A shard that is locked while the policy changes follows later.
func TestALockedShardAdoptsThePolicyLater(t *testing.T) {
	st := newStore(t, Options{Shards: 4, MaxMemory: limited(1)})
	for i := range 100 {
		mustSet(t, st, numbered(st, i), []byte("value"), 0, epoch)
	}
	var set LockSet
	st.LockAll(&set)
	st.SetPolicy(fifoPolicy{})
	for i := range 50 {
		st.Locked(numbered(st, i)).Delete(numbered(st, i), epoch)
	}
	set.Unlock()
	st.releases.Wait()
	checkStore(t, st, st.Key, 0)
}

// The queues' memory goes with the entries, and those that stay keep their
// order.
func TestQueuesShrinkWithTheStore(t *testing.T) {
	st := newStore(t, Options{Shards: 16, Policy: fifoPolicy{}, MaxMemory: limited(2)})
	const keys, stays = 100_000, 50
	for i := range keys {
		mustSet(t, st, numbered(st, i), nil, 0, epoch)
	}
	full := st.Memory().Order
	for i := range keys {
		if i%stays != 0 {
			remove(st, numbered(st, i), epoch)
		}
	}
	for before := full + 1; st.Memory().Order < before; {
		before = st.Memory().Order
		if err := st.TidyPolicy(); err != nil {
			t.Fatal(err)
		}
		if given := before - st.Memory().Order; given > 2*tidyMost*16*5/4 {
			t.Errorf("%d bytes given back at once", given)
		}
	}
	checkStore(t, st, st.Key, 0)
	if got := st.Memory().Order; got > full/5 {
		t.Errorf("the queues hold %d bytes, %d when there were %d times as many entries", got, full, stays)
	}
	for range keys / stays / 2 {
		if !st.Evictor.some(epoch, math.MaxInt64) {
			t.Fatal("nothing evicted")
		}
	}
	older := 0
	for i := 0; i < keys/2; i += stays {
		if _, _, ok := get(st, numbered(st, i), epoch); ok {
			older++
		}
	}
	// Two groups are not equally far.
	if older > keys/stays/20 {
		t.Errorf("%d of the older half of the entries are left", older)
	}
}

func TestFlushEmptiesTheQueues(t *testing.T) {
	st := newStore(t, Options{Shards: 16, Policy: fifoPolicy{}, MaxMemory: limited(4)})
	for range 3 {
		for i := range 1000 {
			mustSet(t, st, numbered(st, i), []byte("value"), 0, epoch)
		}
		checkStore(t, st, st.Key, 0)
		st.Whole().Flush()()
		if m := st.Memory(); m.Order != 0 {
			t.Errorf("%+v", m)
		}
		checkStore(t, st, st.Key, 0)
	}
}
