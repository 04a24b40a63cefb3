package file

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/snapshot/snapshottest"
)

// program finds one of Redis's own programs.
func program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is needed to prove that Redis reads our files: %v; install redis-server and redis-tools (Debian), version 7.0 or later", name, err)
	}
	return path
}

// startRedis starts a redis-server on a unix socket whose snapshot is
// dump.rdb in dir.
func startRedis(t *testing.T, dir string) *redis.Client {
	t.Helper()
	return startServer(t, program(t, "redis-server"), dir)
}

// startServer is startRedis for any program that has redis-server's arguments.
func startServer(t *testing.T, program, dir string) *redis.Client {
	t.Helper()
	// Not below dir: a socket's path must be short.
	sockets, err := os.MkdirTemp("", "rdb")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(sockets) })
	socket := filepath.Join(sockets, "s")
	cmd := exec.Command(program, "--port", "0", "--unixsocket", socket,
		"--dir", dir, "--dbfilename", "dump.rdb", "--save", "", "--daemonize", "no", "--logfile", "")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // reports the kill
	})
	var log strings.Builder
	lines := bufio.NewScanner(out)
	for ready := false; !ready; {
		if !lines.Scan() {
			t.Fatalf("%s ended before it was ready:\n%s", program, log.String())
		}
		log.WriteString(lines.Text() + "\n")
		ready = strings.Contains(strings.ToLower(lines.Text()), "ready to accept connections")
	}
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: socket, Protocol: 2})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// redisRecords are records of every kind of encoding that Redis knows for
// strings, all alive for years.
func redisRecords() snapshottest.Records {
	r := snapshottest.Numbered(2000, "redis")
	for _, x := range r { // Redis 7.0 knows no expiries of fields
		for i := range x.Fields {
			x.Fields[i].ExpireAt = 0
		}
	}
	var large []snapshot.Field // Redis keeps it in a table of its own
	for i := range 500 {
		large = append(large, snapshot.Field{Name: fmt.Append(nil, i), Value: fmt.Append(nil, i-250)})
	}
	r = append(r, snapshot.Record{Key: []byte("large hash"), Fields: large, ExpireAt: 4_102_444_800_002})
	for _, n := range []int{0, 1, 63, 64, 16383, 16384, 1 << 20} {
		r = append(r, snapshot.Record{Key: fmt.Appendf(nil, "zeroes:%d", n), Value: make([]byte, n)})
	}
	for _, v := range []string{"0", "-1", "127", "-128", "128", "32767", "-32769", "2147483647", "-2147483648", "2147483648", "007", "9223372036854775807", "3.14"} {
		r = append(r, snapshot.Record{Key: []byte("number:" + v), Value: []byte(v)})
	}
	for i, pattern := range []string{"ab", "abcabcabd", "the quick brown fox "} {
		r = append(r, snapshot.Record{Key: fmt.Appendf(nil, "pattern:%d", i), Value: bytes.Repeat([]byte(pattern), 5000), ExpireAt: 4_102_444_800_001})
	}
	var every [256]byte
	for i := range every {
		every[i] = byte(i)
	}
	return append(r,
		snapshot.Record{Key: []byte{}, Value: []byte("empty key")},
		snapshot.Record{Key: every[:], Value: every[:], ExpireAt: 4_102_444_800_999})
}

func TestRedisReadsOurs(t *testing.T) {
	for _, compress := range []bool{false, true} {
		t.Run(fmt.Sprintf("compression=%v", compress), func(t *testing.T) { redisReads(t, compress) })
	}
}

func redisReads(t *testing.T, compress bool) {
	ctx, dir := t.Context(), t.TempDir()
	records := redisRecords()
	if _, err := New(&Config{Path: at(dir), Compression: compress}).Save(ctx, records.Source()); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(ctx, program(t, "redis-check-rdb"), at(dir)).CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("RDB looks OK")) {
		t.Fatalf("redis-check-rdb: %v\n%s", err, out)
	}

	client := startRedis(t, dir)
	var got snapshottest.Records
	for _, key := range client.Keys(ctx, "*").Val() {
		record := snapshot.Record{Key: []byte(key)}
		if client.Type(ctx, key).Val() == "hash" {
			record.Fields = fieldsOf(client.HGetAll(ctx, key).Val())
		} else if record.Value, err = client.Get(ctx, key).Bytes(); err != nil {
			t.Fatalf("GET %q: %v", key, err)
		}
		expireAt, err := client.PExpireTime(ctx, key).Result()
		if err != nil {
			t.Fatalf("PEXPIRETIME %q: %v", key, err)
		}
		record.ExpireAt = max(expireAt.Milliseconds(), 0)
		got = append(got, record)
	}
	snapshottest.Same(t, got, records)
}

func fieldsOf(m map[string]string) []snapshot.Field {
	fields := []snapshot.Field{}
	for name, value := range m {
		fields = append(fields, snapshot.Field{Name: []byte(name), Value: []byte(value)})
	}
	return fields
}

