package hashes_test

import (
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/command/commandtest"
)

const plainError = "-ERR "

// Fields expire, with the replies of Redis 7.4 and 8.0.
func TestFieldsExpire(t *testing.T) {
	do := func(at int64, request, reply string) commandtest.Step {
		return commandtest.Step{at, strings.Fields(request), strings.ReplaceAll(reply, " ", "\n") + "\n"}
	}
	newServer(t).Walk(t, []commandtest.Step{
		do(0, "HSET h a 1 b 2 c 3", ":3"),
		do(0, "HPEXPIRE h 100 FIELDS 3 a none c", "*3 :1 :-2 :1"),
		do(0, "HPTTL h FIELDS 3 a b none", "*3 :100 :-1 :-2"),
		do(0, "HTTL h FIELDS 1 a", "*1 :1"),
		do(0, "HPEXPIRETIME h FIELDS 1 a", "*1 :1700000000100"),
		do(0, "HEXPIRETIME h FIELDS 1 a", "*1 :1700000001"),
		do(99, "HGET h a", "$1 1"),
		do(100, "HGET h a", "$1 1"), // there until its last millisecond is over
		do(101, "HGET h a", "$-1"),
		do(101, "HEXISTS h a", ":0"),
		do(101, "HSTRLEN h a", ":0"),
		do(101, "HMGET h a b", "*2 $-1 $1 2"),
		do(101, "HGETALL h", "*2 $1 b $1 2"),
		do(101, "HKEYS h", "*1 $1 b"),
		do(101, "HVALS h", "*1 $1 2"),
		do(101, "HSCAN h 0", "*2 $1 0 *2 $1 b $1 2"),
		do(101, "HSCAN h 0 NOVALUES", "*2 $1 0 *1 $1 b"),
		do(101, "HSCAN h 0 NOVALUES MATCH b COUNT 5", "*2 $1 0 *1 $1 b"),
		do(101, "HRANDFIELD h 9", "*1 $1 b"),
		do(101, "HRANDFIELD h", "$1 b"),
		do(101, "HPTTL h FIELDS 1 a", "*1 :-2"),
		do(101, "HPERSIST h FIELDS 1 a", "*1 :-2"),
		do(101, "HDEL h a", ":0"),
		do(101, "HSETNX h c 4", ":1"),
		do(101, "HPTTL h FIELDS 1 c", "*1 :-1"),
		do(101, "HINCRBY h c 1", ":5"),
		do(101, "HEXPIRE h 10 FIELDS 1 c", "*1 :1"),
		do(101, "HINCRBY h c 1000", ":1005"), // keeps the expiry
		do(101, "HINCRBYFLOAT h c 0.5", "$6 1005.5"),
		do(101, "HPTTL h FIELDS 1 c", "*1 :10000"),
		do(101, "HSET h c 1", ":0"), // ends it
		do(101, "HPTTL h FIELDS 1 c", "*1 :-1"),
		do(101, "HEXPIREAT h 1700000005 FIELDS 1 c", "*1 :1"),
		do(101, "HPERSIST h FIELDS 3 c b none", "*3 :1 :-1 :-2"),
		do(101, "HPERSIST h FIELDS 1 c", "*1 :-1"),
		do(101, "HPEXPIREAT h 1 FIELDS 2 b none", "*2 :2 :-2"), // the past deletes
		do(101, "HGETALL h", "*2 $1 c $1 1"),
		do(101, "HEXPIRE h 0 FIELDS 1 c", "*1 :2"),
		do(101, "EXISTS h", ":0"),
		do(101, "HTTL h FIELDS 2 a b", "*2 :-2 :-2"),
		do(101, "HEXPIRE h 1 FIELDS 2 a b", "*2 :-2 :-2"),
		do(101, "HPERSIST h FIELDS 1 a", "*1 :-2"),
		do(101, "EXISTS h", ":0"),
	})
}

func TestFieldExpiryConditions(t *testing.T) {
	s := newServer(t)
	for _, c := range []struct{ ttl, request, reply, after string }{
		{"", "NX", ":1", ":100"}, {"", "XX", ":0", ":-1"}, {"", "GT", ":0", ":-1"}, {"", "LT", ":1", ":100"},
		{"50", "NX", ":0", ":50"}, {"50", "xx", ":1", ":100"}, {"50", "gt", ":1", ":100"}, {"50", "lt", ":0", ":50"},
		{"100", "GT", ":0", ":100"}, {"100", "LT", ":0", ":100"},
		{"500", "GT", ":0", ":500"}, {"500", "LT", ":1", ":100"},
	} {
		s.Do("DEL", "h")
		s.Do("HSET", "h", "f", "v")
		if c.ttl != "" {
			s.Do("HPEXPIRE", "h", c.ttl, "FIELDS", "1", "f")
		}
		if got := s.Do("HPEXPIRE", "h", "100", c.request, "FIELDS", "1", "f"); got != "*1\n"+c.reply+"\n" {
			t.Errorf("HPEXPIRE 100 %s on a TTL of %q: %q, want %s", c.request, c.ttl, got, c.reply)
		}
		if got := s.Do("HPTTL", "h", "FIELDS", "1", "f"); got != "*1\n"+c.after+"\n" {
			t.Errorf("HPTTL after HPEXPIRE 100 %s on a TTL of %q: %q, want %s", c.request, c.ttl, got, c.after)
		}
	}
}

