package allcommands_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// model is the simplest thing that replies as the server should.
type model struct {
	keys map[string]modelEntry
	now  int64
}

type modelEntry struct {
	value    string
	expireAt int64 // 0: never
}

func (m *model) get(k string) (modelEntry, bool) {
	e, ok := m.keys[k]
	if ok && e.expireAt != 0 && m.now > e.expireAt {
		delete(m.keys, k)
		return modelEntry{}, false
	}
	return e, ok
}

func bulk(e modelEntry, ok bool) string {
	if !ok {
		return "$-1\r\n"
	}
	return fmt.Sprintf("$%d\r\n%s\r\n", len(e.value), e.value)
}

func number(n int) string { return fmt.Sprintf(":%d\r\n", n) }

// do executes a request whose arguments are known to be right.
func (m *model) do(a []string) string {
	e, ok := modelEntry{}, false
	if len(a) > 1 {
		e, ok = m.get(a[1])
	}
	const done = "+OK\r\n"
	switch a[0] {
	case "GET":
		return bulk(e, ok)
	case "GETDEL":
		delete(m.keys, a[1])
		return bulk(e, ok)
	case "GETSET":
		m.keys[a[1]] = modelEntry{value: a[2]}
		return bulk(e, ok)
	case "SET":
		return m.set(a[1], a[2], a[3:])
	case "SETNX":
		if ok {
			return number(0)
		}
		m.keys[a[1]] = modelEntry{value: a[2]}
		return number(1)
	case "MSET", "MSETNX":
		for i := 1; i < len(a) && a[0] == "MSETNX"; i += 2 {
			if _, ok := m.get(a[i]); ok {
				return number(0)
			}
		}
		for i := 1; i < len(a); i += 2 {
			m.keys[a[i]] = modelEntry{value: a[i+1]}
		}
		if a[0] == "MSETNX" {
			return number(1)
		}
		return done
	case "MGET":
		reply := fmt.Sprintf("*%d\r\n", len(a)-1)
		for _, k := range a[1:] {
			reply += bulk(m.get(k))
		}
		return reply
	case "DEL", "EXISTS":
		n := 0
		for _, k := range a[1:] {
			if _, ok := m.get(k); ok {
				n++
			}
			if a[0] == "DEL" {
				delete(m.keys, k)
			}
		}
		return number(n)
	case "APPEND":
		e.value += a[2]
		m.keys[a[1]] = e
		return number(len(e.value))
	case "SETRANGE":
		if len(a[3]) > 0 {
			at, _ := strconv.Atoi(a[2])
			v := append([]byte(e.value), make([]byte, max(0, at+len(a[3])-len(e.value)))...)
			copy(v[at:], a[3])
			e.value = string(v)
			m.keys[a[1]] = e
		}
		return number(len(e.value))
	case "INCRBY":
		old, err := strconv.ParseInt(e.value, 10, 64)
		if ok && (err != nil || strconv.FormatInt(old, 10) != e.value) {
			return "-ERR value is not an integer or out of range\r\n"
		}
		n, _ := strconv.ParseInt(a[2], 10, 64)
		e.value = strconv.FormatInt(old+n, 10)
		m.keys[a[1]] = e
		return number(int(old + n))
	case "PEXPIRE", "PERSIST":
		return m.expire(a, e, ok)
	case "PTTL":
		switch {
		case !ok:
			return number(-2)
		case e.expireAt == 0:
			return number(-1)
		}
		return number(int(e.expireAt - m.now))
	case "KEYS":
		for k := range maps.Clone(m.keys) {
			m.get(k)
		}
		return strings.Join(slices.Sorted(maps.Keys(m.keys)), " ")
	}
	panic("the model has no " + a[0])
}

func (m *model) set(k, v string, options []string) string {
	e, ok := m.get(k)
	reply := "+OK\r\n"
	if slices.Contains(options, "GET") {
		reply = bulk(e, ok)
	}
	if slices.Contains(options, "NX") && ok || slices.Contains(options, "XX") && !ok {
		if reply == "+OK\r\n" {
			reply = "$-1\r\n"
		}
		return reply
	}
	next := modelEntry{value: v}
	if slices.Contains(options, "KEEPTTL") {
		next.expireAt = e.expireAt
	}
	if i := slices.Index(options, "PX"); i >= 0 {
		n, _ := strconv.ParseInt(options[i+1], 10, 64)
		next.expireAt = m.now + n
	}
	m.keys[k] = next
	return reply
}

func (m *model) expire(a []string, e modelEntry, ok bool) string {
	if a[0] == "PERSIST" {
		if !ok || e.expireAt == 0 {
			return number(0)
		}
		m.keys[a[1]] = modelEntry{value: e.value}
		return number(1)
	}
	n, _ := strconv.ParseInt(a[2], 10, 64)
	at, condition := m.now+n, append(a, "")[3]
	if !ok || condition == "NX" && e.expireAt != 0 || condition == "XX" && e.expireAt == 0 ||
		condition == "GT" && (e.expireAt == 0 || at <= e.expireAt) || condition == "LT" && e.expireAt != 0 && at >= e.expireAt {
		return number(0)
	}
	if m.keys[a[1]] = (modelEntry{e.value, at}); n <= 0 {
		delete(m.keys, a[1])
	}
	return number(1)
}
