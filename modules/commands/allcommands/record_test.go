package allcommands_test

import (
	"bufio"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// RECORD=redis-server rewrites the replies in testdata/replies with those of
// that Redis, which is the only place they may come from. They were recorded
// from Redis 8.0.6.
func TestRecordReplies(t *testing.T) {
	server := os.Getenv("RECORD")
	if server == "" {
		for _, s := range readScripts(t) {
			for _, l := range s.lines {
				if l.request != nil && l.reply == "" {
					t.Errorf("%s:%d: %s has no recorded reply; run RECORD=redis-server go test ./core/command", s.name, l.number, l.text)
				}
			}
		}
		return
	}
	for _, s := range readScripts(t) {
		c := startRedis(t, server, s.options)
		r := bufio.NewReader(c)
		if s.resp3 {
			if _, err := c.Write(encode([][]byte{[]byte("HELLO"), []byte("3")})); err != nil {
				t.Fatal(err)
			}
			if _, err := readReply(r); err != nil {
				t.Fatal(err)
			}
		}
		for i := range s.lines {
			l := &s.lines[i]
			if l.request == nil {
				continue
			}
			if _, err := c.Write(encode(l.request)); err != nil {
				t.Fatal(err)
			}
			reply, err := readReply(r)
			if err != nil {
				t.Fatalf("%s:%d: %s: %v", s.name, l.number, l.text, err)
			}
			if !l.own {
				l.reply = show(reply)
			}
		}
		if err := os.WriteFile(s.name, []byte(s.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// startRedis starts a server on a unix socket and returns a connection to it.
func startRedis(t *testing.T, server string, options []string) net.Conn {
	t.Helper()
	dir := t.TempDir()
	socket := filepath.Join(dir, "s")
	flags := []string{"--port", "0", "--unixsocket", socket, "--dir", dir, "--save", ""}
	for _, o := range options {
		name, value, _ := strings.Cut(o, " ")
		flags = append(flags, "--"+name, value)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, server, flags...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); _ = cmd.Wait() })
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.Contains(lines.Text(), "eady to accept connections") {
			break
		}
	}
	c, err := net.DialTimeout("unix", socket, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}
