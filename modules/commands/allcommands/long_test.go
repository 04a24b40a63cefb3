package allcommands_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/command/commandtest"
)

// A pattern of many stars matches a long key.
func TestKeysWithManyStars(t *testing.T) {
	s := newServer(t)
	key := strings.Repeat("k", 60_000)
	s.Do("SET", key, "v")
	s.Do("HSET", "hash", key, "v")
	for _, pattern := range []string{strings.Repeat("*?", 50_000), strings.Repeat("*k", 50_000), strings.Repeat("?", 60_000)} {
		if got, want := s.Do("KEYS", pattern), s.Do("KEYS", "k*"); got != want {
			t.Errorf("%.4q...: %.20q", pattern, got)
		}
		if got, want := s.Do("HSCAN", "hash", "0", "MATCH", pattern), s.Do("HSCAN", "hash", "0"); got != want {
			t.Errorf("HSCAN with %.4q...: %.20q", pattern, got)
		}
	}
}

// Commands that run for long ask between their steps whether their client is
// still there, and end when it is not.
func TestLongCommandsEndWithTheirClient(t *testing.T) {
	s := newServer(t)
	for i := range 20_000 {
		s.Do("HSET", "hash", "field:"+strconv.Itoa(i), "value")
		s.Do("SET", "key:"+strconv.Itoa(i), "value")
	}
	s.Do("SET", strings.Repeat("k", 60_000), "v")
	s.Do("HSET", "small", "f", "v", "g", "w")
	s.Do("SET", "ab", strings.Repeat("ab", 2000))
	s.Do("SET", "ba", strings.Repeat("ba", 2000))
	s.Do("SETRANGE", "long", "20000000", "\x00")
	reply, _ := s.Send(commandtest.Encode([][]byte{[]byte("DUMP"), []byte("hash")}))
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
		whole := &commandtest.LostLink{Lives: 1 << 30}
		s.Client.SetLink(whole)
		s.Do(request...)
		if whole.Asked < 10 {
			t.Errorf("%.30q asked %d times whether the client is there", request, whole.Asked)
		}
		lost := &commandtest.LostLink{Lives: 3}
		s.Client.SetLink(lost)
		s.Do(request...)
		if lost.Asked > 100 {
			t.Errorf("%.30q went on for %d steps", request, lost.Asked-lost.Lives)
		}
	}
}
