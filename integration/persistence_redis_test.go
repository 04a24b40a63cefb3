package integration

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redistill-go/redistill/integration/harness"
)

// writeVariety sets keys of every type and encoding, and of every kind of
// expiry, that both servers have.
func writeVariety(t *testing.T, c *redis.Client) {
	t.Helper()
	ctx := t.Context()
	p := c.Pipeline()
	for i, v := range []string{"", "v", "0", "-1", "127", "-32769", "2147483648", "9223372036854775807", "007", "\x00\r\n\xff",
		strings.Repeat("abc", 1000), string(pattern(100_000)), string(pattern(2 << 20)), strings.Repeat("x", 63), strings.Repeat("y", 16384)} {
		p.Set(ctx, fmt.Sprint("string:", i), v, 0)
		p.Set(ctx, fmt.Sprint("expiring:", i), v, 0)
		p.PExpireAt(ctx, fmt.Sprint("expiring:", i), time.UnixMilli(4_102_444_800_000+int64(i)))
	}
	p.Set(ctx, "", "the empty key", 0)
	p.Set(ctx, "binary \x00\xff", "v", 0)
	p.PExpireAt(ctx, "string:3", time.UnixMilli(4_102_444_800_500))
	for _, n := range []int{1, 10, 100, 1000} {
		key := fmt.Sprint("hash:", n)
		for i := range n {
			p.HSet(ctx, key, fmt.Sprint("field:", i), fmt.Sprint(i-3))
		}
		p.HSet(ctx, key, "", "the empty field", "long", strings.Repeat("z", n*10))
		p.HSet(ctx, "expiring "+key, "f", "v")
		p.PExpireAt(ctx, "expiring "+key, time.UnixMilli(4_102_444_800_600))
	}
	for i := range 2000 {
		p.Set(ctx, fmt.Sprint("many:", i), fmt.Sprint("value:", i), 0)
	}
	if _, err := p.Exec(ctx); err != nil {
		t.Fatal(err)
	}
}

// contents reads everything that the server holds, as text to compare.
func contents(t *testing.T, c *redis.Client) map[string]string {
	t.Helper()
	ctx := t.Context()
	all := map[string]string{}
	keys := c.Scan(ctx, 0, "", 1000).Iterator()
	for keys.Next(ctx) {
		all[keys.Val()] = describe(ctx, c, keys.Val())
	}
	if err := keys.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func describe(ctx context.Context, c *redis.Client, key string) string {
	at, err := c.Do(ctx, "PEXPIRETIME", key).Int64()
	if err != nil {
		return err.Error()
	}
	if kind := c.Type(ctx, key).Val(); kind != "hash" {
		return fmt.Sprintf("%s until %d: %s", kind, at, c.Get(ctx, key).Val())
	}
	fields := c.HGetAll(ctx, key).Val()
	text := fmt.Sprintf("hash until %d:", at)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		text += fmt.Sprintf(" %q=%q", name, fields[name])
	}
	return text
}

func sameContents(t *testing.T, got, want map[string]string) {
	t.Helper()
	for key, w := range want {
		if got[key] != w {
			t.Errorf("key %q: %s, want %s", key, shorten(got[key]), shorten(w))
		}
	}
	for key := range got {
		if _, ok := want[key]; !ok {
			t.Errorf("key %q should not be there", key)
		}
	}
}

