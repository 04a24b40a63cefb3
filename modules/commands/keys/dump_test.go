package keys_test

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/redistill-go/redistill/core/command/commandtest"
)

// dumped is the reply to DUMP.
func dumped(s *commandtest.Server, t testing.TB, key string) string {
	t.Helper()
	reply := s.Raw("DUMP", key)
	head, rest, _ := strings.Cut(reply, "\r\n")
	if n, err := strconv.Atoi(strings.TrimPrefix(head, "$")); err != nil || n+2 != len(rest) {
		t.Fatalf("DUMP %q: %q", key, reply)
	}
	return rest[:len(rest)-2]
}

func TestRestoreWhatWasDumped(outer *testing.T) {
	s := newServer(outer)
	rapid.Check(outer, func(t *rapid.T) {
		value := rapid.OneOf(
			rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 100), func(b []byte) string { return string(b) }),
			rapid.Map(rapid.Int64(), func(n int64) string { return strconv.FormatInt(n, 10) }),
			rapid.Map(rapid.IntRange(16_000, 200_000), func(n int) string { return strings.Repeat("v", n) }),
		).Draw(t, "value")
		s.Do("FLUSHALL")
		s.Do("SET", "k", value)
		if got := s.Do("RESTORE", "copy", "1000", dumped(s, outer, "k")); got != "+OK\n" {
			t.Fatalf("RESTORE: %q", got)
		}
		if got, want := s.Do("GET", "copy"), s.Do("GET", "k"); got != want {
			t.Fatalf("%.100q comes back as %.100q", want, got)
		}
		if got := s.Do("PTTL", "copy"); got != ":1000\n" {
			t.Fatalf("PTTL: %q", got)
		}
	})
}

func TestRestoreHash(t *testing.T) {
	for _, n := range []int{1, 10, 3000} {
		s := newServer(t)
		for i := range n {
			s.Do("HSET", "h", fmt.Sprintf("f%d", i), strings.Repeat("v", i%300))
		}
		if got := s.Do("HPEXPIREAT", "h", "1700000000500", "FIELDS", "1", "f0"); got != "*1\n:1\n" {
			t.Fatalf("HPEXPIREAT: %q", got)
		}
		s.Walk(t, []commandtest.Step{
			{0, []string{"RESTORE", "copy", "5000", dumped(s, t, "h"), "IDLETIME", "10"}, "+OK\n"},
			{0, []string{"HLEN", "copy"}, fmt.Sprintf(":%d\n", n)},
			{0, []string{"PTTL", "copy"}, ":5000\n"},
			{0, []string{"HPEXPIRETIME", "copy", "FIELDS", "1", "f0"}, "*1\n:1700000000500\n"},
			{0, []string{"RESTORE", "copy", "0", dumped(s, t, "h")}, "-BUSYKEY Target key name already exists.\n"},
			{0, []string{"COPY", "h", "copy2"}, ":1\n"},
			{0, []string{"HPEXPIRETIME", "copy2", "FIELDS", "1", "f0"}, "*1\n:1700000000500\n"},
		})
		for i := range n {
			field := fmt.Sprintf("f%d", i)
			want := s.Do("HGET", "h", field)
			if got := s.Do("HGET", "copy", field); got != want {
				t.Fatalf("RESTORE: %s is %.50q, want %.50q", field, got, want)
			}
			if got := s.Do("HGET", "copy2", field); got != want {
				t.Fatalf("COPY: %s is %.50q, want %.50q", field, got, want)
			}
		}
		// A field that expired on the way is not restored.
		dump := dumped(s, t, "h")
		s.Walk(t, []commandtest.Step{
			{501, []string{"RESTORE", "late", "0", dump}, "+OK\n"},
			{501, []string{"HLEN", "late"}, fmt.Sprintf(":%d\n", n-1)},
			{501, []string{"HEXISTS", "late", "f0"}, ":0\n"},
		})
	}
}