func TestWeReadRedis(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	records := redisRecords()
	client := startRedis(t, dir)
	fill(t, client, records)
	if err := client.Save(ctx).Err(); err != nil {
		t.Fatal(err)
	}
	var s snapshottest.Sink
	if _, err := New(&Config{Path: at(dir)}).Load(ctx, &s); err != nil {
		t.Fatal(err)
	}
	snapshottest.Same(t, s.Records, records)

	if err := client.RPush(ctx, "mylist", "a").Err(); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, client, dir, `key "mylist" is of type list`)
	if err := client.Del(ctx, "mylist").Err(); err != nil {
		t.Fatal(err)
	}
	if err := client.Do(ctx, "COPY", "number:0", "elsewhere", "DB", "2").Err(); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, client, dir, "database 2")
	if err := client.FunctionLoad(ctx, "#!lua name=lib\nredis.register_function('f', function() end)").Err(); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, client, dir, "function library")
}

// TestWeSkip: what Redis has and this server has not can be left out.
func TestWeSkip(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	client := startRedis(t, dir)
	records := snapshottest.Records{{Key: []byte("first"), Value: []byte("v")}, {Key: []byte("last"), Fields: fieldsOf(map[string]string{"f": "v"})}}
	fill(t, client, records)
	skipped := int64(0)
	for _, command := range foreign() {
		if err := client.Do(ctx, command...).Err(); err != nil {
			t.Fatalf("%.100v: %v", command, err)
		}
	}
	for _, db := range []int64{0, 3} {
		info, err := client.Do(ctx, "INFO", "keyspace").Text()
		if err != nil {
			t.Fatal(err)
		}
		var n int64
		if _, line, ok := strings.Cut(info, fmt.Sprintf("db%d:keys=", db)); !ok {
			t.Fatalf("database %d is empty:\n%s", db, info)
		} else if _, err := fmt.Sscan(strings.SplitN(line, ",", 2)[0], &n); err != nil {
			t.Fatal(err)
		}
		skipped += n
	}
	skipped += 1 - int64(len(records)) // the function library
	if err := client.Save(ctx).Err(); err != nil {
		t.Fatal(err)
	}
	var s snapshottest.Sink
	info, err := New(&Config{Path: at(dir), SkipUnsupported: true}).Load(ctx, &s)
	if err != nil {
		t.Fatal(err)
	}
	snapshottest.Same(t, s.Records, records)
	if info.SkippedKeys != skipped {
		t.Errorf("%d keys skipped, want %d", info.SkippedKeys, skipped)
	}
}

// foreign are commands that make keys of every other type in each of their
// encodings, and what else Redis may have in a file.
func foreign() [][]any {
	commands := [][]any{
		{"FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('f', function() end)"},
		{"RPUSH", "small list", "a", "b"},
		{"RPUSH", "list with a large element", strings.Repeat("large", 10_000), "b"},
		{"SADD", "set of numbers", 1, 2, 70_000},
		{"SADD", "set", "a", 2},
		{"ZADD", "sorted set", 1, "a", "-inf", "b", 2.5, "c"},
		{"PFADD", "a string", "a"},
		{"DEL", "a string"},
		{"GEOADD", "places", 13.361389, 38.115556, "Palermo"},
		{"XADD", "stream", "1-1", "f", "v"},
		{"XADD", "stream", "2-1", "f", "v", "g", "w"},
		{"XGROUP", "CREATE", "stream", "group", 0},
		{"XREADGROUP", "GROUP", "group", "consumer", "COUNT", 1, "STREAMS", "stream", ">"},
		{"XGROUP", "CREATECONSUMER", "stream", "group", "idle consumer"},
		{"XDEL", "stream", "1-1"},
		{"XGROUP", "CREATE", "empty stream", "group", "$", "MKSTREAM"},
		{"PEXPIRE", "stream", 1_000_000_000},
		{"COPY", "first", "copy", "DB", 3},
		{"COPY", "stream", "copied stream", "DB", 3},
	}
	large := map[string][]any{"list": {"RPUSH", "list"}, "set": {"SADD", "large set"}, "sorted set": {"ZADD", "large sorted set"}}
	for i := range 1000 {
		large["list"] = append(large["list"], fmt.Sprint("element ", i))
		large["set"] = append(large["set"], fmt.Sprint("element ", i))
		large["sorted set"] = append(large["sorted set"], i, fmt.Sprint("element ", i))
	}
	return append(commands, large["list"], large["set"], large["sorted set"])
}

func fill(t *testing.T, client *redis.Client, records snapshottest.Records) {
	t.Helper()
	_, err := client.Pipelined(t.Context(), func(p redis.Pipeliner) error {
		for _, r := range records {
			if r.Fields == nil {
				p.Set(t.Context(), string(r.Key), r.Value, 0)
			}
			for _, f := range r.Fields {
				p.HSet(t.Context(), string(r.Key), f.Name, f.Value)
			}
			if r.ExpireAt != 0 {
				p.PExpireAt(t.Context(), string(r.Key), time.UnixMilli(r.ExpireAt))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// wantRefused saves and fails the test unless the file is refused for what.
func wantRefused(t *testing.T, client *redis.Client, dir, what string) {
	t.Helper()
	if err := client.Save(context.Background()).Err(); err != nil {
		t.Fatal(err)
	}
	_, err := New(&Config{Path: at(dir)}).Load(t.Context(), &snapshottest.Sink{})
	if err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), ": offset ") {
		t.Fatalf("error %v, want one with an offset and %q", err, what)
	}
}