// copyFile copies a file, which its owner may go on with, into a directory of
// its own, and returns that.
func copyFile(t *testing.T, from string) (dir string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "dump.rdb"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func fileBackend(path string, more ...string) harness.Options {
	return harness.Options{Set: append([]string{"persistence.backend=file", "persistence.file.path=" + path}, more...)}
}

// A snapshot file of this server is one of Redis: its checker accepts it, and
// it is loaded with the same values and expiries. And the reverse.
func TestSnapshotFilesGoBothWays(t *testing.T) {
	for _, compression := range []string{"true", "false"} {
		t.Run("compression "+compression, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "dump.rdb")
			ours := harness.Redistill(t, fileBackend(path, "persistence.file.compression="+compression))
			c := newClient(t, &redis.Options{Addr: ours.TCP})
			writeVariety(t, c)
			want := contents(t, c)
			ours.MustStop(t)

			if out := tool(t, nil, "redis-check-rdb", endpoint{}, path); !strings.Contains(out, "RDB looks OK!") || !strings.Contains(out, fmt.Sprintf(" %d keys read", len(want))) {
				t.Errorf("redis-check-rdb says\n%s", out)
			}
			theirs := harness.Redis(t, harness.Options{Args: []string{"--dir", copyFile(t, path)}})
			sameContents(t, contents(t, newClient(t, &redis.Options{Addr: theirs.TCP, Protocol: 2})), want)
		})
	}
	for _, compression := range []string{"yes", "no"} {
		t.Run("rdbcompression "+compression, func(t *testing.T) {
			dir := t.TempDir()
			theirs := harness.Redis(t, harness.Options{Args: []string{"--dir", dir, "--rdbcompression", compression}})
			c := newClient(t, &redis.Options{Addr: theirs.TCP, Protocol: 2})
			writeVariety(t, c)
			want := contents(t, c)
			if err := c.Save(t.Context()).Err(); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(copyFile(t, filepath.Join(dir, "dump.rdb")), "dump.rdb")
			ours := harness.Redistill(t, fileBackend(path))
			sameContents(t, contents(t, newClient(t, &redis.Options{Addr: ours.TCP})), want)
		})
	}
}

// A file that has a key twice is no snapshot: Redis and Valkey stop at it, too.
func TestFileWithAKeyTwiceIsRefused(t *testing.T) {
	p := []byte("REDIS0010\x00\x01k\x01a\x00\x01l\x01b\x00\x01k\x01c\xff")
	p = binary.LittleEndian.AppendUint64(p, crc64(p))
	path := filepath.Join(t.TempDir(), "dump.rdb")
	if err := os.WriteFile(path, p, 0o600); err != nil {
		t.Fatal(err)
	}
	o := fileBackend(path)
	args := []string{}
	for _, set := range o.Set {
		args = append(args, "--set", set)
	}
	code, _, stderr := harness.Run(t, nil, args...)
	if code == 0 || !strings.Contains(stderr, `key "k": the key is in the snapshot twice; the file is damaged`) {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, p) {
		t.Errorf("the file has changed: %v", err)
	}
}

// A dump.rdb becomes a snapshot of another backend, which the server loads.
func TestDumpOfRedisIsConverted(t *testing.T) {
	dir := t.TempDir()
	theirs := harness.Redis(t, harness.Options{Args: []string{"--dir", dir}})
	c := newClient(t, &redis.Options{Addr: theirs.TCP, Protocol: 2})
	writeVariety(t, c)
	want := contents(t, c)
	if err := c.RPush(t.Context(), "list", "a").Err(); err != nil {
		t.Fatal(err)
	}
	if err := c.Save(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	dump, store := filepath.Join(dir, "dump.rdb"), filepath.Join(dir, "store")

	code, _, stderr := harness.Run(t, nil, "snapshot", "convert", dump, "pebble:"+store)
	if code != 2 || !strings.Contains(stderr, `key "list" is of type list`) || !strings.Contains(stderr, dump+": offset ") {
		t.Errorf("a list: exit code %d, %s", code, stderr)
	}
	if code, _, stderr := harness.Run(t, nil, "snapshot", "verify", "pebble:"+store); code != 3 {
		t.Errorf("what a failed conversion leaves: exit code %d, %s; want no snapshot", code, stderr)
	}
	code, stdout, stderr := harness.Run(t, nil, "snapshot", "convert", "--skip-unsupported", "--overwrite", dump, "pebble:"+store)
	if code != 0 || !strings.Contains(stdout, "1 of types that this server does not have were left out") {
		t.Fatalf("exit code %d\n%s\n%s", code, stdout, stderr)
	}
	ours := harness.Redistill(t, harness.Options{Set: []string{"persistence.backend=pebble", "persistence.pebble.dir=" + store}})
	sameContents(t, contents(t, newClient(t, &redis.Options{Addr: ours.TCP})), want)
}
