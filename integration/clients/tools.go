package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"regexp"
	"strconv"
	"strings"

	"github.com/redistill-go/redistill/integration/harness"
)

// check is one check of a program that comes with Redis.
type check struct {
	name string
	run  func(ctx context.Context, st *stand) error
}

var cliChecks = []check{
	{"connect by default, RESP2 and RESP3", cliConnect},
	{"AUTH", cliAuth},
	{"TLS", cliTLS},
	{"transaction", cliTransaction},
	{"--pipe", cliPipe},
	{"--scan", cliScan},
	{"--bigkeys", cliBigKeys},
	{"--stat", cliStat},
	{"INFO as redis_exporter reads it", infoParses},
	{"what else redis_exporter asks", exporterAsks},
}

// tool runs a program against an address and returns what it printed, without
// the white space around it.
func tool(ctx context.Context, stdin, name, addr string, args ...string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, name, append([]string{"-h", host, "-p", port}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

// expect runs redis-cli and compares what it prints.
func expect(ctx context.Context, stdin, addr, want string, args ...string) error {
	got, err := tool(ctx, stdin, "redis-cli", addr, args...)
	if err == nil && got != want {
		err = fmt.Errorf("redis-cli %s %s: got %q, want %q", strings.Join(args, " "), stdin, got, want)
	}
	return err
}

func cliConnect(ctx context.Context, st *stand) error {
	addr := st.plain.addr()
	return errors.Join(
		expect(ctx, "", addr, "PONG", "ping"),
		expect(ctx, "", addr, "OK", "set", "k", "v", "ex", "100"),
		expect(ctx, "", addr, "v", "-3", "get", "k"),
		expect(ctx, "", addr, "2", "hset", "h", "a", "1", "b", "2"),
		expect(ctx, "", addr, "a\n1\nb\n2", "-2", "hgetall", "h"),
		expect(ctx, "", addr, "a 1\nb 2", "-3", "hgetall", "h"),
		expect(ctx, "", addr, "hash", "type", "h"),
		expect(ctx, "", addr, "WRONGTYPE Operation against a key holding the wrong kind of value", "get", "h"),
		expect(ctx, "", addr, "OK", "flushall"),
	)
}

func cliAuth(ctx context.Context, st *stand) error {
	addr := st.auth.addr()
	return errors.Join(
		expect(ctx, "", addr, "NOAUTH Authentication required.", "get", "k"),
		expect(ctx, "", addr, "PONG", "--no-auth-warning", "-a", password, "ping"),
		expect(ctx, "", addr, "PONG", "--no-auth-warning", "-3", "--user", "default", "--pass", password, "ping"),
	)
}

func cliTLS(ctx context.Context, st *stand) error {
	_, port, err := net.SplitHostPort(st.open.TLS)
	if err != nil {
		return err
	}
	return expect(ctx, "", net.JoinHostPort("localhost", port), "PONG", "--tls", "--cacert", st.servers.certs.CAFile, "ping")
}

func cliTransaction(ctx context.Context, st *stand) error {
	addr := st.plain.addr()
	return errors.Join(
		expect(ctx, "multi\nset k 1\nincr k\nexec\n", addr, "OK\nQUEUED\nQUEUED\nOK\n2"),
		expect(ctx, "watch k\nincr k\nmulti\nincr k\nexec\nget k\n", addr, "OK\n3\nOK\nQUEUED\n\n3"),
		expect(ctx, "", addr, "OK", "flushall"),
	)
}

const piped = 20_000

func cliPipe(ctx context.Context, st *stand) error {
	var b []byte
	for i := range piped {
		b = harness.AppendCommand(b, "SET", fmt.Sprint("key:", i), strings.Repeat("x", i%100))
	}
	for i := range 100 {
		b = harness.AppendCommand(b, "HSET", "hash", fmt.Sprint("field", i), "value")
	}
	out, err := tool(ctx, string(b), "redis-cli", st.plain.addr(), "--pipe")
	if want := fmt.Sprintf("errors: 0, replies: %d", piped+100); err == nil && !strings.HasSuffix(out, want) {
		err = fmt.Errorf("printed %q, want %q at its end", out, want)
	}
	return errors.Join(err, expect(ctx, "", st.plain.addr(), fmt.Sprint(piped+1), "dbsize"))
}

func cliScan(ctx context.Context, st *stand) error {
	out, err := tool(ctx, "", "redis-cli", st.plain.addr(), "--scan", "--pattern", "key:1*")
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for line := range strings.Lines(out) {
		seen[strings.TrimSpace(line)] = true
	}
	const want = 1 + 10 + 100 + 1000 + 10_000 // 1, 10 to 19, 100 to 199 and so on
	if len(seen) != want {
		return fmt.Errorf("%d keys, want %d", len(seen), want)
	}
	return nil
}

func cliBigKeys(ctx context.Context, st *stand) error {
	out, err := tool(ctx, "", "redis-cli", st.plain.addr(), "--bigkeys")
	if err != nil {
		return err
	}
	for _, want := range []string{
		fmt.Sprintf("Sampled %d keys in the keyspace!", piped+1),
		`Biggest string found '"key:`, "has 99 bytes",
		`Biggest   hash found '"hash"' has 100 fields`,
	} {
		if !strings.Contains(out, want) {
			return fmt.Errorf("%q is missing in what it printed:\n%s", want, out)
		}
	}
	return nil
}

// cliStat reads the first two rows of a program that prints for ever.
func cliStat(ctx context.Context, st *stand) error {
	host, port, err := net.SplitHostPort(st.plain.addr())
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "redis-cli", "-h", host, "-p", port, "-i", "0.05", "--stat")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	row := regexp.MustCompile(`(?m)^\s*(\d+)\s+\d[\d.]*[BKMG]\s+\d+\s+\d+\s+\d+ \(\+\d+\)\s+\d+`)
	var text bytes.Buffer
	b := make([]byte, 4096)
	rows := 0
	for err == nil && rows < 2 {
		var n int
		n, err = out.Read(b)
		text.Write(b[:n])
		rows = len(row.FindAllString(text.String(), -1))
	}
	killed := cmd.Process.Kill()
	_ = cmd.Wait() // it was killed
	if rows < 2 {
		return fmt.Errorf("it printed %d rows: %w\n%s", rows, errors.Join(err, killed), text.String())
	}
	if first := row.FindStringSubmatch(text.String()); first[1] != fmt.Sprint(piped+1) {
		return fmt.Errorf("the first row says %s keys, want %d\n%s", first[1], piped+1, text.String())
	}
	return nil
}

// infoParses reads INFO ALL as redis_exporter does: a section header, or a
// field and its value, on each line; numbers where it wants numbers.
func infoParses(ctx context.Context, st *stand) error {
	c, err := harness.Dial(ctx, "tcp", st.plain.addr())
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }() // nothing is lost with it
	if _, err := c.Do("INCR", "exported"); err != nil {
		return err
	}
	reply, err := c.Do("INFO", "ALL")
	if err != nil {
		return err
	}
	_, text, _ := strings.Cut(reply, "\r\n")
	fields, problem := map[string]string{}, error(nil)
	for line := range strings.SplitSeq(text, "\r\n") {
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			problem = errors.Join(problem, fmt.Errorf("INFO has the line %q", line))
		}
		fields[name] = value
	}
	for _, name := range []string{"redis_version", "redis_mode", "os", "role", "tcp_port", "maxmemory_policy"} {
		if fields[name] == "" {
			problem = errors.Join(problem, fmt.Errorf("INFO has no %s", name))
		}
	}
	for _, name := range []string{
		"uptime_in_seconds", "process_id", "connected_clients", "blocked_clients", "maxclients", "used_memory", "used_memory_rss",
		"used_memory_peak", "maxmemory", "total_connections_received", "total_commands_processed", "instantaneous_ops_per_sec",
		"total_net_input_bytes", "total_net_output_bytes", "rejected_connections", "expired_keys", "evicted_keys", "keyspace_hits",
		"keyspace_misses", "used_cpu_sys", "used_cpu_user", "loading", "rdb_changes_since_last_save", "rdb_last_save_time",
		"rdb_bgsave_in_progress", "connected_slaves",
	} {
		if _, err := strconv.ParseFloat(fields[name], 64); err != nil {
			problem = errors.Join(problem, fmt.Errorf("INFO: %s is %q, want a number", name, fields[name]))
		}
	}
	for name, form := range map[string]string{
		"db0":          `^keys=\d+,expires=\d+,avg_ttl=\d+`,
		"cmdstat_incr": `^calls=[1-9]\d*,usec=\d+,usec_per_call=[\d.]+,rejected_calls=\d+,failed_calls=\d+$`,
	} {
		if !regexp.MustCompile(form).MatchString(fields[name]) {
			problem = errors.Join(problem, fmt.Errorf("INFO: %s is %q, want %s", name, fields[name], form))
		}
	}
	return problem
}

