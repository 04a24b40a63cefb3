package file

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/snapshot/snapshottest"
)

// The files in testdata are what the newest servers of November 2026 saved
// after peerCommands. To make them anew:
//
//	PEERS=directory go test ./persistence/file -run TestFilesOfNewerServers -update
//
// The directory has them as run-redis-server and run-valkey-server.
var update = flag.Bool("update", false, "write the files in testdata that servers make")

// peers are the newest servers, and their files.
var peers = []struct{ program, file string }{
	{"run-redis-server", "redis-8.0.6.rdb"},
	{"run-valkey-server", "valkey-9.1.2.rdb"},
}

const (
	keyExpiry   = 4_102_444_800_000
	fieldExpiry = 4_102_444_900_000
)

// peerCommands make strings and hashes in every encoding of the newest servers.
func peerCommands() [][]any {
	long := strings.Repeat("long ", 20)
	return [][]any{
		{"SET", "text", "value"},
		{"SET", "number", 12345},
		{"SET", "compressed", long},
		{"SET", "expiring", "value", "PXAT", keyExpiry},
		{"HSET", "small", "f", "v", "n", -7},
		{"HSET", "large", "f", long, "n", -7},
		{"HSET", "small, expiring fields", "f", "v", "g", "w", "n", 7},
		{"HPEXPIREAT", "small, expiring fields", fieldExpiry, "FIELDS", 1, "f"},
		{"HPEXPIREAT", "small, expiring fields", fieldExpiry - 1, "FIELDS", 1, "n"},
		{"HSET", "large, expiring fields", "f", "v", "g", long, "n", 7},
		{"HPEXPIREAT", "large, expiring fields", fieldExpiry, "FIELDS", 1, "g"},
		{"HPEXPIREAT", "large, expiring fields", fieldExpiry - 1, "FIELDS", 1, "n"},
		{"PEXPIREAT", "large, expiring fields", keyExpiry},
	}
}

// peerRecords are what peerCommands make.
func peerRecords() snapshottest.Records {
	long := strings.Repeat("long ", 20)
	text := func(key, value string, at int64) snapshot.Record {
		return snapshot.Record{Key: []byte(key), Value: []byte(value), ExpireAt: at}
	}
	field := func(name, value string, at int64) snapshot.Field {
		return snapshot.Field{Name: []byte(name), Value: []byte(value), ExpireAt: at}
	}
	hash := func(key string, at int64, fields ...snapshot.Field) snapshot.Record {
		return snapshot.Record{Key: []byte(key), Fields: fields, ExpireAt: at}
	}
	return snapshottest.Records{
		text("text", "value", 0), text("number", "12345", 0), text("compressed", long, 0), text("expiring", "value", keyExpiry),
		hash("small", 0, field("f", "v", 0), field("n", "-7", 0)),
		hash("large", 0, field("f", long, 0), field("n", "-7", 0)),
		hash("small, expiring fields", 0, field("f", "v", fieldExpiry), field("g", "w", 0), field("n", "7", fieldExpiry-1)),
		hash("large, expiring fields", keyExpiry, field("f", "v", 0), field("g", long, fieldExpiry), field("n", "7", fieldExpiry-1)),
	}
}

func TestFilesOfNewerServers(t *testing.T) {
	for _, peer := range peers {
		t.Run(peer.file, func(t *testing.T) {
			path := filepath.Join("testdata", peer.file)
			loads(t, path)
			whole, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			// Bytes that follow the end are not the file's.
			longer := filepath.Join(t.TempDir(), "longer.rdb")
			if err := os.WriteFile(longer, append(whole, "what follows"...), 0o600); err != nil {
				t.Fatal(err)
			}
			loads(t, longer)
			t.Run("live", func(t *testing.T) {
				dir := t.TempDir()
				client := startPeer(t, peer.program, dir)
				do(t, client, peerCommands()...)
				do(t, client, []any{"SAVE"})
				loads(t, at(dir))
				if *update {
					p, err := os.ReadFile(at(dir))
					if err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(path, p, 0o600); err != nil {
						t.Fatal(err)
					}
				}
			})
		})
	}
}

