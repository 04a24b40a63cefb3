package store

import (
	"errors"
	"fmt"
	"hash/maphash"
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/hash"
	"github.com/redistill-go/redistill/core/store/index"
)

// ErrNoMemory says that the system or the reserved address range is out of
// memory. Nothing was changed.
var ErrNoMemory = arena.ErrNoMemory

// ErrTooLong says that a key or a value is longer than MaxLength.
var ErrTooLong = errors.New("too long")

// Options are what a store is made with.
type Options struct {
	// Shards is a power of two up to MaxShards; 0 chooses.
	Shards int
	// MaxMemory is the limit in bytes; 0: none. It may be changed later.
	MaxMemory int64
	// Policy decides about eviction; nil refuses writes at the limit. It may
	// be changed later.
	Policy eviction.Policy
	// Reserve is the address space in bytes; 0 chooses. It costs no memory.
	Reserve uint64
}

// Store is the key space. Make one with New.
type Store struct {
	seed      maphash.Seed
	shardBits uint
	shards    []Shard
	arena     *arena.Arena
	hashes    hash.Shared
	listener  Listener

	Room
	Evictor
	Sweeper
	Snapshots
	compactor compactor

	awaited  atomic.Int32   // somebody waits for all Work to end
	releases sync.WaitGroup // memory of removed keys that is being given back
}

// New makes an empty store.
func New(o Options) (*Store, error) {
	if o.Shards == 0 {
		o.Shards = defaultShards(o.MaxMemory)
	}
	if o.Shards < 1 || o.Shards > MaxShards || o.Shards&(o.Shards-1) != 0 {
		return nil, fmt.Errorf("store: %d shards: want a power of two from 1 to %d", o.Shards, MaxShards)
	}
	if o.Reserve == 0 {
		o.Reserve = defaultReserve(o.MaxMemory)
	}
	groups := min(1<<bits.Len(uint(runtime.GOMAXPROCS(0)-1)), o.Shards, 64)
	step := 8
	if o.MaxMemory > 0 && o.MaxMemory < 512<<20 {
		groups, step = 1, 1 // spans that are partly used would be too large a share
	}
	a, err := arena.New(groups, o.Reserve, step)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	st := &Store{
		seed:      maphash.MakeSeed(),
		shardBits: uint(bits.TrailingZeros(uint(o.Shards))),
		shards:    make([]Shard, o.Shards),
		arena:     a,
	}
	st.Room.st, st.pressed = st, make(chan struct{}, 1)
	st.compactor.st, st.Snapshots.st, st.Sweeper.st = st, st, st
	st.Evictor.st, st.Evictor.entries = st, eviction.NewEntries(candidates{a.Region()})
	st.hashes.Arena, st.hashes.Seed, st.hashes.Background = a, st.seed, st.Background
	st.hashes.Leaving, st.hashes.Copied, st.hashes.Lent = &st.leaving, &st.copies, &st.lent
	st.hashes.Limits.Init()
	st.maxMemory.Store(o.MaxMemory)
	for i := range st.shards {
		sh := &st.shards[i]
		sh.st, sh.mem, sh.index, sh.group = st, a.Region(), i, i%groups
		sh.expiry.Clear()
		sh.tab.Init(a, sh.group, i)
		sh.recency.placeBits = index.FragBits + st.shardBits
		sh.hashes.Init(&st.hashes, sh.group, hashHome{sh})
	}
	st.SetPolicy(o.Policy)
	return st, nil
}

// defaultShards is 2048, which keeps the pause of a growing index under a
// tenth of a millisecond at 50 M keys, and fewer where memory is limited, so
// that their indexes, which have a least size, don't take much of it.
func defaultShards(maxMemory int64) int {
	if maxMemory == 0 || maxMemory >= 1<<30 {
		return 2048
	}
	shards := 16
	for shards < 1024 && int64(shards)<<19 < maxMemory {
		shards *= 2
	}
	return shards
}

// defaultReserve is room for any value that memory could hold, since address
// space is free: 1 TiB, or less where the system does not give so much.
func defaultReserve(maxMemory int64) uint64 {
	for size := uint64(1 << 40); size > 1<<32; size /= 2 {
		if probe, err := arena.New(1, size, 1); err == nil {
			_ = probe.Close()
			return size
		}
	}
	return max(1<<30, uint64(maxMemory)*2)
}

// Close gives the memory back. No entry or shard may be used afterwards.
func (st *Store) Close() error {
	st.releases.Wait()
	st.SetPolicy(nil)
	return st.arena.Close()
}

// Lock locks the key's shard and returns it. The caller calls Unlock, and
// takes no other lock before that.
func (st *Store) Lock(k Key) *Shard {
	sh := st.shardOf(k.Hash)
	sh.mu.Lock()
	return sh
}

// Warm pulls the key's place in the index towards the processor and returns
// where its entry seems to be, for Touch. Called for each key of a batch and
// then Touch for each, the misses of one batch overlap instead of queueing up.
// No lock is needed; the key's shard may change at any time.
func (st *Store) Warm(k Key) (guess uint64) {
	t := st.shardOf(k.Hash).tab.Load()
	frag := st.frag(k.Hash)
	for _, w := range t.Slots[t.Home(frag):] {
		if w == 0 || index.Frag(w) > frag {
			break
		}
		if index.Frag(w) == frag {
			return uint64(index.Ref(w))
		}
	}
	return 0
}

// Touch reads a little of an entry that Warm found. What it returns is noise:
// it only keeps the compiler from leaving out the read.
func (st *Store) Touch(guess uint64) uint64 { return st.arena.Peek(arena.Ref(guess)) }

// Shards is the number of shards.
func (st *Store) Shards() int { return len(st.shards) }

// Key is a key with its hash, which is computed once for each command.
type Key struct {
	Bytes []byte
	Hash  uint64
}

// MaxShards leaves enough of the hash for the fragment.
const MaxShards = 1 << 16

// Key hashes b. The hash is seeded anew in each process, so that clients can't
// aim at one shard or one place in it. b is kept, not copied.
func (st *Store) Key(b []byte) Key {
	return Key{Bytes: b, Hash: maphash.Bytes(st.seed, b)}
}

// frag is the key's place in the order of its shard's index.
func (st *Store) frag(hash uint64) uint64 { return hash << st.shardBits >> (64 - index.FragBits) }

func (st *Store) shardOf(hash uint64) *Shard {
	return &st.shards[hash>>(64-st.shardBits)]
}

// hashAt is a key's hash in the shard as far as the place of its entry tells it.
func (st *Store) hashAt(sh *Shard, frag uint64) uint64 {
	return (uint64(sh.index)<<index.FragBits | frag) << (64 - index.FragBits - st.shardBits)
}
