package store

import (
	"encoding/binary"
	"testing"

	"github.com/redistill-go/redistill/core/eviction"
)

// BenchmarkSetEvicting sets keys that were never there, 256 bytes each: with no
// limit, deleting the oldest one each time, and evicting by
// queues or by samples. The difference is what an eviction costs.
func BenchmarkSetEvicting(b *testing.B) {
	for _, x := range []struct {
		name   string
		policy eviction.Policy
	}{{"delete", nil}, {"queue", fifoPolicy{}}, {"5 samples", &clockPolicy{samples: 5, sampling: 10}}, {"10 samples", &clockPolicy{samples: 10, sampling: 10}}} {
		b.Run(x.name, func(b *testing.B) {
			const keys = 500_000
			st := newStore(b, Options{Policy: x.policy, Reserve: 1 << 36, Shards: 2048})
			value := make([]byte, benchValue)
			name := make([]byte, 12)
			key := func(i uint64) Key {
				binary.LittleEndian.PutUint64(name, i)
				return st.Key(name)
			}
			for i := range uint64(keys) {
				mustSet(b, st, key(i), value, 0, epoch)
			}
			if x.policy != nil {
				st.SetMaxMemory(st.Memory().Allocated + st.Memory().Allocated/32)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := uint64(keys); b.Loop(); i++ {
				if x.policy == nil {
					k := key(i - keys)
					sh := st.Lock(k)
					sh.Delete(k, epoch)
					sh.Unlock()
				} else if !st.Admit(epoch, 0) {
					b.Fatal("refused")
				}
				k := key(i)
				sh := st.Lock(k)
				if err := sh.Set(k, value, 0, epoch); err != nil {
					b.Fatal(err)
				}
				sh.Unlock()
			}
		})
	}
}
