package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// redisBenchmark runs redis-benchmark as the load generator. It counts
// requests, not seconds, so the rate of the run before, or of a short first
// one, says how many fill the duration.
type redisBenchmark struct {
	target      target
	load        load
	connections int
	rate        float64 // operations per second of the last run
}

const calibrationRequests = 100_000

func (g *redisBenchmark) run(ctx context.Context, duration time.Duration) (result, error) {
	if g.rate == 0 {
		if _, err := g.requests(ctx, calibrationRequests); err != nil {
			return result{}, err
		}
	}
	return g.requests(ctx, max(int64(g.rate*duration.Seconds()), 1000))
}

func (g *redisBenchmark) close() {}

func (g *redisBenchmark) requests(ctx context.Context, n int64) (result, error) {
	args, err := g.args(n)
	if err != nil {
		return result{}, err
	}
	out, err := exec.CommandContext(ctx, "redis-benchmark", args...).CombinedOutput()
	if err != nil {
		return result{}, fmt.Errorf("redis-benchmark: %w\n%s", err, out)
	}
	rate, p50, p99, err := parseRedisBenchmark(string(out))
	if err != nil {
		return result{}, err
	}
	g.rate = rate
	return result{ops: n, elapsed: time.Duration(float64(n) / rate * float64(time.Second)), p50: p50, p99: p99}, nil
}

func (g *redisBenchmark) args(n int64) ([]string, error) {
	test := "get"
	if g.load.set {
		test = "set"
	}
	args := []string{"--csv", "-t", test, "-n", strconv.FormatInt(n, 10), "-c", strconv.Itoa(g.connections),
		"-P", strconv.Itoa(g.load.pipeline), "-d", strconv.Itoa(g.load.value), "-r", strconv.Itoa(g.load.keys)}
	if g.target.network == "unix" {
		return append(args, "-s", g.target.addr), nil
	}
	host, port, err := net.SplitHostPort(g.target.addr)
	if err != nil {
		return nil, fmt.Errorf("redis-benchmark: %w", err)
	}
	return append(args, "-h", host, "-p", port), nil
}

// parseRedisBenchmark reads the output of --csv: a line of column names and
// one line for the test. Latencies are in milliseconds.
func parseRedisBenchmark(out string) (rate float64, p50, p99 time.Duration, err error) {
	at := strings.Index(out, `"test","rps"`)
	if at < 0 {
		return 0, 0, 0, fmt.Errorf("redis-benchmark: unexpected output:\n%s", out)
	}
	rows, err := csv.NewReader(strings.NewReader(out[at:])).ReadAll()
	if err != nil || len(rows) != 2 {
		return 0, 0, 0, fmt.Errorf("redis-benchmark: unexpected output (%w):\n%s", err, out)
	}
	figures := map[string]float64{}
	for i, column := range rows[0] {
		if column == "test" {
			continue
		}
		if figures[column], err = strconv.ParseFloat(rows[1][i], 64); err != nil {
			return 0, 0, 0, fmt.Errorf("redis-benchmark: column %s: %w", column, err)
		}
	}
	if figures["rps"] <= 0 {
		return 0, 0, 0, fmt.Errorf("redis-benchmark: no rate in its output:\n%s", out)
	}
	ms := func(f float64) time.Duration { return time.Duration(f * float64(time.Millisecond)) }
	return figures["rps"], ms(figures["p50_latency_ms"]), ms(figures["p99_latency_ms"]), nil
}
