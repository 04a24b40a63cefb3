package hashes_test

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/redistill-go/redistill/core/command/commandtest"
)

// hashModel is the simplest thing that replies to hash commands as the server
// should.
type hashModel struct {
	keys map[string]map[string]fieldModel
	now  int64
}

// fieldModel is a field's value, and when it expires: 0, never.
type fieldModel struct {
	value    string
	expireAt int64
}

func bulk(e fieldModel, ok bool) string {
	if !ok {
		return "$-1\r\n"
	}
	return commandtest.Bulk(e.value)
}

func number(n int) string { return fmt.Sprintf(":%d\r\n", n) }

// live is the hash without what has expired. A hash with no fields is none.
func (m *hashModel) live(key string) map[string]fieldModel {
	h := m.keys[key]
	if h == nil {
		h = map[string]fieldModel{}
		m.keys[key] = h
	}
	for field, e := range h {
		if e.expireAt != 0 && m.now > e.expireAt {
			delete(h, field)
		}
	}
	return h
}

func integers(n []int) string {
	reply := fmt.Sprintf("*%d\r\n", len(n))
	for _, x := range n {
		reply += number(x)
	}
	return reply
}

// do executes a request whose arguments are known to be right. Replies of
// several fields are sorted.
func (m *hashModel) do(a []string) string {
	h := m.live(a[1])
	values := func(fields []string, then func(field string, e fieldModel)) string {
		reply := fmt.Sprintf("*%d\r\n", len(fields))
		for _, f := range fields {
			e, ok := h[f]
			if reply += bulk(e, ok); ok && then != nil {
				then(f, e)
			}
		}
		return reply
	}
	each := func(fields []string, f func(field string, e fieldModel, ok bool) int) string {
		var list []int
		for _, field := range fields {
			e, ok := h[field]
			list = append(list, f(field, e, ok))
		}
		return integers(list)
	}
	switch a[0] {
	case "HSET":
		created := 0
		for i := 2; i < len(a); i += 2 {
			if _, ok := h[a[i]]; !ok {
				created++
			}
			h[a[i]] = fieldModel{value: a[i+1]}
		}
		return number(created)
	case "HSETNX":
		if _, ok := h[a[2]]; ok {
			return number(0)
		}
		h[a[2]] = fieldModel{value: a[3]}
		return number(1)
	case "HGET":
		e, ok := h[a[2]]
		return bulk(e, ok)
	case "HSTRLEN":
		return number(len(h[a[2]].value))
	case "HMGET":
		return values(a[2:], nil)
	case "HDEL":
		n := len(h)
		for _, f := range a[2:] {
			delete(h, f)
		}
		return number(n - len(h))
	case "HINCRBY":
		old, err := strconv.ParseInt(h[a[2]].value, 10, 64)
		if e, ok := h[a[2]]; ok && (err != nil || strconv.FormatInt(old, 10) != e.value) {
			return "-ERR hash value is not an integer\r\n"
		}
		n, _ := strconv.ParseInt(a[3], 10, 64)
		h[a[2]] = fieldModel{strconv.FormatInt(old+n, 10), h[a[2]].expireAt}
		return number(int(old + n))
	case "HGETALL", "HSCAN":
		var list []string
		for f, e := range h {
			list = append(list, f, e.value)
		}
		slices.Sort(list)
		return strings.Join(list, " ")
	case "HPEXPIRE":
		ms, _ := strconv.ParseInt(a[2], 10, 64)
		condition, fields := "", a[5:]
		if a[3] != "FIELDS" {
			condition, fields = a[3], a[6:]
		}
		at := m.now + ms
		return each(fields, func(f string, e fieldModel, ok bool) int {
			switch {
			case !ok:
				return -2
			case condition == "NX" && e.expireAt != 0 || condition == "XX" && e.expireAt == 0 ||
				condition == "GT" && (e.expireAt == 0 || at <= e.expireAt) || condition == "LT" && e.expireAt != 0 && at >= e.expireAt:
				return 0
			case ms == 0:
				delete(h, f)
				return 2
			}
			h[f] = fieldModel{e.value, at}
			return 1
		})
	case "HPTTL", "HPERSIST":
		return each(a[4:], func(f string, e fieldModel, ok bool) int {
			switch {
			case !ok:
				return -2
			case e.expireAt == 0:
				return -1
			case a[0] == "HPERSIST":
				h[f] = fieldModel{value: e.value}
				return 1
			}
			return int(e.expireAt - m.now)
		})
	case "HGETDEL":
		return values(a[4:], func(f string, _ fieldModel) { delete(h, f) })
	case "HGETEX":
		ms, _ := strconv.ParseInt(a[3], 10, 64)
		return values(a[6:], func(f string, e fieldModel) { h[f] = fieldModel{e.value, m.now + ms} })
	case "HSETEX":
		ms, _ := strconv.ParseInt(a[4], 10, 64)
		for i := 7; i < len(a); i += 2 {
			if _, ok := h[a[i]]; ok != (a[2] == "FXX") {
				return number(0)
			}
		}
		for i := 7; i < len(a); i += 2 {
			h[a[i]] = fieldModel{a[i+1], m.now + ms}
		}
		return number(1)
	case "DEL":
		n := min(len(h), 1)
		delete(m.keys, a[1])
		return number(n)
	}
	panic("the model has no " + a[0])
}

