package integration

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redistill-go/redistill/integration/harness"
)

// payloads are what redis-server 7.0.15 replies to DUMP, and what it refuses.
var payloads = []string{
	"\x00\xc0{\x0a\x00H\xe2S\xe1\x00zg\xb9", "\x00\xc1\x7f\xff\x0a\x00\x17`\x82(T\x80\x84\x80",
	"\x00\x03abc\x0a\x00\xd9\xac0=Ar\xa2\xe2", "\x00\x00\x0a\x00]\x9b\x5c@\x0f\x7f\xa2\xda",
	"\x00\xc3\x09@d\x01aa\xe0W\x00\x01aa\x0a\x00\xe8\xa3\xb5\x07\xb0m\xf2q",
	"\x04\x01\x01f\xc3\x09@A\x01vv\xe04\x00\x01vv\x0a\x00=q\xbeR7\x86\xcfE",
	"\x00\x00\x0a\x00]\x9b\x5c@\x0f\x7f\xa2\xdb", "", "abc",
}

// stringShapes are of the commands for bits of strings and for moving keys.
// Keys that expire some time after now are not moved to others, which would
// be compared to the millisecond.
var stringShapes = map[string]func(g *commandGenerator) []string{
	"SUBSTR":   func(g *commandGenerator) []string { return []string{g.key(), g.integer(), g.integer()} },
	"LCS":      (*commandGenerator).lcs,
	"GETBIT":   func(g *commandGenerator) []string { return []string{g.key(), g.bitOffset()} },
	"SETBIT":   func(g *commandGenerator) []string { return []string{g.key(), g.bitOffset(), g.bit()} },
	"BITCOUNT": func(g *commandGenerator) []string { return append([]string{g.key()}, g.bitRange(2)...) },
	"BITPOS":   func(g *commandGenerator) []string { return append([]string{g.key(), g.bit()}, g.bitRange(1)...) },
	"BITOP": func(g *commandGenerator) []string {
		op := g.pick([]string{"AND", "OR", "XOR", "NOT", "NOT", "NAND"})
		if op == "NOT" && g.r.IntN(4) != 0 {
			return []string{g.anyCase(op), g.key(), g.key()}
		}
		return append([]string{g.anyCase(op), g.key()}, g.someKeys()...)
	},
	"BITFIELD":    func(g *commandGenerator) []string { return append([]string{g.key()}, g.bitFields()...) },
	"BITFIELD_RO": func(g *commandGenerator) []string { return append([]string{g.key()}, g.bitFields()...) },
	"RENAME":      (*commandGenerator).fromTo,
	"RENAMENX":    (*commandGenerator).fromTo,
	"COPY": func(g *commandGenerator) []string {
		return append(g.fromTo(), g.one([]string{}, []string{"REPLACE"}, []string{"replace", "DB", "0"}, []string{"DB", g.integer()}, []string{"DB"})...)
	},
	"DUMP": (*commandGenerator).oneKey,
	"RESTORE": func(g *commandGenerator) []string {
		args := []string{g.key(), "0", g.pick(payloads)}
		if g.r.IntN(4) == 0 {
			args[1] = g.absolute(4_000_000_000_000)
			args = append(args, "ABSTTL")
		}
		if g.r.IntN(2) == 0 {
			args = append(args, g.anyCase("REPLACE"))
		}
		return append(args, g.one([]string{}, []string{}, []string{}, []string{"IDLETIME", g.integer()}, []string{"FREQ", g.integer()}, []string{"x"})...)
	},
}

func (g *commandGenerator) fromTo() []string { return []string{g.pick(otherKeys), g.pick(otherKeys)} }

func (g *commandGenerator) bit() string {
	return g.pick([]string{"0", "1"}, []string{"0", "1"}, []string{"2", "-1", "x", ""})
}

// bitOffset is a place near the start of a value, or none.
func (g *commandGenerator) bitOffset() string {
	if g.r.IntN(10) == 0 {
		return g.pick([]string{"-1", "4294967296", "9223372036854775807", "9223372036854775808", "x", "", "01", "#1", "#x"})
	}
	return strconv.Itoa(g.r.IntN(400))
}

// bitRange is an optional range of which so many arguments can't be left out
// once it has begun.
func (g *commandGenerator) bitRange(least int) []string {
	position := func() string {
		if g.r.IntN(8) == 0 {
			return g.integer()
		}
		return strconv.Itoa(g.r.IntN(80) - 40)
	}
	args := []string{position(), position(), g.pick([]string{"BIT", "bit", "BYTE", "x"})}
	n := g.r.IntN(4)
	if n > 0 && g.r.IntN(8) != 0 {
		n = max(n, least)
	}
	return args[:n]
}

