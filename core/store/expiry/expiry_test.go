package expiry

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestPast(t *testing.T) {
	for _, tt := range []struct {
		at, now int64
		past    bool
	}{
		{0, math.MaxInt64, false},
		{100, 99, false},
		{100, 100, false},
		{100, 101, true},
		{math.MaxInt64, math.MaxInt64, false},
	} {
		if got := Past(tt.at, tt.now); got != tt.past {
			t.Errorf("Past(%d, %d) is %v", tt.at, tt.now, got)
		}
	}
}

// What expires stays for MaxWait at most, however entries come and go, and the sweep
// doesn't come where nothing expires.
func TestNothingStaysForLong(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var s Schedule
		s.Clear()
		now := int64(1_000_000)
		var keys, hashes []int64
		remove := func(list []int64, f func(i int)) []int64 {
			kept := list[:0]
			for i := range list {
				if Past(list[i], now) {
					f(i)
				} else {
					kept = append(kept, list[i])
				}
			}
			return kept
		}
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			now += rapid.Int64Range(0, 3000).Draw(rt, "ms")
			switch rapid.IntRange(0, 4).Draw(rt, "what") {
			case 0, 1:
				for range rapid.IntRange(1, 30).Draw(rt, "keys") {
					at := now + rapid.Int64Range(1, 20_000).Draw(rt, "at")
					keys = append(keys, at)
					s.Add(at)
				}
			case 2:
				at := now + rapid.Int64Range(1, 20_000).Draw(rt, "at")
				hashes = append(hashes, at)
				s.AddHash()
				s.Expect(at)
			case 3:
				if len(keys) > 0 {
					s.Remove(keys[len(keys)-1])
					keys = keys[:len(keys)-1]
				}
			}
			earliest := int64(math.MaxInt64)
			for _, at := range append(append([]int64(nil), keys...), hashes...) {
				earliest = min(earliest, at)
			}
			if s.First() > earliest {
				rt.Fatalf("something expires at %d, before %d", earliest, s.First())
			}
			if earliest < math.MaxInt64 && s.Next() > earliest+MaxWait {
				rt.Fatalf("something expires at %d, the sweep comes at %d", earliest, s.Next())
			}
			if len(keys)+len(hashes) == 0 && s.Next() != math.MaxInt64 {
				rt.Fatalf("nothing expires, the sweep comes at %d", s.Next())
			}
			if s.Keys() != len(keys) || s.Hashes() != len(hashes) {
				rt.Fatalf("counted %d and %d, want %d and %d", s.Keys(), s.Hashes(), len(keys), len(hashes))
			}
			due := earliest != math.MaxInt64 && now >= s.Next() && now > s.First()
			if s.Begin(now) != due {
				rt.Fatalf("at %d a sweep that comes at %d is due: %v", now, s.Next(), !due)
			}
			if !due {
				continue
			}
			f := NewForecast(now)
			keys = remove(keys, func(i int) { s.Remove(keys[i]) })
			hashes = remove(hashes, func(int) { s.RemoveHash() })
			for _, at := range keys {
				f.Add(at)
			}
			for _, at := range hashes {
				f.Add(at)
			}
			s.End(&f)
		}
	})
}

// A few entries that expire soon among many that don't make no pass over all of them.
func TestTheSweepWaitsForATwelfth(t *testing.T) {
	const now, all = 1_000_000, 1200
	for _, tt := range []struct {
		soon int
		next int64
	}{{10, now + MaxWait}, {all/dueShare + 1, now + 250 + MinWait}} {
		var s Schedule
		s.Clear()
		for range all {
			s.Add(now - 1)
		}
		if !s.Begin(s.Next()) {
			t.Fatal("no sweep is due when it comes")
		}
		f := NewForecast(now)
		for i := range all {
			if i < tt.soon {
				f.Add(now + 250)
			} else {
				f.Add(now + 3_600_000)
			}
		}
		s.End(&f)
		if s.Next() != tt.next {
			t.Errorf("%d of %d expire soon: the sweep comes in %d ms, want %d", tt.soon, all, s.Next()-now, tt.next-now)
		}
	}
}

// Who gets an expiry after a sweep calls the next one forward, sooner if there are many.
func TestNewExpiriesCallTheSweep(t *testing.T) {
	var s Schedule
	s.Clear()
	const now, later = 1_000_000, 100_000_000
	for range 1000 {
		s.Add(later)
	}
	f := NewForecast(now)
	s.Begin(later + 1)
	for range 1000 {
		f.Add(later)
	}
	s.End(&f)
	s.Add(now + 10)
	if want := int64(now + 10 + MaxWait); s.Next() > want {
		t.Errorf("the sweep comes at %d, want %d at most", s.Next(), want)
	}
	for range 200 {
		s.Add(now + 10)
	}
	if want := int64(now + 10 + MinWait); s.Next() != want {
		t.Errorf("the sweep comes at %d, want %d", s.Next(), want)
	}
}
