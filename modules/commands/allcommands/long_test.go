package allcommands_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/command"
)

// lostLink is a connection that is dead once it was asked about so many times.
type lostLink struct{ asked, lives int }

func (l *lostLink) Push([]byte)                  {}
func (l *lostLink) Kill()                        {}
func (l *lostLink) Dead() bool                   { l.asked++; return l.asked > l.lives }
func (l *lostLink) Buffers(bool) command.Buffers { return command.Buffers{} }

// A pattern of many stars matches a long key.
func TestKeysWithManyStars(t *testing.T) {
	s := newServer(t)
	key := strings.Repeat("k", 60_000)
	s.do("SET", key, "v")
	s.do("HSET", "hash", key, "v")
	for _, pattern := range []string{strings.Repeat("*?", 50_000), strings.Repeat("*k", 50_000), strings.Repeat("?", 60_000)} {
		if got, want := s.do("KEYS", pattern), s.do("KEYS", "k*"); got != want {
			t.Errorf("%.4q...: %.20q", pattern, got)
		}
		if got, want := s.do("HSCAN", "hash", "0", "MATCH", pattern), s.do("HSCAN", "hash", "0"); got != want {
			t.Errorf("HSCAN with %.4q...: %.20q", pattern, got)
		}
	}
}

// Commands that run for long ask between their steps whether their client is
// still there, and end when it is not.
func TestLongCommandsEndWithTheirClient(t *testing.T) {
	s := newServer(t)
	for i := range 20_000 {
		s.do("HSET", "hash", "field:"+strconv.Itoa(i), "value")
		s.do("SET", "key:"+strconv.Itoa(i), "value")
	}
	s.do("SET", strings.Repeat("k", 60_000), "v")
	s.do("HSET", "small", "f", "v", "g", "w")
	s.do("SET", "ab", strings.Repeat("ab", 2000))
	s.do("SET", "ba", strings.Repeat("ba", 2000))
	s.do("SETRANGE", "long", "20000000", "\x00")
	reply, _ := s.session.Feed(s.ws, encode([][]byte{[]byte("DUMP"), []byte("hash")}))
	_, payload, _ := strings.Cut(string(reply), "\r\n")
	mget := []string{"MGET"}
	for i := range 20_000 {
		mget = append(mget, "key:"+strconv.Itoa(i))
	}
	for _, request := range [][]string{
		{"KEYS", "*"},
		{"KEYS", "*" + strings.Repeat("[k]", 20_000) + "x*"},
		{"HRANDFIELD", "hash", "-100000"},
		{"HRANDFIELD", "small", "-100000", "WITHVALUES"},
		{"HRANDFIELD", "hash", "15000"},
		{"HGETALL", "hash"},
		{"HKEYS", "hash"},
		{"HVALS", "hash"},
		{"DUMP", "hash"},
		append([]string{"HMGET", "hash"}, strings.Split(strings.Repeat("field:7 ", 10_000)+"field:8", " ")...),
		{"BITCOUNT", "long"},
		{"BITCOUNT", "long", "1", "-1", "BIT"},
		{"BITPOS", "long", "1"},
		{"BITOP", "NOT", "other", "long"},
		{"BITOP", "XOR", "other", "long", "ab", "long"},
		{"COPY", "hash", "copy", "REPLACE"},
		{"RESTORE", "copy", "0", strings.TrimSuffix(payload, "\r\n"), "REPLACE"},
		mget,
		{"LCS", "ab", "ba"},
		{"LCS", "ab", "ba", "LEN"},
		{"SCAN", "0", "COUNT", "1000000"},
		{"HSCAN", "hash", "0", "COUNT", "1000000"},
	} {
		whole := &lostLink{lives: 1 << 30}
		s.session.Client.SetLink(whole)
		s.do(request...)
		if whole.asked < 10 {
			t.Errorf("%.30q asked %d times whether the client is there", request, whole.asked)
		}
		lost := &lostLink{lives: 3}
		s.session.Client.SetLink(lost)
		s.do(request...)
		if lost.asked > 100 {
			t.Errorf("%.30q went on for %d steps", request, lost.asked-lost.lives)
		}
	}
}

// What is read in steps is all there.
func TestLargeHashesAreWhole(t *testing.T) {
	s := newServer(t)
	const fields = 10_000
	for i := range fields {
		s.do("HSET", "hash", "field:"+strconv.Itoa(i), "value:"+strconv.Itoa(i)+strings.Repeat("v", i%50))
	}
	reply, _ := s.session.Feed(s.ws, encode([][]byte{[]byte("DUMP"), []byte("hash")}))
	_, payload, _ := strings.Cut(string(reply), "\r\n")
	if got := s.do("RESTORE", "copy", "0", strings.TrimSuffix(payload, "\r\n")); got != "+OK\n" {
		t.Fatalf("RESTORE: %q", got)
	}
	if got := s.do("RENAME", "copy", "again"); got != "+OK\n" {
		t.Fatalf("RENAME: %q", got)
	}
	names := []string{"HMGET", "again"}
	for i := range fields {
		names = append(names, "field:"+strconv.Itoa(i))
	}
	names = append(names, "none")
	values := strings.Split(s.do(names...), "\n")
	for i := range fields {
		if want := "value:" + strconv.Itoa(i) + strings.Repeat("v", i%50); values[2+2*i] != want {
			t.Fatalf("field %d is %q, want %q", i, values[2+2*i], want)
		}
	}
	if last := values[len(values)-2]; last != "$-1" {
		t.Errorf("a field that is not there is %q", last)
	}
	for request, elements := range map[string]int{"HGETALL": 2 * fields, "HKEYS": fields, "HVALS": fields} {
		if n := strings.Count(s.do(request, "again"), "$"); n != elements {
			t.Errorf("%s has %d elements", request, n)
		}
	}
	if n := strings.Count(s.do("HRANDFIELD", "again", "9000"), "$"); n != 9000 {
		t.Errorf("HRANDFIELD has %d elements", n)
	}
}
