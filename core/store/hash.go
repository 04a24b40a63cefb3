package store

import (
	"hash/maphash"

	"github.com/redistill-go/redistill/core/store/index"
)

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