// TestNewerServersReadOurs loads our files with the newest servers. Those with
// expiries of fields are for Redis alone.
func TestNewerServersReadOurs(t *testing.T) {
	for _, peer := range peers {
		t.Run(peer.program, func(t *testing.T) {
			dir := t.TempDir()
			var records snapshottest.Records
			for _, r := range peerRecords() {
				if strings.HasSuffix(string(r.Key), "expiring fields") && peer.program == "run-valkey-server" {
					continue
				}
				records = append(records, r)
			}
			if _, err := New(&Config{Path: at(dir)}).Save(t.Context(), records.Source()); err != nil {
				t.Fatal(err)
			}
			client := startPeer(t, peer.program, dir)
			if n := client.DBSize(t.Context()).Val(); n != int64(len(records)) {
				t.Errorf("%d keys, want %d", n, len(records))
			}
			// What it saves then is what we have saved.
			do(t, client, []any{"SAVE"})
			var s snapshottest.Sink
			if _, err := New(&Config{Path: at(dir)}).Load(t.Context(), &s); err != nil {
				t.Fatal(err)
			}
			snapshottest.Same(t, s.Records, records)
		})
	}
}

// TestNewerServersHaveMore: what this server has not is told as what it is, and
// can be left out.
func TestNewerServersHaveMore(t *testing.T) {
	for _, peer := range peers {
		t.Run(peer.program, func(t *testing.T) {
			dir := t.TempDir()
			client := startPeer(t, peer.program, dir)
			do(t, client, []any{"RPUSH", "mylist", "a"})
			wantRefused(t, client, dir, `key "mylist" is of type list, which this server does not have`)
			do(t, client, []any{"FLUSHALL"}, []any{"XADD", "events", "1-1", "f", "v"})
			wantRefused(t, client, dir, `key "events" is of type stream`)
			do(t, client, []any{"FLUSHALL"})
			do(t, client, peerCommands()...)
			do(t, client, []any{"SET", "first", "v"}) // foreign copies it
			do(t, client, foreign()...)
			do(t, client, []any{"COPY", "small, expiring fields", "elsewhere", "DB", 3}, []any{"DEL", "first"}, []any{"SAVE"})
			var s snapshottest.Sink
			info, err := New(&Config{Path: at(dir), SkipUnsupported: true}).Load(t.Context(), &s)
			if err != nil {
				t.Fatal(err)
			}
			snapshottest.Same(t, s.Records, peerRecords())
			if info.SkippedKeys < 12 {
				t.Errorf("%d keys are skipped", info.SkippedKeys)
			}
		})
	}
}

// startPeer starts one of the newest servers, or skips the test.
func startPeer(t *testing.T, program, dir string) *redis.Client {
	t.Helper()
	programs := os.Getenv("PEERS")
	if programs == "" {
		t.Skipf("PEERS names no directory with %s: what the newest server does now is not looked at", program)
	}
	return startServer(t, filepath.Join(programs, program), dir)
}

// loads fails the test unless the file has peerRecords.
func loads(t *testing.T, path string) {
	t.Helper()
	var s snapshottest.Sink
	if _, err := New(&Config{Path: path}).Load(t.Context(), &s); err != nil {
		t.Fatal(err)
	}
	snapshottest.Same(t, s.Records, peerRecords())
}

func do(t *testing.T, client *redis.Client, commands ...[]any) {
	t.Helper()
	for _, c := range commands {
		if err := client.Do(t.Context(), c...).Err(); err != nil {
			t.Fatalf("%.100s: %v", fmt.Sprint(c...), err)
		}
	}
}

// A file of a Valkey that is not there yet says so.
func TestFileOfAFutureValkey(t *testing.T) {
	p, err := os.ReadFile(filepath.Join("testdata", "valkey-9.1.2.rdb"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "dump.rdb")
	if err := os.WriteFile(path, bytes.Replace(p, []byte("VALKEY080"), []byte("VALKEY099"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = New(&Config{Path: path}).Load(t.Context(), &snapshottest.Sink{})
	if err == nil || !strings.Contains(err.Error(), `version "099" of VALKEY files`) || strings.Contains(err.Error(), "check the path") {
		t.Errorf("error %v", err)
	}
}
