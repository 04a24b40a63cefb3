package command_test

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
	for _, request := range [][]string{
		{"KEYS", "*"},
		{"KEYS", "*" + strings.Repeat("[k]", 20_000) + "x*"},
		{"HRANDFIELD", "hash", "-100000"},
		{"HRANDFIELD", "small", "-100000", "WITHVALUES"},
		{"HRANDFIELD", "hash", "15000"},
		{"HGETALL", "hash"},
		{"HKEYS", "hash"},
		{"HVALS", "hash"},
		append([]string{"HMGET", "hash"}, strings.Split(strings.Repeat("field:7 ", 10_000)+"field:8", " ")...),
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
