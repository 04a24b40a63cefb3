package integration

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

// What frees memory, or at least asks for none, runs while memory is full:
// otherwise nobody could make room. What asks for memory is refused, at once or
// when it is to be queued, and a transaction that has it is not executed.
func TestFullMemoryTakesWhatFreesIt(t *testing.T) {
	o := harness.Options{Set: []string{"memory.eviction=noeviction"}}
	c := dial(t, serve(t, o))
	const (
		oom     = "-OOM command not allowed when used memory > 'maxmemory'.\r\n"
		queued  = "+QUEUED\r\n"
		ok      = "+OK\r\n"
		one     = ":1\r\n"
		oneDone = "*1\r\n:1\r\n"
	)
	value := strings.Repeat("v", 1000)
	want(t, c, ":2\r\n", "HSET", "h", "f", value, "g", value)
	for i := range 4 {
		want(t, c, ok, "SET", fmt.Sprint("k", i), value)
	}
	want(t, c, ok, "CONFIG", "SET", "maxmemory", "1")
	want(t, c, oom, "SET", "new", value)
	for _, step := range [][]string{
		{one, "EXPIRE", "k0", "1000"},
		{one, "PERSIST", "k0"},
		{oneDone, "HEXPIRE", "h", "1000", "FIELDS", "1", "f"},
		{oneDone, "HPEXPIRE", "h", "1000000", "FIELDS", "1", "f"},
		{oneDone, "HEXPIREAT", "h", "4000000000", "FIELDS", "1", "f"},
		{oneDone, "HPEXPIREAT", "h", "4000000000000", "FIELDS", "1", "f"},
		{oneDone, "HPERSIST", "h", "FIELDS", "1", "f"},
		{one, "HDEL", "h", "g"},
		{ok, "RENAME", "k1", "k5"},
		{bulk(value), "GETDEL", "k5"},
		{ok, "MULTI"}, {queued, "DEL", "k2"}, {queued, "UNLINK", "k0"}, {queued, "GET", "k3"}, {"*3\r\n:1\r\n:1\r\n" + bulk(value), "EXEC"},
		{ok, "MULTI"}, {queued, "DEL", "k3"}, {oom, "SET", "new", value}, {queued, "DEL", "k3"},
		{"-EXECABORT Transaction discarded because of previous errors.\r\n", "EXEC"},
		{one, "EXISTS", "k3"},
	} {
		want(t, c, step[0], step[1:]...)
	}
}
