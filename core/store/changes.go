package store

import (
	"encoding/binary"
	"math/bits"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/store/index"
)

// What changed since a moment is remembered for those who save changes only:
// for each shard a bit for each stretch of fragments in which something was
// written, about one for an entry, and the keys that were removed, as long as
// they are not too many.
const (
	minStretches = 1 << 9
	maxStretches = 1 << 16
	// maxGone is how many bytes of removed keys are remembered in all shards.
	maxGone = 32 << 20
)

// changes are those of one shard. Its lock guards them, unless a view has
// taken them over.
type changes struct {
	written stretches
	any     bool   // a bit of written is set
	gone    []byte // removed keys, each after its length in 4 bytes
}

// stretches is a set of fragments: a bit for each stretch of them, of which
// there is a power of two.
type stretches []uint64

func newStretches(entries int) stretches {
	n := minStretches
	for n < entries && n < maxStretches {
		n *= 2
	}
	return make(stretches, n/64)
}

// shift is how many bits of a fragment tell the place within its stretch.
func (s stretches) shift() uint { return uint(index.FragBits + 1 - bits.Len(uint(len(s)*64))) }

func (s stretches) add(frag uint64) {
	i := frag >> s.shift()
	s[i/64] |= 1 << (i % 64)
}

func (s stretches) has(frag uint64) bool {
	i := frag >> s.shift()
	return s[i/64]>>(i%64)&1 != 0
}

// next is the first fragment not before frag that is in the set.
func (s stretches) next(frag uint64) (uint64, bool) {
	shift := s.shift()
	i := frag >> shift
	if i >= uint64(len(s)*64) {
		return 0, false
	}
	w := s[i/64] >> (i % 64) << (i % 64)
	for j := i / 64; ; w = s[j] {
		if w != 0 {
			return max(frag, (j*64+uint64(bits.TrailingZeros64(w)))<<shift), true
		}
		if j++; j == uint64(len(s)) {
			return 0, false
		}
	}
}

// Snapshots is how the store shows what it has, or what changed, as of one moment. Its
// methods are the store's, and any goroutine may call them.
type Snapshots struct {
	st *Store

	viewing   atomic.Bool  // a view is open
	tracking  atomic.Bool  // changes are tracked
	loading   atomic.Bool  // what is written comes from the snapshot
	needsFull atomic.Bool  // the next view of changes has everything
	gone      atomic.Int64 // bytes of removed keys that are remembered
}

// TrackChanges makes the store remember what changes from now on, which
// Changes needs. Until Loaded, all of it counts as changed.
func (s *Snapshots) TrackChanges() {
	s.st.lockAll()
	defer s.st.unlockAll()
	s.tracking.Store(true)
	s.needsFull.Store(true)
	for i := range s.st.shards {
		if sh := &s.st.shards[i]; sh.since == nil {
			sh.since = &changes{written: newStretches(sh.tab.Len())}
			sh.hooks.Add(hookChanges)
		}
	}
}

// Loading says that what is written from now on comes from the snapshot that
// the next Changes start from: it is no change. What is removed is one.
func (s *Snapshots) Loading() {
	s.needsFull.Store(false)
	s.loading.Store(true)
}

// Loaded ends Loading. ok says that the store holds the snapshot now, and what
// it doesn't was told to Gone; else the next Changes have everything.
func (s *Snapshots) Loaded(ok bool) {
	s.loading.Store(false)
	if !ok {
		s.needsFull.Store(true)
	}
}

// Gone tells of a key that the snapshot has and the store did not take. No
// shard is locked by the caller.
func (s *Snapshots) Gone(k Key) {
	sh := s.st.Lock(k)
	defer sh.Unlock()
	if sh.since != nil {
		sh.note(k, Deleted)
	}
}

// note keeps a change of a key for the next Changes.
func (sh *Shard) note(k Key, what Change) {
	st := sh.st
	if what == Written {
		if !st.loading.Load() {
			sh.since.written.add(st.frag(k.Hash))
			sh.since.any = true
		}
		return
	}
	if st.needsFull.Load() {
		return
	}
	n := 4 + len(k.Bytes)
	if st.gone.Add(int64(n)) > maxGone {
		st.needsFull.Store(true)
		return
	}
	sh.since.gone = binary.LittleEndian.AppendUint32(sh.since.gone, uint32(len(k.Bytes)))
	sh.since.gone = append(sh.since.gone, k.Bytes...)
}

// merge adds older changes.
func (c *changes) merge(old *changes) {
	if old.any {
		c.any = true
		for f, ok := old.written.next(0); ok; {
			// The bits of the one are ranges of bits of the other.
			end := (f>>old.written.shift() + 1) << old.written.shift()
			for ; f < end; f += 1 << min(c.written.shift(), old.written.shift()) {
				c.written.add(f)
			}
			f, ok = old.written.next(end)
		}
	}
	c.gone = append(old.gone, c.gone...)
}

// entries is about how many entries were written.
func (c *changes) entries() int {
	n := 0
	for _, w := range c.written {
		n += bits.OnesCount64(w)
	}
	return n
}

func (c *changes) each(yield func(key []byte) error) error {
	for b := c.gone; len(b) > 0; {
		n := binary.LittleEndian.Uint32(b)
		key := b[4 : 4+n : 4+n]
		if err := yield(key); err != nil {
			return err
		}
		b = b[4+n:]
	}
	return nil
}
