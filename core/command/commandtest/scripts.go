package commandtest

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

	"github.com/redistill-go/redistill/core/command"
)

// Scripts executes the requests of the files in the folder dir, one server for each,
// and fails the test unless every reply is the recorded one, to the byte. The server
// has the commands of the core and of the families.
//
// With RECORD set to the path of a redis-server in the environment it writes the
// replies of that server into the files instead, which is the only place that they
// may come from.
func Scripts(t *testing.T, dir string, families ...command.Family) {
	scripts := readScripts(t, dir)
	for _, s := range scripts {
		t.Run(filepath.Base(s.name), func(t *testing.T) {
			if redis := os.Getenv("RECORD"); redis != "" {
				s.record(t, redis)
				return
			}
			s.replay(t, New(t, families...))
		})
	}
}

func (s script) replay(t *testing.T, server *Server) {
	for _, o := range s.options {
		password, ok := strings.CutPrefix(o, "requirepass ")
		if !ok {
			t.Fatalf("option %q is not known here", o)
		}
		server.Env.Auth.SetPassword(password)
	}
	server.Reconnect()
	if s.resp3 {
		server.Do("HELLO", "3")
	}
	for _, l := range s.lines {
		switch {
		case l.request == nil:
			continue
		case l.reply == "":
			t.Errorf("%s:%d: %s has no recorded reply; run RECORD=redis-server go test . -run '^%s$'", s.name, l.number, l.text,
				strings.Split(t.Name(), "/")[0])
			continue
		}
		if got := Show(server.exec(l.request)); got != l.reply {
			t.Errorf("%s:%d: %s\n got %s\nwant %s", s.name, l.number, l.text, got, l.reply)
		}
	}
}

// record writes the replies of that Redis into the script's file.
func (s script) record(t *testing.T, redis string) {
	c := startRedis(t, redis, s.options)
	r := bufio.NewReader(c)
	ask := func(request [][]byte) []byte {
		if _, err := c.Write(Encode(request)); err != nil {
			t.Fatal(err)
		}
		reply, err := ReadReply(r)
		if err != nil {
			t.Fatalf("%s: %.100q: %v", s.name, request, err)
		}
		return reply
	}
	if s.resp3 {
		ask(Bytes("HELLO", "3"))
	}
	for i := range s.lines {
		l := &s.lines[i]
		if l.request == nil {
			continue
		}
		if reply := ask(l.request); !l.own {
			l.reply = Show(reply)
		}
	}
	if err := os.WriteFile(s.name, []byte(s.String()), 0o644); err != nil {
		t.Fatal(err)
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
