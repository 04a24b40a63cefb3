package session

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// large are requests with arguments that are read to places of their own, and
// the replies; each finds the key "k" holding "old" and no other.
func large(size int) (all []struct {
	name    string
	request []byte
	reply   string
}) {
	a, b := strings.Repeat("a", size), strings.Repeat("b", size+1)
	add := func(name, reply string, args ...string) {
		all = append(all, struct {
			name    string
			request []byte
			reply   string
		}{name, encode(args...), reply})
	}
	add("SET", "+OK\r\n", "SET", "k", a)
	add("SET with options", "+OK\r\n", "SET", "k", a, "EX", "100")
	add("SET NX that fails", "$-1\r\n", "SET", "k", a, "NX")
	add("SET with wrong options", "-ERR syntax error\r\n", "SET", "k", a, "NOSUCH")
	add("SET GET", bulk("old"), "SET", "k", a, "GET")
	add("SETEX", "+OK\r\n", "SETEX", "k", "100", a)
	add("SETEX that fails", "-ERR invalid expire time in 'setex' command\r\n", "SETEX", "k", "0", a)
	add("PSETEX", "+OK\r\n", "PSETEX", "k", "100", a)
	add("SETNX that fails", ":0\r\n", "SETNX", "k", a)
	add("SETNX", ":1\r\n", "SETNX", "n", a)
	add("GETSET", bulk("old"), "GETSET", "k", a)
	add("APPEND", fmt.Sprintf(":%d\r\n", 3+size), "APPEND", "k", a)
	add("APPEND to none", fmt.Sprintf(":%d\r\n", size), "APPEND", "n", a)
	add("SETRANGE", fmt.Sprintf(":%d\r\n", 1+size), "SETRANGE", "k", "1", a)
	add("MSET", "+OK\r\n", "MSET", "x", a, "y", b, "longer name", a)
	add("MSET of one key", "+OK\r\n", "MSET", "x", a, "x", b, "x", a)
	add("MSETNX that fails", ":0\r\n", "MSETNX", "x", a, "k", b)
	add("MSET with a missing value", "-ERR wrong number of arguments for 'mset' command\r\n", "MSET", "x", a, "y")
	add("ECHO", bulk(a), "ECHO", a)
	add("large key", "$-1\r\n", "GET", a)
	add("large key and value", "+OK\r\n", "SET", a, b)
	add("unknown command", "-ERR unknown command 'NOSUCH', with args beginning with: '"+a[:128]+"' \r\n", "NOSUCH", a)
	add("large name", "-ERR unknown command '"+a[:128]+"', with args beginning with: '"+b[:128]+"' \r\n", a, b)
	add("large subcommand", "-ERR unknown subcommand '"+a[:128]+"'. Try CLIENT HELP.\r\n", "CLIENT", a)
	add("wrong arity", "-ERR wrong number of arguments for 'get' command\r\n", "GET", "k", a, b)
	add("not an integer", "-ERR value is not an integer or out of range\r\n", "INCRBY", "k", a)
	add("several keys", ":1\r\n", "EXISTS", a, "k", b)
	return all
}

// What a client sends is the same to the server however it arrives, and
// nothing of it is left when the keys are gone.
func TestLargeArguments(t *testing.T) {
	for _, size := range []int{64<<10 - 1, 64 << 10, 200_000} {
		s := newServer(t, setup{})
		for _, x := range large(size) {
			for _, n := range []int{1 << 20, 70_000, 5000} {
				c := s.connect()
				c.do("SET", "k", "old")
				// Twice at once, with requests around them.
				input := slices.Concat(encode("PING"), x.request, encode("FLUSHALL"), encode("SET", "k", "old"), x.request, encode("PING"))
				want := "+PONG\r\n" + x.reply + "+OK\r\n+OK\r\n" + x.reply + "+PONG\r\n"
				if out, closed := c.chunks(input, n); out != want || closed {
					t.Errorf("%s of %d bytes in pieces of %d: got %.100q..., %d bytes, closed %v; want %.100q..., %d bytes",
						x.name, size, n, out, len(out), closed, want, len(want))
				}
				if !c.ws.Idle() {
					t.Errorf("%s of %d bytes in pieces of %d: the workspace is not idle", x.name, size, n)
				}
				c.leave()
				s.store.Whole().Flush()()
				if left := s.store.Memory().Allocated; left != 0 {
					t.Fatalf("%s of %d bytes in pieces of %d: %d bytes are left", x.name, size, n, left)
				}
			}
		}
		s.mustBeEmpty()
	}
}

// The value is what was sent, wherever it was put.
func TestLargeValuesArriveWhole(t *testing.T) {
	value := make([]byte, 200_000)
	for i := range value {
		value[i] = byte(i * 7 / 3)
	}
	for _, n := range []int{1 << 20, 65_537, 4096, 999} {
		s := newServer(t, setup{})
		c := s.connect()
		c.chunks(encodeAll([]string{"SET", "k", string(value)}, []string{"MSET", "a", string(value[1:]), "bc", string(value[2:])}), n)
		for key, want := range map[string]string{"k": string(value), "a": string(value[1:]), "bc": string(value[2:])} {
			if got := c.do("GET", key); got != bulk(want) {
				t.Errorf("pieces of %d bytes: %s is not what was sent", n, key)
			}
		}
		c.leave()
		s.mustBeEmpty()
	}
}

