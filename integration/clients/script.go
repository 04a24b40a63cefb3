package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/redistill-go/redistill/integration/harness"
)

const (
	scriptTimeout = 3 * time.Minute
	password      = "open sesame"
	keptOutput    = 40 // lines of a script that are shown when it fails
)

// stand is what a client is given: one server with TCP and TLS, which it may
// restart, and one that asks for a password.
type stand struct {
	servers     *servers
	open, asks  *harness.Server
	plain, auth *proxy
}

func (s *servers) stand(ctx context.Context) (_ *stand, err error) {
	st := &stand{servers: s}
	defer func() {
		if err != nil {
			st.close()
		}
	}()
	if st.open, err = s.start(ctx, harness.Options{TLS: s.certs}); err != nil {
		return nil, err
	}
	if st.asks, err = s.start(ctx, harness.Options{Password: password}); err != nil {
		return nil, err
	}
	if st.plain, err = newProxy(st.open.TCP); err != nil {
		return nil, err
	}
	st.auth, err = newProxy(st.asks.TCP)
	return st, err
}

// restart replaces the open server by a new one. Its clients see the old one
// close their connections and the new one at the same address.
func (st *stand) restart(ctx context.Context) error {
	_, err := st.open.Stop()
	if err := errors.Join(err, st.open.Kill()); err != nil {
		return err
	}
	if st.open, err = st.servers.start(ctx, harness.Options{TLS: st.servers.certs}); err != nil {
		return err
	}
	st.plain.forward(st.open.TCP)
	return nil
}

func (st *stand) close() {
	for _, p := range []*proxy{st.plain, st.auth} {
		if p != nil {
			p.close()
		}
	}
	for _, s := range []*harness.Server{st.open, st.asks} {
		if s != nil {
			_ = s.Kill() // only leaves a temporary directory behind
		}
	}
}

// crash says what a server wrote that no server may write.
func (st *stand) crash() string {
	for _, s := range []*harness.Server{st.open, st.asks} {
		for _, sign := range []string{"panic:", "fatal error:", "DATA RACE"} {
			if out := s.Output(); strings.Contains(out, sign) {
				return out
			}
		}
	}
	return ""
}

func (st *stand) environment() []string {
	port := func(addr string) string {
		_, p, _ := net.SplitHostPort(addr) // the address of a listener
		return p
	}
	env := []string{
		"REDIS_HOST=127.0.0.1", "REDIS_PORT=" + port(st.plain.addr()),
		"TLS_HOST=localhost", "TLS_PORT=" + port(st.open.TLS), "TLS_CA=" + st.servers.certs.CAFile,
		"AUTH_PORT=" + port(st.auth.addr()), "AUTH_PASSWORD=" + password,
	}
	if st.servers.against == "redistill" {
		// What Debian's redis-server is too old for.
		env = append(env, "EXTRAS=1")
	}
	return env
}

// run runs the client's checks on a stand of its own and counts them.
func (c client) run(ctx context.Context, s *servers, cache string, out *log.Logger) (passed, failed int) {
	ctx, cancel := context.WithTimeout(ctx, scriptTimeout)
	defer cancel()
	st, err := s.stand(ctx)
	if err != nil {
		out.Printf("not ok %s: start: %v\n", c.name, err)
		return 0, 1
	}
	defer st.close()
	r := &report{client: c.name, stand: st, out: out}
	if c.language == nil {
		for _, check := range c.checks {
			r.result(check.name, check.run(ctx, st))
		}
	} else {
		c.script(ctx, filepath.Join(cache, c.language.name), r)
	}
	if crash := st.crash(); crash != "" {
		r.result("the server lives", fmt.Errorf("its output:\n%s", crash))
	}
	return r.passed, r.failed
}

// report prints and counts the results of one client.
type report struct {
	client         string
	stand          *stand
	out            *log.Logger
	passed, failed int
}

func (r *report) result(check string, err error) {
	said := r.stand.plain.takeTalk() + r.stand.auth.takeTalk()
	if err == nil {
		r.passed++
		r.out.Printf("ok %s: %s\n", r.client, check)
		return
	}
	r.failed++
	r.out.Printf("not ok %s: %s: %v\n", r.client, check, err)
	if said != "" {
		r.out.Printf("  on the wire, newest last:\n%s", said)
	}
}

func (c client) script(ctx context.Context, dir string, r *report) {
	command := c.command[0]
	if strings.Contains(command, "/") {
		command = filepath.Join(dir, command)
	}
	cmd := exec.CommandContext(ctx, command, c.command[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), r.stand.environment()...)
	// A script that hangs may have children; all of them go.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	read, write := io.Pipe()
	cmd.Stdout, cmd.Stderr = write, write
	stdin, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		r.result("start", err)
		return
	}
	exited := make(chan error, 1)
	go func() {
		exited <- cmd.Wait()
		_ = write.Close() // never fails
	}()
	ended, other := r.follow(ctx, read, stdin)
	err = <-exited
	if ctx.Err() != nil {
		err = errors.Join(ctx.Err(), err)
	}
	if err == nil && !ended {
		err = errors.New("it ended early")
	}
	if err != nil {
		r.result("runs to its end", fmt.Errorf("%w; it printed:\n%s", err, strings.Join(other, "\n")))
	}
}

// follow reads what the script says until it closes its output.
func (r *report) follow(ctx context.Context, from io.Reader, to io.Writer) (ended bool, other []string) {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if name, ok := strings.CutPrefix(line, "ok "); ok {
			r.result(name, nil)
		} else if rest, ok := strings.CutPrefix(line, "not ok "); ok {
			name, why, _ := strings.Cut(rest, ": ")
			r.result(name, errors.New(why))
		} else if line == "restart" {
			if err := r.stand.restart(ctx); err != nil {
				r.result("restart of the server", err)
			}
			if _, err := io.WriteString(to, "restarted\n"); err != nil {
				r.result("answer to restart", err)
			}
		} else if line == "end" {
			ended = true
		} else if other = append(other, line); len(other) > keptOutput {
			other = other[1:]
		}
	}
	_, _ = io.Copy(io.Discard, from) // after a line that is too long; the script must not block
	return ended, other
}
