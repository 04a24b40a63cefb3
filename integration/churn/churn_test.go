package churn

import (
	"bufio"
	"bytes"
	"strings"
	"testing"
)

func TestSizesCoverTheirRangeEvenlyInTheLogarithm(t *testing.T) {
	s := New(1, Mixed)
	var sum float64
	var octaves [13]int
	const n = 200_000
	for range n {
		v := Mixed.draw(s.random)
		if v < Mixed.Low || v > Mixed.High {
			t.Fatalf("drew %d", v)
		}
		sum += float64(v)
		for o := range octaves {
			if v < Mixed.Low<<(o+1) {
				octaves[o]++
				break
			}
		}
	}
	if got := sum / n; got < 0.97*Mixed.Mean() || got > 1.03*Mixed.Mean() {
		t.Errorf("mean %.0f, want %.0f", got, Mixed.Mean())
	}
	for o, got := range octaves[:12] {
		if got < n/12*9/10 || got > n/12*11/10 {
			t.Errorf("%d of %d values from %d bytes on", got, n, Mixed.Low<<o)
		}
	}
}

func TestAStreamCountsItsRequestsAndPayload(t *testing.T) {
	for name, s := range map[string]*Stream{
		"strings": New(0, Mixed), "hashes": {}, "expiring": {}, "deleting": {},
	} {
		*s = *New(0, Small)
		switch name {
		case "hashes":
			s.Fields, s.Expire = 3, true
		case "expiring":
			s.From, s.Span, s.Plain = 1000, 10, true
		case "deleting":
			s.Space = 10
		}
		var b []byte
		n := 0
		for range 1000 {
			var more int
			b, more = s.append(b)
			n += more
		}
		if got := bytes.Count(b, []byte("\r\n$3\r\nSET\r\n")) + bytes.Count(b, []byte("\r\n$4\r\nHSET\r\n")) +
			bytes.Count(b, []byte("\r\n$6\r\nEXPIRE\r\n")) + bytes.Count(b, []byte("\r\n$5\r\nTOUCH\r\n")) +
			bytes.Count(b, []byte("\r\n$3\r\nDEL\r\n")); got != n {
			t.Errorf("%s: %d requests, counted %d", name, got, n)
		}
		if s.payload < int64(16*n/4) || s.payload > int64(len(b)) {
			t.Errorf("%s: payload %d in %d bytes", name, s.payload, len(b))
		}
	}
}

func TestRepliesTellRefusalsFromErrors(t *testing.T) {
	read := func(text string, n int) (int64, error) { return replies(bufio.NewReader(strings.NewReader(text)), n) }
	if refused, err := read("+OK\r\n-OOM command not allowed\r\n:1\r\n", 3); refused != 1 || err != nil {
		t.Errorf("%d refused, %v", refused, err)
	}
	for _, bad := range []string{"-ERR no\r\n", "$3\r\nabc\r\n", "", "+OK\r\n"} {
		if _, err := read(bad, 2); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}
