package command_test

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// payload is the reply to DUMP.
func (s *server) payload(t testing.TB, key string) string {
	t.Helper()
	reply := s.raw("DUMP", key)
	head, rest, _ := bytes.Cut(reply, []byte("\r\n"))
	if n, err := strconv.Atoi(strings.TrimPrefix(string(head), "$")); err != nil || n+2 != len(rest) {
		t.Fatalf("DUMP %q: %q", key, reply)
	}
	return string(rest[:len(rest)-2])
}

func TestRestoreWhatWasDumped(outer *testing.T) {
	s := newServer(outer)
	rapid.Check(outer, func(t *rapid.T) {
		value := rapid.OneOf(
			rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 100), func(b []byte) string { return string(b) }),
			rapid.Map(rapid.Int64(), func(n int64) string { return strconv.FormatInt(n, 10) }),
			rapid.Map(rapid.IntRange(16_000, 200_000), func(n int) string { return strings.Repeat("v", n) }),
		).Draw(t, "value")
		s.do("FLUSHALL")
		s.do("SET", "k", value)
		if got := s.do("RESTORE", "copy", "1000", s.payload(outer, "k")); got != "+OK\n" {
			t.Fatalf("RESTORE: %q", got)
		}
		if got, want := s.do("GET", "copy"), s.do("GET", "k"); got != want {
			t.Fatalf("%.100q comes back as %.100q", want, got)
		}
		if got := s.do("PTTL", "copy"); got != ":1000\n" {
			t.Fatalf("PTTL: %q", got)
		}
	})
}

func TestRestoreHash(t *testing.T) {
	for _, n := range []int{1, 10, 3000} {
		s := newServer(t)
		for i := range n {
			s.do("HSET", "h", fmt.Sprintf("f%d", i), strings.Repeat("v", i%300))
		}
		if got := s.do("HPEXPIREAT", "h", "1700000000500", "FIELDS", "1", "f0"); got != "*1\n:1\n" {
			t.Fatalf("HPEXPIREAT: %q", got)
		}
		s.walk(t, []step{
			{0, []string{"RESTORE", "copy", "5000", s.payload(t, "h"), "IDLETIME", "10"}, "+OK\n"},
			{0, []string{"HLEN", "copy"}, fmt.Sprintf(":%d\n", n)},
			{0, []string{"PTTL", "copy"}, ":5000\n"},
			{0, []string{"HPEXPIRETIME", "copy", "FIELDS", "1", "f0"}, "*1\n:1700000000500\n"},
			{0, []string{"RESTORE", "copy", "0", s.payload(t, "h")}, "-BUSYKEY Target key name already exists.\n"},
			{0, []string{"COPY", "h", "copy2"}, ":1\n"},
			{0, []string{"HPEXPIRETIME", "copy2", "FIELDS", "1", "f0"}, "*1\n:1700000000500\n"},
		})
		for i := range n {
			field := fmt.Sprintf("f%d", i)
			want := s.do("HGET", "h", field)
			if got := s.do("HGET", "copy", field); got != want {
				t.Fatalf("RESTORE: %s is %.50q, want %.50q", field, got, want)
			}
			if got := s.do("HGET", "copy2", field); got != want {
				t.Fatalf("COPY: %s is %.50q, want %.50q", field, got, want)
			}
		}
		// A field that expired on the way is not restored.
		dump := s.payload(t, "h")
		s.walk(t, []step{
			{501, []string{"RESTORE", "late", "0", dump}, "+OK\n"},
			{501, []string{"HLEN", "late"}, fmt.Sprintf(":%d\n", n-1)},
			{501, []string{"HEXISTS", "late", "f0"}, ":0\n"},
		})
	}
}

// A request with any payload gets one reply, and what it stores comes back.
func FuzzRestore(f *testing.F) {
	seeds := newServer(f)
	for _, request := range [][]string{{"SET", "k", "abc"}, {"SET", "k", "-70000"}, {"HSET", "k", "f", "v", "g", "12"}} {
		seeds.do("DEL", "k")
		seeds.do(request...)
		f.Add([]byte(seeds.payload(f, "k")))
	}
	f.Add([]byte("\x00\xc3\x09@d\x01aa\xe0W\x00\x01aa\x0a\x00\xe8\xa3\xb5\x07\xb0m\xf2q"))
	s := newServer(f)
	f.Fuzz(func(t *testing.T, payload []byte) {
		s.do("FLUSHALL")
		reply := s.do("RESTORE", "k", "0", string(payload))
		switch reply {
		case "+OK\n":
			again := s.payload(t, "k")
			if got := s.do("RESTORE", "copy", "0", again); got != "+OK\n" || s.payload(t, "copy") != again {
				t.Errorf("%q is stored, and its dump %q gives %q and another dump", payload, again, got)
			}
		case "-ERR Bad data format\n", "-ERR DUMP payload version or checksum are wrong\n":
			if got := s.do("DBSIZE"); got != ":0\n" {
				t.Errorf("refused, and DBSIZE is %q", got)
			}
		default:
			t.Errorf("reply %q", reply)
		}
	})
}
