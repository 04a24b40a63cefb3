package hash

import (
	"math"
	"math/rand/v2"

	"github.com/redistill-go/redistill/core/store/copies"
)

// Each visits the fields that have not expired, in no particular order in a
// large hash and in the order in which they were added in a small one, until
// visit fails. visit must not change the hash.
func (f *Hash) Each(visit func(field, value []byte, expireAt int64) bool) {
	switch {
	case !f.exists:
	case f.v.Large():
		f.tree().leaves(0, func(_ int, l leaf) bool { return f.eachOf(l.pack(), 0, visit) })
	default:
		f.eachOf(f.pack(), 0, visit)
	}
}

// eachOf visits the fields of a pack whose hashes are not before from.
func (f *Hash) eachOf(pack []byte, from uint64, visit func(field, value []byte, expireAt int64) bool) bool {
	var p packed
	for off := 0; p.next(pack, off); off = p.end() {
		if p.at != 0 && f.gone(p) || from != 0 && f.m.hashOf(p.field) < from {
			continue
		}
		value := p.value
		if p.ref != 0 {
			value = f.value(p)
		}
		if !visit(p.field, value, p.at) {
			return false
		}
	}
	return true
}

// scanBits is how much of a field's hash a cursor holds.
const scanBits = treeDepth

// Scan visits fields in the order of their hashes from a cursor on, until at
// least count were visited, and returns the next cursor, 0 at the end. Fields
// that are there throughout a whole scan are visited, and exactly once unless
// the hash turns from small to large meanwhile. A small hash is visited whole,
// whatever the cursor, as in Redis.
func (f *Hash) Scan(cursor uint64, count int, visit func(field, value []byte, expireAt int64)) (next uint64) {
	return f.scan(cursor, func(p packed) bool {
		visit(p.field, f.value(p), p.at)
		count--
		return count > 0
	})
}

// ScanInto is Scan that adds the fields to a list, with their values if
// asked for. It ends early when those have become many bytes: left is how many
// are left of count.
func (f *Hash) ScanInto(cursor uint64, count int, values bool, to *copies.List) (next uint64, left int) {
	next = f.scan(cursor, func(p packed) bool {
		f.m.copyField(to, p, values)
		count--
		return count > 0 && !to.Full()
	})
	return next, count
}

// scan is Scan until visit says that it is enough.
func (f *Hash) scan(cursor uint64, visit func(packed) bool) (resume uint64) {
	more := true
	eachOf := func(pack []byte, from uint64) {
		for p, ok := next(pack, 0); ok; p, ok = next(pack, p.end()) {
			if !f.gone(p) && (from == 0 || f.m.hashOf(p.field) >= from) {
				more = visit(p) && more
			}
		}
	}
	from := cursor << (64 - scanBits)
	switch {
	case !f.exists:
		return 0
	case !f.v.Large():
		eachOf(f.pack(), 0)
		return 0
	case cursor >= 1<<scanBits:
		return 0
	}
	t := f.tree()
	t.leaves(t.index(from), func(i int, l leaf) bool {
		if eachOf(l.pack(), from); more {
			return true
		}
		// Where the hashes of the leaf's fields end.
		i += 1 << (t.depth() - l.depth())
		if i < 1<<t.depth() {
			resume = uint64(i) << (scanBits - t.depth())
		}
		return false
	})
	return resume
}

// Random returns a field, each being equally likely, expired ones aside. ok is
// false if there is none.
func (f *Hash) Random() (field, value []byte, ok bool) {
	p, ok, _ := f.random()
	if !ok {
		return nil, nil, false
	}
	return p.field, f.value(p), true
}

// RandomInto adds n fields to a list, any of which may come again. It ends early
// when those have become many bytes, or where it has to look at all fields to
// find one that has not expired.
func (f *Hash) RandomInto(n int, values bool, to *copies.List) {
	for quick := true; n > 0 && quick && !to.Full(); n-- {
		var p packed
		var ok bool
		if p, ok, quick = f.random(); !ok {
			return
		}
		f.m.copyField(to, p, values)
	}
}

// random is Random; quick says that it had to look at a few fields only.
func (f *Hash) random() (p packed, ok, quick bool) {
	if !f.exists {
		return packed{}, false, true
	}
	for range 64 {
		if p, ok := f.draw(); ok && !f.gone(p) {
			return p, true, true
		}
	}
	// Hardly any field is left that has not expired.
	n := 0
	f.scan(0, func(q packed) bool {
		if n++; rand.IntN(n) == 0 {
			p, ok = q, true
		}
		return true
	})
	return p, ok, false
}

// draw picks a field. In a tree it draws a leaf by its share of the directory
// and lets it pass with a likelihood that makes up for how full it is.
func (f *Hash) draw() (packed, bool) {
	if !f.v.Large() {
		return nth(f.pack(), rand.IntN(f.Len())), true
	}
	t := f.tree()
	for range 1024 {
		i := rand.IntN(1 << t.depth())
		l := t.leaf(i)
		if n := rand.IntN((leafFields + 1) << (t.depth() - l.depth())); n < l.count() {
			return nth(l.pack(), n), true
		}
	}
	return packed{}, false
}

func nth(pack []byte, n int) packed {
	p, _ := next(pack, 0)
	for ; n > 0; n-- {
		p, _ = next(pack, p.end())
	}
	return p
}

// expireLeaves is how many leaves one step of Expire changes.
const expireLeaves = 64

// Expire removes fields that have expired; more says that some are left, for
// another step, so that nobody waits long for the lock.
func (f *Hash) Expire() (more bool) {
	if f.Lasting() {
		return false
	}
	if !f.v.Large() {
		f.v.setEarliest(f.expireRun(0))
		return false
	}
	t, earliest, steps := f.tree(), int64(math.MaxInt64), 0
	t.leaves(0, func(i int, l leaf) bool {
		if f.now > l.earliest() {
			if steps++; steps > expireLeaves {
				more = true
				return false
			}
			at := f.expireRun(i)
			l = t.leaf(i)
			l.setEarliest(at)
		}
		earliest = min(earliest, l.earliest())
		return true
	})
	if !more {
		f.v.setEarliest(earliest)
	}
	return more
}

// expireRun removes the expired fields of one pack and returns when the next
// one expires.
func (f *Hash) expireRun(leaf int) (earliest int64) {
	earliest = math.MaxInt64
	f.preserve(leaf)
	b := f.run(leaf)
	end, gone := 0, 0
	for p, ok := next(b, 0); ok; p, ok = next(b, p.end()) {
		if f.gone(p) {
			f.m.freeValue(p)
			if f.v.Large() {
				f.tree().addBytes(-blockSize(p.ref, p.length))
			}
			gone++
			continue
		}
		if p.at != 0 {
			earliest = min(earliest, p.at)
		}
		end += copy(b[end:], b[p.off:p.end()])
	}
	f.close(leaf, end, len(b)-end)
	f.addCount(leaf, -gone)
	f.m.Expired.Add(int64(gone))
	f.changed = f.changed || gone > 0
	return earliest
}