// What is wrong with a payload is told, and the key stays as it was.
func TestRestoreRefuses(t *testing.T) {
	s := newServer(t)
	s.Do("SET", "k", "old")
	for payload, reply := range map[string]string{
		// of Redis 7.0.15, 8.0.6 and Valkey 9.1.2: a sorted set
		"\x11\x0c\x0c\x00\x00\x00\x02\x00\x81a\x02\x01\x01\xff\n\x00\xa8\x05\xce\xb8\xd7\xa93\x02": "-ERR Bad data format: the value is of type zset, which this server does not have\n",
		"\x11\x0c\x0c\x00\x00\x00\x02\x00\x81a\x02\x01\x01\xff\x0c\x00cs\xfax-\x83\xadK":           "-ERR Bad data format: the value is of type zset, which this server does not have\n",
		"\x11\x0c\x0c\x00\x00\x00\x02\x00\x81a\x02\x01\x01\xffP\x00g/\x07)I\xfbT\xf6":              "-ERR Bad data format: the value is of type zset, which this server does not have\n",
		sealed(15, "\x00\x01v"): "-ERR DUMP payload version or checksum are wrong\n",
		sealed(81, "\x00\x01v"): "-ERR DUMP payload version or checksum are wrong\n",
		sealed(12, "\x63\x01v"): "-ERR Bad data format\n",
		sealed(12, "\x00\x05v"): "-ERR Bad data format\n",
		sealed(12, "\x10\x0d\x0d\x00\x00\x00\x03\x00\x81f\x02\x81v\x02\xff"):                   "-ERR Bad data format\n", // counts one too many
		sealed(12, "\x10\x13\x13\x00\x00\x00\x04\x00\x81f\x02\x81v\x02\x81f\x02\x81w\x02\xff"): "-ERR Bad data format\n", // a field twice
		sealed(80, "\x16\x01\x01f\x01v\xf9\xff\xff\xff\xff\xff\xff\xff"):                       "-ERR Bad data format\n", // a negative expiry
		sealed(80, "\x18\x01\x00\x00\x00\x00\x00\x00\x00\x01\x01\x01f\x01v"):                   "-ERR Bad data format\n", // a type of Redis
		sealed(13, "\xf3\x01\x00\x00\x00\x00\x00\x00\x01v"):                                    "-ERR Bad data format\n", // metadata of a module
	} {
		s.Walk(t, []commandtest.Step{
			{0, []string{"RESTORE", "k", "0", payload, "REPLACE"}, reply},
			{0, []string{"GET", "k"}, "$3\nold\n"},
		})
	}
	s.Walk(t, []commandtest.Step{
		{0, []string{"RESTORE", "m", "0", sealed(13, "\xf3\x01\x01\x00\x00\x00\x00\x00\x01v")}, "+OK\n"}, // such that may be ignored
		{0, []string{"GET", "m"}, "$1\nv\n"},
	})
}

// sealed is a payload with that version and a checksum.
func sealed(version uint16, body string) string {
	// What ends a payload is Redis's CRC-64, the same that ends a snapshot: Jones.
	p := binary.LittleEndian.AppendUint16([]byte(body), version)
	const polynomial = 0x95ac9329ac4bc9b5 // reflected
	sum := uint64(0)
	for _, b := range p {
		sum ^= uint64(b)
		for range 8 {
			sum = sum>>1 ^ -(sum&1)&polynomial
		}
	}
	return string(binary.LittleEndian.AppendUint64(p, sum))
}

// A request with any payload gets one reply, and what it stores comes back.
func FuzzRestore(f *testing.F) {
	seeds := newServer(f)
	for _, request := range [][]string{{"SET", "k", "abc"}, {"SET", "k", "-70000"}, {"HSET", "k", "f", "v", "g", "12"}} {
		seeds.Do("DEL", "k")
		seeds.Do(request...)
		f.Add([]byte(dumped(seeds, f, "k")))
	}
	f.Add([]byte("\x00\xc3\x09@d\x01aa\xe0W\x00\x01aa\x0a\x00\xe8\xa3\xb5\x07\xb0m\xf2q"))
	s := newServer(f)
	f.Fuzz(func(t *testing.T, payload []byte) {
		s.Do("FLUSHALL")
		reply := s.Do("RESTORE", "k", "0", string(payload))
		switch reply {
		case "+OK\n":
			again := dumped(s, t, "k")
			if got := s.Do("RESTORE", "copy", "0", again); got != "+OK\n" || dumped(s, t, "copy") != again {
				t.Errorf("%q is stored, and its dump %q gives %q and another dump", payload, again, got)
			}
		case "-ERR Bad data format\n", "-ERR DUMP payload version or checksum are wrong\n":
			if got := s.Do("DBSIZE"); got != ":0\n" {
				t.Errorf("refused, and DBSIZE is %q", got)
			}
		default:
			if !strings.HasPrefix(reply, "-ERR Bad data format: the value is of type ") {
				t.Errorf("reply %q", reply)
			}
		}
	})
}
