package main

import (
	"bufio"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/redcon"
)

// fake is a server of canned replies that notes the keys it is sent.
type fake struct {
	target
	mu   sync.Mutex
	keys map[string]int
}

func newFake(t *testing.T, reply string) *fake {
	t.Helper()
	f := &fake{target: target{"unix", filepath.Join(t.TempDir(), "s")}, keys: map[string]int{}}
	l, err := net.Listen(f.network, f.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // ends the goroutine below
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go f.serve(c, reply)
		}
	}()
	return f
}

// seen returns how often each key was used.
func (f *fake) seen() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.keys)
}

func (f *fake) serve(c net.Conn, reply string) {
	defer func() { _ = c.Close() }() // the generator may have closed it first
	r := redcon.NewReader(bufio.NewReader(c))
	for {
		commands, err := r.ReadCommands()
		if err != nil {
			return
		}
		f.mu.Lock()
		for _, cmd := range commands {
			f.keys[string(cmd.Args[1])]++
		}
		f.mu.Unlock()
		// Replies arrive in two parts, cut inside a reply.
		out := strings.Repeat(reply, len(commands))
		for _, part := range []string{out[:len(out)-2], out[len(out)-2:]} {
			if _, err := c.Write([]byte(part)); err != nil {
				return
			}
		}
	}
}

func TestGeneratorCountsReplies(t *testing.T) {
	for _, c := range []struct {
		load  load
		reply string
	}{
		{load{pipeline: 30, value: 16, keys: 10}, "$16\r\nabcdefghijklmnop\r\n"},
		{load{pipeline: 1, value: 3, keys: 10}, "$3\r\nabc\r\n"},
		{load{set: true, pipeline: 30, value: 16, keys: 10}, "+OK\r\n"},
	} {
		f := newFake(t, c.reply)
		g, err := newBuiltin(f.target, c.load, 3)
		if err != nil {
			t.Fatal(err)
		}
		// Keys are drawn: it takes some runs to see all where few requests are made.
		var ops int64
		for ops == 0 || len(f.seen()) < c.load.keys {
			r, err := g.run(t.Context(), 50*time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			if r.ops > 0 && (r.p50 <= 0 || r.p99 < r.p50) || r.elapsed < 50*time.Millisecond {
				t.Errorf("%+v: %+v", c.load, r)
			}
			ops += r.ops
		}
		g.close()
		var total int64
		for key, n := range f.seen() {
			total += int64(n)
			if len(key) != keyBytes || key >= fmt.Sprintf("key:%012d", c.load.keys) {
				t.Errorf("key %q out of range", key)
			}
		}
		if ops != total || ops%int64(c.load.pipeline) != 0 {
			t.Errorf("%+v: counted %d operations, the server saw %d", c.load, ops, total)
		}
	}
}

func TestPreloadSetsEveryKey(t *testing.T) {
	f := newFake(t, "+OK\r\n")
	g, err := newBuiltin(f.target, load{set: true, pipeline: 7, value: 5, keys: 100}, 3)
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	if err := g.preload(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		if f.seen()[fmt.Sprintf("key:%012d", i)] == 0 {
			t.Errorf("key %d was not set", i)
		}
	}
	if len(f.seen()) != 100 {
		t.Errorf("%d different keys", len(f.seen()))
	}
}

func TestGeneratorRefusesWrongReplies(t *testing.T) {
	for reply, want := range map[string]string{
		"-ERR no\r\n": "unexpected reply",
		"$-1\r\n$3\r\nabc\r\n$3\r\nabc\r\n$3\r\nabc\r\n": "unexpected reply", // a miss
		"$3\r\nabc\r\n$3\r\nabc\r\n":                     "bytes of replies where",
	} {
		g, err := newBuiltin(newFake(t, reply).target, load{pipeline: 2, value: 3, keys: 10}, 1)
		if err != nil {
			t.Fatal(err)
		}
		_, err = g.run(t.Context(), time.Minute)
		g.close()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v", reply, err)
		}
	}
	if _, err := newBuiltin(target{"unix", filepath.Join(t.TempDir(), "none")}, load{pipeline: 1, value: 1, keys: 1}, 1); err == nil {
		t.Error("connecting to nobody: no error")
	}
}