// The error texts, and which comes first.
func TestFieldExpiryErrors(t *testing.T) {
	const (
		missing = "Mandatory argument FIELDS is missing or not at the right position"
		differ  = "The `numfields` parameter must match the number of arguments"
		count   = "Number of fields must be a positive integer"
		wrong   = "-WRONGTYPE Operation against a key holding the wrong kind of value"
	)
	s := newServer(t)
	s.Do("SET", "s", "v")
	s.Do("HSET", "h", "a", "1")
	for request, reply := range map[string]string{
		"HEXPIRE h 1 FIELDS 1":                     plainError + "wrong number of arguments for 'hexpire' command",
		"HTTL h FIELDS 1":                          plainError + "wrong number of arguments for 'httl' command",
		"HGETEX h FIELDS 1":                        plainError + "wrong number of arguments for 'hgetex' command",
		"HGETDEL h FIELDS 1":                       plainError + "wrong number of arguments for 'hgetdel' command",
		"HSETEX h FIELDS 1 a":                      plainError + "wrong number of arguments for 'hsetex' command",
		"HEXPIRE s x FIELDS 1 a":                   wrong,
		"HTTL s x 1 a":                             wrong,
		"HPERSIST s x 1 a":                         wrong,
		"HGETDEL s x 1 a":                          wrong,
		"HGETEX s x 1 a":                           wrong,
		"HSETEX s FIELDS 1 a 1":                    wrong,
		"HEXPIRE h x FIELDS 1 a":                   plainError + "value is not an integer or out of range",
		"HEXPIRE h -1 FIELDS 1 a":                  plainError + "invalid expire time, must be >= 0",
		"HEXPIRE h 70368744178 FIELDS 1 a":         plainError + "invalid expire time in 'hexpire' command",
		"HPEXPIRE h 70368744177663 FIELDS 1 a":     plainError + "invalid expire time in 'hpexpire' command",
		"HPEXPIREAT h 70368744177664 FIELDS 1 a":   plainError + "invalid expire time in 'hpexpireat' command",
		"HEXPIRE h 9223372036854775807 FIELDS 1 a": plainError + "invalid expire time in 'hexpire' command",
		"HEXPIRE h 1 BAD FIELDS 1 a":               plainError + missing,
		"HEXPIRE h 1 NX XX FIELDS 1 a":             plainError + missing,
		"HEXPIRE h 1 FIELDS 0 a":                   plainError + "Parameter `numFields` should be greater than 0",
		"HEXPIRE h 1 FIELDS x a":                   plainError + "Parameter `numFields` should be greater than 0",
		"HEXPIRE h 1 FIELDS 2 a":                   plainError + differ,
		"HEXPIRE h 1 NX FIELDS 1":                  plainError + differ,
		"HTTL h NOPE 1 a":                          plainError + missing,
		"HTTL h FIELDS 0 a":                        plainError + count,
		"HTTL h FIELDS x a":                        plainError + count,
		"HTTL h FIELDS 1 a b":                      plainError + differ,
		"HTTL none FIELDS 2 a":                     plainError + differ,
		"HPERSIST h NOPE 1 a":                      plainError + missing,
		"HPERSIST h FIELDS -1 a":                   plainError + count,
		"HGETDEL h NOPE 1 a":                       plainError + missing,
		"HGETDEL h FIELDS 9999999999 a":            plainError + differ,
		"HGETEX h EX 10 FIELDS":                    plainError + "wrong number of arguments for 'hgetex' command",
		"HGETEX h EX x FIELDS 1 a":                 plainError + "value is not an integer or out of range",
		"HGETEX h EX -1 FIELDS 1 a":                plainError + "invalid expire time, must be >= 0",
		"HGETEX h PERSIST EX 1 FIELDS 1 a":         plainError + missing,
		"HGETEX h PERSIST FIELDS 2 a":              plainError + differ,
		"HSETEX h EX 1 PX 1 FIELDS 1 a 1":          plainError + "Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified",
		"HSETEX h KEEPTTL KEEPTTL FIELDS 1 a 1":    plainError + "Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified",
		"HSETEX h FNX FXX FIELDS 1 a 1":            plainError + "Only one of FXX or FNX arguments can be specified",
		"HSETEX h NOPE FIELDS 1 a 1":               plainError + "unknown argument: NOPE",
		"HSETEX h KEEPTTL FNX FXX EX":              plainError + "Only one of FXX or FNX arguments can be specified",
		"HSETEX h FNX FNX FNX EX":                  plainError + "Only one of FXX or FNX arguments can be specified",
		"HSETEX h EX -1 FIELDS 1 a 1":              plainError + "invalid expire time, must be >= 0",
		"HSETEX h EX x FIELDS 1 a 1":               plainError + "value is not an integer or out of range",
		"HSETEX h FIELDS 0 a 1":                    plainError + "invalid number of fields",
		"HSETEX h FIELDS x a 1":                    plainError + "invalid number of fields",
		"HSETEX h FIELDS 2 a 1":                    plainError + "wrong number of arguments for 'hsetex' command",
		"HSETEX h FIELDS 1 a 1 b":                  plainError + "wrong number of arguments for 'hsetex' command",
		"HSETEX h FXX EX 5 FIELDS 1":               plainError + "wrong number of arguments for 'hsetex' command",
	} {
		if got := s.Do(strings.Fields(request)...); got != reply+"\n" {
			t.Errorf("%s: got %q, want %q", request, got, reply)
		}
	}
	if got := s.Do("HGETALL", "h"); got != "*2\n$1\na\n$1\n1\n" {
		t.Errorf("a refused command changed the hash: %q", got)
	}
}

