package allcommands_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawRequest draws a request that the model understands.
func drawRequest(t *rapid.T) []string {
	key := func() string { return "k" + strconv.Itoa(rapid.IntRange(0, 9).Draw(t, "key")) }
	value := func() string {
		if rapid.IntRange(0, 2).Draw(t, "kind of value") == 0 {
			return strconv.FormatInt(rapid.Int64Range(-1000, 1000).Draw(t, "number"), 10)
		}
		// Lengths around the places where an entry changes its form.
		n := rapid.SampledFrom([]int{0, 1, 20, 100, 255, 256, 1000, 5000, 70_000}).Draw(t, "length")
		return strings.Repeat(rapid.SampledFrom([]string{"a", "b", "\x00", "\n"}).Draw(t, "byte"), n)
	}
	pick := func(from ...string) []string {
		if x := rapid.SampledFrom(append(from, "")).Draw(t, "option"); x != "" {
			return []string{x}
		}
		return nil
	}
	keys := func() (list []string) {
		for range rapid.IntRange(1, 5).Draw(t, "keys") {
			list = append(list, key())
		}
		return list
	}
	name := rapid.SampledFrom([]string{
		"GET", "GETDEL", "GETSET", "SET", "SET", "SETNX", "MSET", "MSETNX", "MGET", "DEL", "EXISTS", "APPEND",
		"SETRANGE", "INCRBY", "PEXPIRE", "PERSIST", "PTTL", "KEYS",
	}).Draw(t, "command")
	switch name {
	case "KEYS":
		return []string{name, "*"}
	case "GETSET", "SETNX", "APPEND":
		return []string{name, key(), value()}
	case "SET":
		request := slices.Concat([]string{name, key(), value()}, pick("NX", "XX"), pick("GET"))
		switch rapid.IntRange(0, 2).Draw(t, "expiry") {
		case 0:
			return append(request, "KEEPTTL")
		case 1:
			return append(request, "PX", strconv.Itoa(rapid.IntRange(1, 50).Draw(t, "ms")))
		}
		return request
	case "MSET", "MSETNX":
		request := []string{name}
		for _, k := range keys() {
			request = append(request, k, value())
		}
		return request
	case "MGET", "DEL", "EXISTS":
		return append([]string{name}, keys()...)
	case "SETRANGE":
		return []string{name, key(), strconv.Itoa(rapid.IntRange(0, 300).Draw(t, "offset")), value()}
	case "INCRBY":
		return []string{name, key(), strconv.Itoa(rapid.IntRange(-100, 1_000_000).Draw(t, "n"))}
	case "PEXPIRE":
		return append([]string{name, key(), strconv.Itoa(rapid.IntRange(-2, 50).Draw(t, "ms"))}, pick("NX", "XX", "GT", "LT")...)
	}
	return []string{name, key()}
}

// Random requests get the replies that a plain map would give, with a clock
// that moves on between them.
func TestCommandsAgreeWithModel(t *testing.T) {
	s := newServer(t)
	rapid.Check(t, func(t *rapid.T) {
		s.Do("FLUSHALL")
		m := &model{keys: map[string]modelEntry{}, now: s.Now.Load()}
		for range 100 {
			if rapid.IntRange(0, 3).Draw(t, "wait") == 0 {
				m.now += rapid.Int64Range(1, 20).Draw(t, "for")
				s.Now.Store(m.now)
			}
			request := drawRequest(t)
			want, got := m.do(request), s.Raw(request...)
			if request[0] == "KEYS" {
				names := strings.Fields(strings.ReplaceAll(got, "\r\n", " "))
				names = slices.DeleteFunc(names, func(n string) bool { return n[0] != 'k' })
				slices.Sort(names)
				got = strings.Join(names, " ")
			}
			if got != want {
				t.Fatalf("%.80q:\n got %.200q\nwant %.200q", request, got, want)
			}
		}
		if keys, stored := len(m.keys), s.Env.Store.Totals().Keys; stored < keys {
			t.Fatalf("the store has %d keys, the model %d", stored, keys)
		}
	})
}
