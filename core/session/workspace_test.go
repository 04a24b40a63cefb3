package session

import (
	"slices"
	"strings"
	"testing"
)

// reuse makes a session on another's workspace, which a pool may do or not.
func (c *client) reuse() *client {
	c.Abandon(c.ws)
	c.server.pool.Put(c.ws)
	return &client{Session: New(c.server.shared), server: c.server, ws: c.ws}
}

// A workspace that was given back, however its session ended, is as good as
// new.
func TestWorkspaceIsAsGoodAsNew(t *testing.T) {
	big := strings.Repeat("x", 100_000)
	half := func(args ...string) []byte { b := encode(args...); return b[:len(b)/2] }
	for name, input := range map[string][]byte{
		"nothing":            nil,
		"half a line":        []byte("ECHO secr"),
		"half a request":     half("ECHO", "secret"),
		"half a length":      []byte("*3\r\n$3\r\nSET\r\n$1"),
		"half a large value": half("SET", "k", big),
		"large value, no CR": encode("SET", "k", big)[:len(encode("SET", "k", big))-2],
		"protocol error":     []byte("*1\r\n$-1\r\n"),
		"bad quotes":         []byte("PING\r\n\"a\"b\"\r\n"),
		"quit":               encodeAll([]string{"HELLO", "3", "SETNAME", "someone"}, []string{"QUIT"}, []string{"PING"}),
		"resp3":              encodeAll([]string{"HELLO", "3"}, []string{"AUTH", "secret"}, []string{"GET", "none"}),
		"overflow":           slices.Concat(encode("SET", "MGET", big[:60_000]), encode(slices.Repeat([]string{"MGET"}, 50)...)),
		"many arguments":     encode(slices.Repeat([]string{"MGET"}, 10_000)...),
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, setup{output: 1 << 20})
			c := s.connect()
			c.do("GET", "none")
			c.chunks(input, 50_000)
			c = c.reuse()
			if !c.ws.Idle() {
				t.Error("it is not idle")
			}
			script := encodeAll([]string{"GET", "none"}, []string{"CLIENT", "GETNAME"}, []string{"SET", "k", big}, []string{"APPEND", "k", "1"}, []string{"ECHO", "a"})
			want := "$-1\r\n$-1\r\n+OK\r\n:100001\r\n$1\r\na\r\n"
			if got, closed := c.chunks(script, 30_000); got != want || closed {
				t.Errorf("the next session: %.200q, closed %v; want %q", got, closed, want)
			}
			c.leave()
			s.mustBeEmpty()
		})
	}
}

// What one huge request needed is not kept in the pool.
func TestWorkspaceShrinks(t *testing.T) {
	s := newServer(t, setup{output: 1 << 30})
	c := s.connect()
	c.do("SET", "large", strings.Repeat("v", 70_000))
	c.do("SET", "small", strings.Repeat("v", 200))
	for key, n := range map[string]int{"large": 70_000, "small": 200} {
		next := c.run(encode(append([]string{"MGET"}, slices.Repeat([]string{key}, 5000)...)...))
		if next != Flush || c.ws.Pending() < 5000*n {
			t.Fatalf("MGET of %s keys: %v, %d bytes", key, next, c.ws.Pending())
		}
		c.Sent(c.ws)
	}
	c = c.reuse()
	ws := c.ws
	if cap(ws.in) > inputSize || cap(ws.out.Buf) > outputSize || cap(ws.args) > keepArgs || cap(ws.out.Parts) > keepParts || cap(ws.ctx.Scratch) > keepScratch {
		t.Errorf("room for %d bytes of input, %d of output, %d arguments, %d parts, %d of scratch",
			cap(ws.in), cap(ws.out.Buf), cap(ws.args), cap(ws.out.Parts), cap(ws.ctx.Scratch))
	}
	if ws.ctx.Client != nil || ws.ctx.Args != nil || ws.ctx.TakeStaged != nil || ws.ctx.First.Bytes != nil {
		t.Error("the context of the session before is still there")
	}
	c.leave()
	s.mustBeEmpty()
}

// A workspace is busy until all of a request has arrived and been answered.
func TestIdle(t *testing.T) {
	s := newServer(t, setup{})
	c := s.connect()
	in := encode("SET", "k", strings.Repeat("v", 70_000))
	for i, at := range []int{0, 1, 5, 20, 30, 1000, 69_999, len(in) - 2, len(in) - 1} {
		if i > 0 {
			c = c.reuse()
			c.chunks(in[:at], 10_000)
		}
		if c.ws.Idle() != (at == 0) {
			t.Errorf("after %d of %d bytes idle is %v", at, len(in), c.ws.Idle())
		}
	}
	c = c.reuse()
	c.ws.Filled(copy(c.ws.ReadBuf(), "PING\r\n"))
	if c.Run(c.ws); c.ws.Idle() {
		t.Error("idle with a reply that is not sent")
	}
	if c.Sent(c.ws); !c.ws.Idle() {
		t.Error("not idle after the reply")
	}
	c.leave()
	s.mustBeEmpty()
}

func TestStatistics(t *testing.T) {
	s := newServer(t, setup{})
	c := s.connect()
	big := strings.Repeat("v", 100_000)
	in := encodeAll([]string{"SET", "k", big}, []string{"GET", "k"}, []string{"GET", "none"}, []string{"INCR", "k"}, []string{"GET"}, []string{"NOSUCH"})
	out, _ := c.chunks(in, 40_000)
	c.leave()
	st := s.env.Stats
	for name, x := range map[string][2]int64{
		"input":    {st.NetInput.Load(), int64(len(in))},
		"output":   {st.NetOutput.Load(), int64(len(out))},
		"hits":     {st.KeyspaceHits.Load(), 1},
		"misses":   {st.KeyspaceMisses.Load(), 1},
		"errors":   {st.ErrorReplies.Load(), 3},
		"commands": {st.Commands.Load(), 5},
	} {
		if x[0] != x[1] {
			t.Errorf("%s: %d, want %d", name, x[0], x[1])
		}
	}
	if cl := &c.Client; cl.Active.Load() != 1_700_000_000_000 || s.env.Table.At(int(cl.Last.Load())) != s.env.Table.Lookup([]byte("incr")) {
		t.Errorf("active at %d, last command %d", cl.Active.Load(), cl.Last.Load())
	}
}
