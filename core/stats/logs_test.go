package stats

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

func byteSlices(words ...string) [][]byte {
	list := make([][]byte, len(words))
	for i, w := range words {
		list[i] = []byte(w)
	}
	return list
}

func TestSlowlogKeepsTheLast(t *testing.T) {
	l := NewSlowlog()
	l.SetMost(3)
	for _, w := range []string{"a", "b", "c", "d"} {
		l.Enter(time.Unix(5, 0), time.Second, byteSlices(w), "addr", "name")
	}
	var got []string
	for _, e := range l.Last(-1) {
		got = append(got, e.Args[0])
	}
	if !slices.Equal(got, []string{"d", "c", "b"}) || l.Len() != 3 {
		t.Errorf("%q, length %d", got, l.Len())
	}
	if e := l.Last(1); len(e) != 1 || e[0].ID != 3 || e[0].Addr != "addr" || e[0].Name != "name" || e[0].Took != time.Second {
		t.Errorf("%+v", e)
	}
	l.SetMost(1)
	if l.Len() != 1 || l.Last(9)[0].ID != 3 {
		t.Errorf("after SetMost: %+v", l.Last(9))
	}
	l.Reset()
	l.Enter(time.Unix(5, 0), time.Second, byteSlices("e"), "", "")
	if e := l.Last(-1); len(e) != 1 || e[0].ID != 4 {
		t.Errorf("after Reset: %+v", e)
	}
	l.SetMost(0)
	if l.Len() != 0 {
		t.Errorf("%d entries are kept", l.Len())
	}
}

// However many entries may be kept, the log takes no more than its bound, and drops
// the oldest for that.
func TestSlowlogIsBounded(t *testing.T) {
	l := NewSlowlog()
	l.SetMost(math.MaxInt)
	long := make([][]byte, slowArgs)
	for i := range long {
		long[i] = bytes.Repeat([]byte("x"), 2*slowBytes)
	}
	for _, name := range []string{"", strings.Repeat("n", slowMemory/8)} {
		for range 5000 {
			l.Enter(time.Now(), time.Second, long, "address", name)
		}
		size, entries := 0, l.Last(-1)
		for i, e := range entries {
			size += e.size()
			if e.ID != entries[0].ID-int64(i) {
				t.Fatalf("entry %d has the ID %d, the newest has %d", i, e.ID, entries[0].ID)
			}
		}
		if size > slowMemory || size < slowMemory/2 || size != l.size {
			t.Errorf("%d entries take %d bytes, counted %d", len(entries), size, l.size)
		}
	}
	l.SetMost(3)
	if n := l.Len(); n != 3 {
		t.Errorf("%d entries", n)
	}
	l.Reset()
	if l.Len() != 0 || l.size != 0 {
		t.Errorf("%d entries of %d bytes after Reset", l.Len(), l.size)
	}
}

func TestSlowlogShortensArguments(t *testing.T) {
	long := strings.Repeat("x", 130)
	words := slices.Repeat([]string{"w"}, 40)
	words[1] = long
	got := shorten(byteSlices(words...))
	if len(got) != 32 || got[1] != long[:128]+"... (2 more bytes)" || got[31] != "... (9 more arguments)" || got[30] != "w" {
		t.Errorf("%q", got)
	}
	if got := shorten(byteSlices(words[:32]...)); len(got) != 32 || got[31] != "w" {
		t.Errorf("%q", got)
	}
}

func TestLatencyKeepsTheWorstOfEachSecond(t *testing.T) {
	var l Latency
	at := time.Unix(100, 5e8)
	l.Record("e", at, time.Hour)
	if l.Threshold() != Never || len(l.Events()) != 0 {
		t.Fatal("something is kept while it is off")
	}
	l.SetThreshold(10 * time.Millisecond)
	l.Record("e", at, 9*time.Millisecond)
	l.Record("e", at, 20*time.Millisecond)
	l.Record("e", at, 30*time.Millisecond)
	l.Record("e", at.Add(time.Second), 10*time.Millisecond)
	spikes, longest := l.History("e")
	want := []Spike{{time.Unix(100, 0), 30 * time.Millisecond}, {time.Unix(101, 0), 10 * time.Millisecond}}
	if !slices.EqualFunc(spikes, want, func(a, b Spike) bool { return a.At.Equal(b.At) && a.Took == b.Took }) || longest != 30*time.Millisecond {
		t.Errorf("%v, %v", spikes, longest)
	}
	for i := range 2 * latencyHistory {
		l.Record("many", at.Add(time.Duration(i)*time.Second), time.Second)
	}
	if spikes, _ := l.History("many"); len(spikes) != latencyHistory || !spikes[0].At.Equal(time.Unix(100+latencyHistory, 0)) {
		t.Errorf("%d spikes, the first at %v", len(spikes), spikes[0].At)
	}
	if got := l.Events(); !slices.Equal(got, []string{"e", "many"}) {
		t.Errorf("events %q", got)
	}
	if !l.Reset("e") || l.Reset("e") {
		t.Error("Reset is wrong about whether there was something")
	}
}

func TestErrorsByCode(t *testing.T) {
	s := New(1)
	for _, text := range []string{"ERR syntax error", "WRONGTYPE x", "ERR y", "NOAUTH"} {
		s.Failed(text)
	}
	for i := range 2 * maxErrorCodes {
		s.Failed(strings.Repeat("E", i+10))
	}
	got, all := map[string]int64{}, 0
	s.EachError(func(code string, n int64) { got[code] = n; all++ })
	if got["ERR"] != 2 || got["WRONGTYPE"] != 1 || got["NOAUTH"] != 1 || all != maxErrorCodes {
		t.Errorf("%d codes: %v", all, got)
	}
	s.Reset(0, 0)
	s.EachError(func(code string, n int64) { t.Errorf("after Reset: %s %d", code, n) })
}

func TestRates(t *testing.T) {
	s, at := New(1), time.Unix(100, 0)
	for range rateSamples + 1 {
		s.Sample(at)
		at = at.Add(SampleEvery)
		s.Commands.Add(10)
		s.NetInput.Add(2048)
	}
	if r := s.Rates(); int(r.Commands+0.5) != 100 || int(r.NetInput+0.5) != 20480 || r.NetOutput != 0 {
		t.Errorf("%+v", r)
	}
	s.Reset(0, 0)
	s.Sample(at)
	if r := s.Rates(); int(r.Commands+0.5) != 94 {
		t.Errorf("after Reset: %+v", r)
	}
}

func TestRemovedAndPeak(t *testing.T) {
	s := New(1)
	s.Reset(5, 7)
	if expired, evicted := s.Removed(6, 9); expired != 1 || evicted != 2 {
		t.Errorf("%d expired, %d evicted since the reset", expired, evicted)
	}
	if a, b, c := s.Peak(10), s.Peak(30), s.Peak(20); a != 10 || b != 30 || c != 30 {
		t.Errorf("peaks %d, %d, %d", a, b, c)
	}
}