// HGETEX, HSETEX and HGETDEL of Redis 8.0.
func TestFieldsAreReadAndChangedAtOnce(t *testing.T) {
	do := func(at int64, request, reply string) commandtest.Step {
		return commandtest.Step{at, strings.Fields(request), strings.ReplaceAll(reply, " ", "\n") + "\n"}
	}
	newServer(t).Walk(t, []commandtest.Step{
		do(0, "HSETEX h FXX FIELDS 1 a 1", ":0"),
		do(0, "EXISTS h", ":0"),
		do(0, "HSETEX h FNX PX 100 FIELDS 2 a 1 b 2", ":1"),
		do(0, "HSETEX h FNX FIELDS 2 b 9 c 9", ":0"),
		do(0, "HSETEX h FXX FIELDS 2 b 9 c 9", ":0"),
		do(0, "HGETALL h", "*4 $1 a $1 1 $1 b $1 2"),
		do(0, "HPTTL h FIELDS 2 a b", "*2 :100 :100"),
		do(0, "HSETEX h fxx keepttl fields 1 a 3", ":1"),
		do(0, "HPTTL h FIELDS 1 a", "*1 :100"),
		do(0, "HSETEX h FIELDS 1 a 4", ":1"),
		do(0, "HPTTL h FIELDS 1 a", "*1 :-1"),
		do(0, "HSETEX h EXAT 1700000010 FIELDS 1 a 4", ":1"),
		do(0, "HPTTL h FIELDS 1 a", "*1 :10000"),
		do(0, "HGETEX h FIELDS 3 a b none", "*3 $1 4 $1 2 $-1"),
		do(0, "HPTTL h FIELDS 2 a b", "*2 :10000 :100"),
		do(0, "HGETEX h PERSIST FIELDS 2 a none", "*2 $1 4 $-1"),
		do(0, "HPTTL h FIELDS 2 a b", "*2 :-1 :100"),
		do(0, "HGETEX h EX 5 FIELDS 2 a b", "*2 $1 4 $1 2"),
		do(0, "HPTTL h FIELDS 2 a b", "*2 :5000 :5000"),
		do(0, "HGETEX h PXAT 1700000000050 FIELDS 1 b", "*1 $1 2"),
		do(51, "HGETEX h FIELDS 2 a b", "*2 $1 4 $-1"),
		do(51, "HGETEX none EX 5 FIELDS 2 a b", "*2 $-1 $-1"),
		do(51, "HGETEX h PXAT 5 FIELDS 1 a", "*1 $1 4"), // the past deletes
		do(51, "HGETALL h", "*0"),
		do(51, "HSETEX h FIELDS 2 c 1 d 2", ":1"),
		do(51, "HSETEX h EX 0 FIELDS 2 c 1 e 2", ":1"), // gone at once
		do(51, "HGETALL h", "*2 $1 d $1 2"),
		do(51, "HGETDEL h FIELDS 3 d none d", "*3 $1 2 $-1 $-1"),
		do(51, "HGETDEL h FIELDS 1 d", "*1 $-1"),
		do(51, "HSETEX new PXAT 1 FIELDS 1 a 1", ":1"),
		do(51, "EXISTS new", ":0"),
	})
}