// exporterAsks sends the other requests of redis_exporter; none may fail.
func exporterAsks(ctx context.Context, st *stand) error {
	c, err := harness.Dial(ctx, "tcp", st.plain.addr())
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }() // nothing is lost with it
	var problem error
	for request, begins := range map[string]string{
		"CLIENT SETNAME redis_exporter": "+OK\r\n",
		"CONFIG GET databases":          "*2\r\n$9\r\ndatabases\r\n",
		"CONFIG GET *":                  "*",
		"CONFIG GET maxmemory":          "*2\r\n$9\r\nmaxmemory\r\n",
		"LATENCY LATEST":                "*",
		"LATENCY HISTOGRAM":             "*",
		"SLOWLOG LEN":                   ":",
		"SLOWLOG GET 1":                 "*",
		"COMMAND INFO get set":          "*2\r\n*10\r\n$3\r\nget\r\n",
		"CLIENT LIST":                   "$",
	} {
		reply, err := c.Do(strings.Fields(request)...)
		if err != nil {
			return fmt.Errorf("%s: %w", request, err)
		}
		if !strings.HasPrefix(reply, begins) {
			problem = errors.Join(problem, fmt.Errorf("%s: got %.200q, want it to begin with %q", request, reply, begins))
		}
	}
	return problem
}

// benchmarkChecks is the default list of redis-benchmark less lists, sets,
// sorted sets and streams.
var benchmarkChecks = []check{
	{"the default tests", func(ctx context.Context, st *stand) error {
		return benchmark(ctx, st, "ping,set,get,incr,hset,mset", "PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "HSET", "MSET (10 keys)")
	}},
	{"the default tests, pipelined", func(ctx context.Context, st *stand) error {
		return benchmark(ctx, st, "ping,set,get,incr,hset,mset -P 16 -r 1000", "PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "HSET", "MSET (10 keys)")
	}},
}

func benchmark(ctx context.Context, st *stand, tests string, want ...string) error {
	args := append([]string{"--csv", "-n", "2000", "-c", "10", "-t"}, strings.Fields(tests)...)
	out, err := tool(ctx, "", "redis-benchmark", st.open.TCP, args...)
	if err != nil {
		return err
	}
	for _, name := range want {
		if !strings.Contains(out, `"`+name+`","`) {
			return fmt.Errorf("no result of %s in:\n%s", name, out)
		}
	}
	for _, sign := range []string{"ERR", "Error", "WARNING"} {
		if strings.Contains(out, sign) {
			return fmt.Errorf("it complains:\n%s", out)
		}
	}
	return nil
}