func (g *commandGenerator) bitFields() []string {
	var args []string
	for range g.r.IntN(4) {
		field := []string{
			g.pick([]string{"u1", "u2", "u8", "i8", "i5", "u63", "i64", "i33"}, []string{"u1", "u8", "i16", "i64"}, []string{"u64", "i65", "x8", "u0"}),
			g.bitOffset(),
		}
		if g.r.IntN(3) == 0 {
			field[1] = "#" + strconv.Itoa(g.r.IntN(20))
		}
		switch g.r.IntN(6) {
		case 0, 1:
			args = append(append(args, g.anyCase("GET")), field...)
		case 2:
			args = append(append(append(args, g.anyCase("SET")), field...), g.integer())
		case 3, 4:
			args = append(append(append(args, g.anyCase("INCRBY")), field...), g.integer())
		default:
			args = append(args, g.anyCase("OVERFLOW"), g.pick([]string{"WRAP", "sat", "FAIL", "FAIL", "x"}))
		}
	}
	return args
}

func (g *commandGenerator) lcs() []string {
	args := []string{g.key(), g.key()}
	for range g.r.IntN(3) {
		args = append(args, g.one([]string{"LEN"}, []string{"idx"}, []string{"WITHMATCHLEN"}, []string{"MINMATCHLEN", g.integer()}, []string{"x"})...)
	}
	return args
}

// A value that either server dumped is restored by the other.
func TestDumpAndRestoreAcrossServers(t *testing.T) {
	ctx := t.Context()
	ours := newClient(t, &redis.Options{Addr: serve(t, harness.Options{}).TCP})
	peer := newClient(t, &redis.Options{Addr: harness.Redis(t, harness.Options{}).TCP})
	values := []string{"", "abc", "0", "-128", "32768", "2147483648", "-9223372036854775808", "007", "\x00\xff",
		strings.Repeat("compressible ", 50), strings.Repeat("x", 20_000), strings.Repeat("\x00\x01", 100_000)}
	pair := func(from, to *redis.Client, key string) {
		t.Helper()
		payload, err := from.Dump(ctx, key).Result()
		if err != nil {
			t.Fatalf("DUMP %s: %v", key, err)
		}
		if err := to.RestoreReplace(ctx, key, time.Hour, payload).Err(); err != nil {
			t.Fatalf("RESTORE %s of %.100q: %v", key, payload, err)
		}
	}
	for i, value := range values {
		for _, way := range [][2]*redis.Client{{ours, peer}, {peer, ours}} {
			key := fmt.Sprintf("string:%d", i)
			if err := way[0].Set(ctx, key, value, 0).Err(); err != nil {
				t.Fatal(err)
			}
			pair(way[0], way[1], key)
			got, err := way[1].Get(ctx, key).Result()
			if err != nil || got != value {
				t.Errorf("value %d comes back as %.100q, %v", i, got, err)
			}
			if ttl := way[1].PTTL(ctx, key).Val(); ttl <= 0 || ttl > time.Hour {
				t.Errorf("value %d lives for %v", i, ttl)
			}
		}
	}
	for _, n := range []int{1, 5, 100, 2000} {
		fields := map[string]string{}
		for i := range n {
			// All forms of a packed element.
			fields[fmt.Sprint(i*i*i-1000)] = values[i%(len(values)-2)]
		}
		for _, way := range [][2]*redis.Client{{ours, peer}, {peer, ours}} {
			key := fmt.Sprintf("hash:%d", n)
			if err := way[0].Del(ctx, key).Err(); err != nil {
				t.Fatal(err)
			}
			if err := way[0].HSet(ctx, key, fields).Err(); err != nil {
				t.Fatal(err)
			}
			pair(way[0], way[1], key)
			got, err := way[1].HGetAll(ctx, key).Result()
			if err != nil || !maps.Equal(got, fields) {
				t.Errorf("a hash of %d fields comes back with %d, %v", n, len(got), err)
			}
		}
	}
	// Small hashes with numbers of every width are packed by Redis.
	numbers := map[string]string{"0": "127", "-1": "128", "4095": "-4096", "4096": "-32768", "8388607": "-8388608", "2147483647": "-2147483648", "a": "9223372036854775807"}
	if err := peer.HSet(ctx, "numbers", numbers).Err(); err != nil {
		t.Fatal(err)
	}
	pair(peer, ours, "numbers")
	if got, err := ours.HGetAll(ctx, "numbers").Result(); err != nil || !maps.Equal(got, numbers) {
		t.Errorf("numbers come back as %v, %v", got, err)
	}
	// What only Redis can hold is refused.
	if err := peer.RPush(ctx, "list", "a").Err(); err != nil {
		t.Fatal(err)
	}
	payload := peer.Dump(ctx, "list").Val()
	if err := ours.Restore(ctx, "list", 0, payload).Err(); err == nil || err.Error() != "ERR Bad data format: the value is of type list, which this server does not have" {
		t.Errorf("RESTORE of a list: %v", err)
	}
}
