package main

import (
	"bufio"
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// measure runs scenarios of a size that takes seconds and returns the tables.
func measure(t *testing.T, args ...string) string {
	t.Helper()
	o, err := parseFlags(append(args, "-binary="+harness.Binary(t), "-limit=16mb", "-writers=2", "-rounds=1"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(t.Context(), o, &out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	return out.String()
}

func TestChurnMeasuresEveryPhaseAndPolicy(t *testing.T) {
	t.Parallel()
	out := measure(t, "-only=churn", "-times=1", "-shift=0.1", "-policies=allkeys-lru,noeviction")
	for _, policy := range []string{"allkeys-lru", "noeviction"} {
		for _, p := range phases {
			row := regexp.MustCompile(`(?m)^` + policy + ` +16M +` + p.name + ` +\d+ +\d+ +\d+ +\d+ +\d+ +33 (met|MISSED) +[\d.]+ +[\d.]+ (met|MISSED)$`)
			if !row.MatchString(out) {
				t.Errorf("no row for %s, %s in\n%s", policy, p.name, out)
			}
		}
	}
}

func TestCostComparesEveryLoad(t *testing.T) {
	t.Parallel()
	out := measure(t, "-only=cost", "-sets=10000", "-policies=allkeys-random,noeviction")
	for _, l := range setLoads {
		row := regexp.MustCompile(`(?m)^allkeys-random +16M +` + l.name + ` +[\d.]+ `)
		if !row.MatchString(out) {
			t.Errorf("no row for %s in\n%s", l.name, out)
		}
	}
	if strings.Contains(out, "noeviction") {
		t.Errorf("a policy that evicts nothing was measured:\n%s", out)
	}
}

func TestExpiryMeasuresGetsAndMemory(t *testing.T) {
	t.Parallel()
	out := measure(t, "-only=expiry", "-keys=20000", "-rate=1000", "-policies=noeviction")
	for _, row := range []string{`round 1: GET p50 / p99 / longest before`, `memory without a client: \d+ MiB when loaded`} {
		if !regexp.MustCompile(row).MatchString(out) {
			t.Errorf("no %q in\n%s", row, out)
		}
	}
}

func TestFlags(t *testing.T) {
	for _, bad := range []string{"-rounds=0", "-only=nothing", "-limit=1mb", "-limit=x", "-times=0", "-writers=0", "rest"} {
		var out bytes.Buffer
		if _, err := parseFlags([]string{bad}, &out); err == nil || out.Len() == 0 {
			t.Errorf("%s: error %v, message %q", bad, err, &out)
		}
	}
	o, err := parseFlags([]string{"-only", "churn,cost", "-limit", "64mb,1gb"}, io.Discard)
	if err != nil || !o.wants("cost") || o.wants("expiry") || len(o.limits) != 2 || o.limits[1] != 1<<30 {
		t.Errorf("options %+v, %v", o, err)
	}
}

func TestAPolicyThatTheBinaryLacksIsRefused(t *testing.T) {
	b := &bench{options: options{policies: []string{"allkeys-nothing"}}, binary: harness.Binary(t)}
	if err := b.choosePolicies(t.Context()); err == nil || !strings.Contains(err.Error(), "allkeys-nothing") {
		t.Errorf("error %v", err)
	}
	b.policies = nil
	if err := b.choosePolicies(t.Context()); err != nil || len(b.policies) < 3 {
		t.Errorf("policies %v, %v", b.policies, err)
	}
}

func TestSizesCoverTheirRangeEvenlyInTheLogarithm(t *testing.T) {
	s := newStream(1, mixed)
	var sum float64
	var octaves [13]int
	const n = 200_000
	for range n {
		v := mixed.draw(s.random)
		if v < mixed.low || v > mixed.high {
			t.Fatalf("drew %d", v)
		}
		sum += float64(v)
		for o := range octaves {
			if v < mixed.low<<(o+1) {
				octaves[o]++
				break
			}
		}
	}
	if got := sum / n; got < 0.97*mixed.mean() || got > 1.03*mixed.mean() {
		t.Errorf("mean %.0f, want %.0f", got, mixed.mean())
	}
	for o, got := range octaves[:12] {
		if got < n/12*9/10 || got > n/12*11/10 {
			t.Errorf("%d of %d values from %d bytes on", got, n, mixed.low<<o)
		}
	}
}

func TestAStreamCountsItsRequestsAndPayload(t *testing.T) {
	for name, s := range map[string]*stream{
		"strings": newStream(0, mixed), "hashes": {}, "expiring": {}, "deleting": {},
	} {
		*s = *newStream(0, small)
		switch name {
		case "hashes":
			s.fields, s.expire = 3, true
		case "expiring":
			s.from, s.span, s.plain = 1000, 10, true
		case "deleting":
			s.space = 10
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
