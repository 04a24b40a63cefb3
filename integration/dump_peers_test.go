package integration

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/redistill-go/redistill/integration/harness"
)

const dumpFieldExpiry = 4_102_444_800_000

// dumped are the keys whose payloads are carried from one server to another:
// commands that make each, and whether fields of it expire.
var dumped = []struct {
	key      string
	commands []string
	expires  bool
}{
	{"empty", []string{"SET empty ''"}, false},
	{"text", []string{"SET text value"}, false},
	{"number", []string{"SET number -70000"}, false},
	{"compressed", []string{"SET compressed " + strings.Repeat("x", 10_000)}, false},
	{"packed", []string{"HSET packed f v 5 -7 n 1234567890123 long " + strings.Repeat("l", 60)}, false},
	{"table", []string{"HSET table f v 5 -7 long " + strings.Repeat("l", 600)}, false},
	{"packed fields", []string{"HSET 'packed fields' f v g w h x", fmt.Sprintf("HPEXPIREAT 'packed fields' %d FIELDS 2 f h", dumpFieldExpiry)}, true},
	{"table fields", []string{"HSET 'table fields' f v g w long " + strings.Repeat("l", 600), fmt.Sprintf("HPEXPIREAT 'table fields' %d FIELDS 1 long", dumpFieldExpiry)}, true},
}

// Payloads of DUMP go both ways between this server and all others, as far as
// these have expiries of fields and agree on how to write them.
func TestDumpBetweenServers(t *testing.T) {
	carry := func(t *testing.T, from, to *harness.Server, expiries bool) {
		t.Helper()
		a, b := dial(t, from), dial(t, to)
		for _, d := range dumped {
			if d.expires && !expiries {
				continue
			}
			for _, c := range d.commands {
				if _, err := a.Write([]byte(c + "\r\n")); err != nil {
					t.Fatal(err)
				}
				if reply, err := a.Reply(); err != nil || reply[0] == '-' {
					t.Fatalf("%.60s: %q, %v", c, reply, err)
				}
			}
			payload, err := a.Do("DUMP", d.key)
			if err != nil {
				t.Fatal(err)
			}
			_, payload, _ = strings.Cut(payload, "\r\n")
			want(t, b, "+OK\r\n", "RESTORE", d.key, "0", strings.TrimSuffix(payload, "\r\n"), "REPLACE")
			if got, wanted := shown(t, b, d.key, d.expires), shown(t, a, d.key, d.expires); !maps.Equal(got, wanted) {
				t.Errorf("%s from %s to %s: %v, want %v", d.key, from.Name, to.Name, got, wanted)
			}
		}
	}
	ours := serve(t, harness.Options{})
	old := harness.Redis(t, harness.Options{})
	carry(t, ours, old, false)
	carry(t, old, ours, false)
	carry(t, ours, ours, true)
	harness.EachPeer(t, harness.Options{}, func(t *testing.T, peer *harness.Server) {
		carry(t, peer, ours, true)
		carry(t, ours, peer, peer.Name == "redis-server")
	})
}

// shown is what a key holds: a string, or fields and, if any does, when each
// expires.
func shown(t *testing.T, c *harness.Conn, key string, expires bool) map[string]string {
	t.Helper()
	all := map[string]string{}
	do := func(args ...string) string {
		reply, err := c.Do(args...)
		if err != nil {
			t.Fatal(err)
		}
		return reply
	}
	if do("TYPE", key) == "+string\r\n" {
		all[""] = do("GET", key)
		return all
	}
	for _, f := range []string{"f", "g", "h", "5", "n", "long"} {
		all[f] = do("HGET", key, f)
		if expires {
			all["when "+f] = do("HPEXPIRETIME", key, "FIELDS", "1", f)
		}
	}
	return all
}