// drawHashRequest draws a request that the model understands. The hash "big"
// has so many fields that it leaves the small form and comes back to it.
func drawHashRequest(t *rapid.T) []string {
	key := rapid.SampledFrom([]string{"big", "big", "h1", "h2"}).Draw(t, "key")
	fields := map[bool]int{true: 400, false: 8}[key == "big"]
	field := func() string { return "f" + strconv.Itoa(rapid.IntRange(0, fields).Draw(t, "field")) }
	value := func() string {
		if rapid.IntRange(0, 2).Draw(t, "kind of value") == 0 {
			return strconv.FormatInt(rapid.Int64Range(-1000, 1000).Draw(t, "number"), 10)
		}
		n := rapid.SampledFrom([]int{0, 1, 20, 252, 253, 1023, 1024, 5000, 70_000}).Draw(t, "length")
		return strings.Repeat(rapid.SampledFrom([]string{"a", "\x00", "\xfd"}).Draw(t, "byte"), n)
	}
	many := func(each func() []string) (n int, list []string) {
		most := rapid.SampledFrom([]int{1, 3, fields / 2}).Draw(t, "most")
		n = rapid.IntRange(1, max(most, 1)).Draw(t, "n")
		for range n {
			list = append(list, each()...)
		}
		return n, list
	}
	one := func() []string { return []string{field()} }
	pair := func() []string { return []string{field(), value()} }
	listed := func(request []string, each func() []string) []string {
		n, list := many(each)
		return append(append(request, "FIELDS", strconv.Itoa(n)), list...)
	}
	ms := func(least int) string { return strconv.Itoa(rapid.IntRange(least, 60).Draw(t, "ms")) }
	name := rapid.SampledFrom([]string{
		"HSET", "HSET", "HSET", "HSETNX", "HGET", "HMGET", "HSTRLEN", "HDEL", "HDEL", "HINCRBY", "HGETALL", "HSCAN",
		"HPEXPIRE", "HPEXPIRE", "HPTTL", "HPERSIST", "HGETDEL", "HGETEX", "HSETEX", "DEL",
	}).Draw(t, "command")
	switch request := []string{name, key}; name {
	case "HSET":
		_, list := many(pair)
		return append(request, list...)
	case "HMGET", "HDEL":
		_, list := many(one)
		return append(request, list...)
	case "HSETNX":
		return append(request, field(), value())
	case "HGET", "HSTRLEN":
		return append(request, field())
	case "HINCRBY":
		return append(request, field(), strconv.Itoa(rapid.IntRange(-100, 1_000_000).Draw(t, "by")))
	case "HPEXPIRE":
		request = append(request, ms(0))
		if c := rapid.SampledFrom([]string{"", "NX", "XX", "GT", "LT"}).Draw(t, "condition"); c != "" {
			request = append(request, c)
		}
		return listed(request, one)
	case "HPTTL", "HPERSIST", "HGETDEL":
		return listed(request, one)
	case "HGETEX":
		return listed(append(request, "PX", ms(1)), one)
	case "HSETEX":
		return listed(append(request, rapid.SampledFrom([]string{"FNX", "FXX"}).Draw(t, "if"), "PX", ms(1)), pair)
	default:
		return request
	}
}

// scanHash iterates over a hash and returns what it yields, sorted.
func scanHash(s *commandtest.Server, t *rapid.T, key string) string {
	var list []string
	for cursor, first := "0", true; first || cursor != "0"; first = false {
		items := bulks(t, s.Raw("HSCAN", key, cursor, "COUNT", "7"))
		cursor = items[0]
		list = append(list, items[1:]...)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// bulks are the bulk strings of a reply, whatever arrays they are in.
func bulks(t *rapid.T, reply string) (list []string) {
	r := bufio.NewReader(strings.NewReader(reply))
	for {
		head, err := r.ReadString('\n')
		if err != nil {
			return list
		}
		if head[0] != '$' {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(head[1:]))
		if err != nil || n < 0 {
			t.Fatalf("bad bulk string %q", head)
		}
		b := make([]byte, n+2)
		if _, err := io.ReadFull(r, b); err != nil {
			t.Fatal(err)
		}
		list = append(list, string(b[:n]))
	}
}

// Random requests get the replies that a plain map would give, with a clock
// that moves on between them.
func TestHashCommandsAgreeWithModel(t *testing.T) {
	s := newServer(t)
	rapid.Check(t, func(t *rapid.T) {
		s.Do("FLUSHALL")
		m := &hashModel{keys: map[string]map[string]fieldModel{}, now: s.Now.Load()}
		for range rapid.IntRange(1, 200).Draw(t, "requests") {
			if rapid.IntRange(0, 3).Draw(t, "wait") == 0 {
				m.now += rapid.Int64Range(1, 30).Draw(t, "for")
				s.Now.Store(m.now)
			}
			if rapid.IntRange(0, 20).Draw(t, "sweep") == 0 {
				s.Env.Store.Sweep(m.now, 1<<40)
			}
			request := drawHashRequest(t)
			if request[0] == "DEL" {
				// Whether fields that have expired still make a hash is up to the sweep.
				if len(m.live(request[1])) == 0 {
					continue
				}
			}
			want, got := m.do(request), ""
			switch request[0] {
			case "HGETALL":
				list := bulks(t, s.Raw(request...))
				slices.Sort(list)
				got = strings.Join(list, " ")
			case "HSCAN":
				got = scanHash(s, t, request[1])
			default:
				got = s.Raw(request...)
			}
			if got != want {
				t.Fatalf("%.80q:\n got %.200q\nwant %.200q", request, got, want)
			}
		}
	})
}