// A client that goes away in the middle leaves nothing behind.
func TestLargeArgumentsAbandoned(t *testing.T) {
	s := newServer(t, setup{})
	for _, x := range large(70_000) {
		whole := slices.Concat(encode("SET", "k", "old"), x.request, encode("GET", "k"))
		for i := range 12 {
			c := s.connect()
			c.chunks(whole[:len(whole)*i/12+i], 10_000)
			c.leave()
			s.store.Whole().Flush()()
			if left := s.store.Memory().Allocated; left != 0 {
				t.Fatalf("%s, cut off at %d of %d bytes: %d bytes are left", x.name, len(whole)*i/12+i, len(whole), left)
			}
		}
	}
	s.mustBeEmpty()
}

// Where there is no memory for it, a large argument is skipped and refused,
// and the conversation goes on.
func TestLargeArgumentsWithoutMemory(t *testing.T) {
	const oom = "-OOM command not allowed when used memory > 'maxmemory'.\r\n"
	for name, x := range map[string]struct {
		setup
		size int
	}{
		"larger than all memory":     {setup{memory: 1 << 20}, 2 << 20},
		"larger than what is mapped": {setup{reserve: 24 << 20}, 23 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, x.setup)
			big, other := strings.Repeat("b", x.size), strings.Repeat("o", 100_000)
			for _, n := range []int{1 << 20, 70_001} {
				c := s.connect()
				out, closed := c.chunks(encodeAll([]string{"SET", "k", "v"}, []string{"SET", "k", big}, []string{"ECHO", big},
					[]string{"MSET", "x", other, "k", big, "y", other}, []string{"GET", "k"}, []string{"GET", big}, []string{"PING"}), n)
				want := "+OK\r\n" + oom + oom + oom + bulk("v") + oom + "+PONG\r\n"
				if out != want || closed {
					t.Errorf("pieces of %d bytes: got %.300q, closed %v; want %q", n, out, closed, want)
				}
				c.leave()
				s.store.Whole().Flush()()
				if left := s.store.Memory().Allocated; left != 0 {
					t.Errorf("pieces of %d bytes: %d bytes are left", n, left)
				}
			}
		})
	}
}

// Large values are refused like small ones when memory is full.
func TestLargeArgumentsAtTheLimit(t *testing.T) {
	s := newServer(t, setup{memory: 2 << 20})
	c := s.connect()
	value := strings.Repeat("v", 200_000)
	n := 0
	for ; c.do("SET", fmt.Sprint("k", n), value) == "+OK\r\n"; n++ {
		if n > 20 {
			t.Fatal("memory is never full")
		}
	}
	// A value that has a place already counts against the limit itself.
	if m := s.store.Memory(); n < 9 || m.Allocated > m.Limit {
		t.Errorf("%d values, %+v", n, m)
	}
	for _, args := range [][]string{{"SETEX", "k0", "9", value}, {"APPEND", "k0", value}, {"MSET", "a", value, "b", value}} {
		out, closed := c.chunks(encode(args...), 50_000)
		if want := "-OOM command not allowed when used memory > 'maxmemory'.\r\n"; out != want || closed {
			t.Errorf("%s: %.80q, closed %v", args[0], out, closed)
		}
	}
	if got := c.do("GET", "k0"); got != bulk(value) {
		t.Errorf("a value is gone: %.40q", got)
	}
	if got := c.do("DEL", "k0", "k1"); got != ":2\r\n" {
		t.Errorf("DEL: %q", got)
	}
	if out, _ := c.chunks(encode("SET", "a", value), 50_000); out != "+OK\r\n" {
		t.Errorf("SET after DEL: %q", out)
	}
	c.leave()
	s.store.Whole().Flush()()
	if left := s.store.Memory().Allocated; left != 0 {
		t.Errorf("%d bytes are left", left)
	}
}

// What arrives behind the head of a large argument is read to its place at once
// where the client has sent such a one before, whoever's workspace it is; a client
// that sends small requests again gets the whole buffer.
func TestLargeArgumentsFollowLargeOnes(t *testing.T) {
	s := newServer(t, setup{})
	c, other := s.connect(), s.connect()
	defer other.leave()
	defer c.leave()
	value := strings.Repeat("v", 2*inputSize)
	short := func(c *client) bool { c.rest(); return len(c.ws.ReadBuf()) == minRead }
	if short(c) {
		t.Error("a new client gets a short buffer")
	}
	for range 2 {
		if got := c.do("SET", "key", value); got != "+OK\r\n" {
			t.Fatalf("SET: %.40q", got)
		}
		if !short(c) {
			t.Error("after a large argument the buffer is whole")
		}
	}
	if got := c.do("GET", "key"); got != bulk(value) {
		t.Errorf("GET: %d bytes", len(got))
	}
	if short(c) {
		t.Error("after a small request the buffer is still short")
	}
	c.do("SET", "key", value)
	c.rest()
	c.ws, other.ws = other.ws, c.ws
	if !short(c) || short(other) {
		t.Error("what the next request may be like goes with the workspace and not with the client")
	}
}
