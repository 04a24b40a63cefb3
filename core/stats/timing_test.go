package stats

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A duration is counted in the bucket that it is below the end of, and no
// earlier one; the buckets are narrow.
func TestBuckets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(15*time.Minute)).Draw(t, "d"))
		i := bucketOf(d)
		if end := bucketEnd(i); d >= end || float64(end) > float64(d)*1.07+1 {
			t.Fatalf("%d is in bucket %d, which ends at %d", d, i, end)
		}
		if i > 0 && d < bucketEnd(i-1) {
			t.Fatalf("%d is in bucket %d and below the end of the one before", d, i)
		}
	})
	if bucketOf(-1) != 0 || bucketOf(1<<62) != buckets-1 {
		t.Errorf("durations out of range are in the buckets %d and %d", bucketOf(-1), bucketOf(1<<62))
	}
}

func TestTiming(t *testing.T) {
	s := New(2)
	for i := range 100 {
		s.Timed(1, time.Duration(i+1)*time.Millisecond, 10)
	}
	got := s.Timing(1)
	if got.Calls != 1000 || got.Total != 50500*time.Millisecond || s.Spent(1) != got.Total {
		t.Errorf("%d calls, %v", got.Calls, got.Total)
	}
	for q, want := range map[float64]time.Duration{0: 1, 0.5: 50, 0.99: 99, 1: 100} {
		least := want * time.Millisecond
		if d := got.Quantile(q); d < least || d > least*108/100 {
			t.Errorf("quantile %v is %v, want %v", q, d, least)
		}
	}
	if n := got.Below(time.Second); n != 1000 {
		t.Errorf("%d calls below a second", n)
	}
	if n := got.Below(time.Microsecond); n != 0 {
		t.Errorf("%d calls below a microsecond", n)
	}
	if other := s.Timing(0); other.Calls != 0 || other.Quantile(0.5) != 0 {
		t.Errorf("a command that was not called: %d calls", other.Calls)
	}
	s.Reset(0, 0)
	if after := s.Timing(1); after.Calls != 0 || after.Total != 0 {
		t.Errorf("after Reset: %d calls, %v", after.Calls, after.Total)
	}
}

// The weights of timed calls add up to the calls, whichever are timed and
// however the batches are cut.
func TestWeights(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, b := New(3), NewBatch(3)
		var calls, weights [3]int64
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			i := rapid.IntRange(0, 2).Draw(t, "command")
			b.Called(i, false)
			calls[i]++
			if rapid.Bool().Draw(t, "timed") {
				weights[i] += b.Weight(i)
				if weights[i] != calls[i] {
					t.Fatalf("command %d: weight %d after %d calls", i, weights[i], calls[i])
				}
			}
			if rapid.Bool().Draw(t, "flush") {
				b.Flush(s, 0, 0)
			}
		}
		b.Flush(s, 0, 0)
		for i := range calls {
			if n, _, _ := s.Command(i); n != calls[i] {
				t.Fatalf("command %d: %d calls, want %d", i, n, calls[i])
			}
		}
	})
}
