package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/integration/harness"
)

// redisTwice is a run that compares redis-server with itself.
func redisTwice(o options) *bench {
	start := func(ctx context.Context) (*harness.Server, error) {
		return harness.StartRedis(ctx, harness.Options{Unix: o.unix})
	}
	return &bench{options: o, progress: io.Discard, servers: [2]startFunc{start, start}}
}

func TestRunMeasuresEveryScenario(t *testing.T) {
	for _, args := range [][]string{
		{"-unix"},
		{"-only=get-p30,set-p1", "-generator=redis-benchmark"},
	} {
		args = append(args, "-rounds=1", "-duration=100ms", "-warmup=10ms", "-connections=4", "-keys=1000", "-memory-keys=20000", "-hashes=20000", "-fields=2000")
		o, err := parseFlags(args, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		b := redisTwice(o)
		if err := b.run(t.Context(), &out); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		for _, l := range loads(o.value, o.keys) {
			if got := strings.Contains(out.String(), l.title); got != o.wants(l.name) {
				t.Errorf("%v: %q in the table: %t\n%s", args, l.title, got, &out)
			}
		}
		for _, r := range b.table.rows {
			// Cpu time comes in ticks of 10 ms and may be 0 in so short a run.
			measured := r.ours[0] > 0 && r.redis[0] > 0 || strings.Contains(r.unit, "cpu")
			if len(r.ours) != 1 || len(r.redis) != 1 || !measured {
				t.Errorf("%v: %s, %s: %v and %v", args, r.title, r.unit, r.ours, r.redis)
			}
		}
		for scenario, unit := range map[string]string{hashScenario: "bytes per hash", growthScenario: "longest HSET"} {
			if got := strings.Contains(out.String(), unit); got != o.wants(scenario) {
				t.Errorf("%v: %s in the table: %t\n%s", args, unit, got, &out)
			}
		}
		if got := strings.Contains(out.String(), "beyond payload"); got != o.wants(memoryScenario) {
			t.Errorf("%v: memory in the table: %t\n%s", args, got, &out)
		}
	}
}

func TestRunStopsWhenCancelled(t *testing.T) {
	o, err := parseFlags([]string{"-only=get-p30", "-duration=10m", "-keys=1000", "-connections=2", "-warmup=0"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := redisTwice(o).run(ctx, io.Discard); err == nil {
		t.Error("a cancelled run returned no error")
	}
}

func TestFlags(t *testing.T) {
	for _, bad := range []string{"-rounds=0", "-only=nothing", "-generator=x", "-value=0", "-value=1000000", "-keys=2000000000", "-hashes=0", "-duration=0s", "rest"} {
		var out bytes.Buffer
		if _, err := parseFlags([]string{bad}, &out); err == nil || out.Len() == 0 {
			t.Errorf("%s: error %v, message %q", bad, err, &out)
		}
	}
	o, err := parseFlags([]string{"-only", "memory", "-set", "server.shards=64", "-set", "memory.max=1gb"}, io.Discard)
	if err != nil || !o.wants(memoryScenario) || o.wants("get-p1") || len(o.set) != 2 {
		t.Errorf("options %+v, %v", o, err)
	}
}

func TestParseRedisBenchmark(t *testing.T) {
	out := "WARNING: Could not fetch server CONFIG\n" +
		`"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"` + "\n" +
		`"GET","200000.00","0.1","0.1","0.250","0.5","1.5","2.0"` + "\n"
	rate, p50, p99, err := parseRedisBenchmark(out)
	if err != nil || rate != 200000 || p50 != 250*time.Microsecond || p99 != 1500*time.Microsecond {
		t.Errorf("%f, %s, %s, %v", rate, p50, p99, err)
	}
	for _, bad := range []string{"", "Could not connect", `"test","rps"` + "\n", `"test","rps"` + "\n" + `"GET","x"` + "\n"} {
		if _, _, _, err := parseRedisBenchmark(bad); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}