// TestDamagedDumpsLikeNewerServers damages payloads at random, with a right
// checksum, and compares what becomes of them with the newest servers, which
// look at everything.
func TestDamagedDumpsLikeNewerServers(t *testing.T) {
	ours := newClient(t, &redis.Options{Addr: serve(t, harness.Options{}).TCP, Protocol: 2})
	harness.EachPeer(t, harness.Options{}, func(t *testing.T, s *harness.Server) {
		ctx := t.Context()
		peer := newClient(t, &redis.Options{Addr: s.TCP, Protocol: 2})
		// Valkey looks at everything anyhow.
		if err := peer.ConfigSet(ctx, "sanitize-dump-payload", "yes").Err(); err != nil && s.Name == "redis-server" {
			t.Fatal(err)
		}
		conn := dial(t, s)
		r := rand.New(rand.NewPCG(*seedFlag, 3))
		for _, d := range dumped {
			for _, c := range d.commands {
				if _, err := conn.Write([]byte(c + "\r\n")); err != nil {
					t.Fatal(err)
				}
				if reply, err := conn.Reply(); err != nil || reply[0] == '-' {
					t.Fatalf("%.60s: %q, %v", c, reply, err)
				}
			}
			payload, err := peer.Dump(ctx, d.key).Bytes()
			if err != nil {
				t.Fatal(err)
			}
			body, version := payload[:len(payload)-10], payload[len(payload)-10:len(payload)-8]
			different := 0
			for range 400 {
				damaged := damage(r, body)
				if !compareRestore(ctx, t, ours, peer, damaged, version) {
					t.Errorf("%s, seed %d: damaged to %q", d.key, *seedFlag, damaged)
					if different++; different == 5 {
						break
					}
				}
			}
		}
	})
}

// damage changes a few bytes of a payload's body, but not the type.
func damage(r *rand.Rand, body []byte) []byte {
	p := bytes.Clone(body)
	for range 1 + r.IntN(2) {
		i := 1 + r.IntN(len(p)-1)
		if r.IntN(2) == 0 {
			i = 1 + r.IntN(min(len(p)-1, 24))
		}
		switch r.IntN(5) {
		case 0:
			p[i] = byte(r.Uint32())
		case 1:
			p[i]++
		case 2:
			p[i]--
		case 3:
			p[i] ^= 1 << r.IntN(8)
		default:
			j := 1 + r.IntN(len(p)-1)
			p[i] = p[j]
		}
	}
	return p
}

// compareRestore says whether both servers take the payload, with the same
// value in it, or neither does.
func compareRestore(ctx context.Context, t *testing.T, ours, peer *redis.Client, body, version []byte) bool {
	// Servers believe a length that is too long as far as the version and the
	// checksum; zeroes before those have them read no further.
	payload := append(append(bytes.Clone(body), make([]byte, 20_000)...), version...)
	payload = binary.LittleEndian.AppendUint64(payload, crc64(payload))
	var results [2]string
	for i, c := range []*redis.Client{ours, peer} {
		err := c.Do(ctx, "RESTORE", "damaged", 0, payload, "REPLACE").Err()
		if err != nil {
			if !strings.HasPrefix(err.Error(), "ERR Bad data format") {
				t.Fatalf("RESTORE: %v", err)
			}
			results[i] = err.Error()
			continue
		}
		if body[0] == 0 {
			results[i] = c.Get(ctx, "damaged").Val()
			continue
		}
		fields := c.HGetAll(ctx, "damaged").Val()
		results[i] = fmt.Sprint(fields)
		if len(fields) == 0 {
			results[i] = "all have expired"
		}
	}
	if results[0] == results[1] {
		return true
	}
	// Values that are not packed, or compressed, may be refused here for what the others let
	// pass: something compressed that should come to nothing, a string in the
	// place of a number, a field that comes again after it has expired.
	packed := body[0] == 16 && body[1] < 0xC0 || body[0] == 25 && body[9] < 0xC0
	if !packed && strings.HasPrefix(results[0], "ERR") {
		return true
	}
	t.Logf("%.100q here, %.100q there", results[0], results[1])
	return false
}

// crc64 is the checksum of payloads.
func crc64(p []byte) uint64 {
	const polynomial = 0x95ac9329ac4bc9b5 // Jones's, reflected
	sum := uint64(0)
	for _, b := range p {
		sum ^= uint64(b)
		for range 8 {
			sum = sum>>1 ^ -(sum&1)&polynomial
		}
	}
	return sum
}
