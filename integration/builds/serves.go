package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"strings"

	"github.com/redistill-go/redistill/core/basics"
	"github.com/redistill-go/redistill/integration/harness"
)

// bare builds a server with nothing in it, which has to say what it lacks.
func (m matrix) bare(ctx context.Context, binary string) ([]harness.Module, error) {
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", "custom", "-o", binary, "./cmd/redistill")
	cmd.Dir = m.builder.Source
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build -tags custom: %w\n%s", err, out)
	}
	modules, err := harness.Modules(ctx, binary)
	if err != nil {
		return nil, err
	}
	out, err := exec.CommandContext(ctx, binary).CombinedOutput()
	if failed := new(exec.ExitError); !errors.As(err, &failed) || failed.ExitCode() != 1 {
		return nil, fmt.Errorf("without a transport it ends with %v\n%s", err, out)
	}
	if !strings.Contains(string(out), "this build has no transport; rebuild with redistill-build ") {
		return nil, fmt.Errorf("it doesn't say that it lacks a transport:\n%s", out)
	}
	return modules, nil
}

// serves starts the build with its module in use, asks it something, and stops it.
func (m matrix) serves(ctx context.Context, b build, binary string, modules []harness.Module) (err error) {
	o := harness.Options{}
	for _, module := range modules {
		o.Modules = append(o.Modules, module.ID)
	}
	kind, name, _ := strings.Cut(b.alone, ".")
	switch {
	case kind == "eviction":
		o.Set = append(o.Set, "memory.eviction="+name, "memory.max=64mb")
	case kind == "persistence":
		o.Set = append(o.Set, "persistence.backend="+name)
	case b.alone == "transport.unix":
		o.Unix = true
	case b.alone == "transport.tls":
		o.TLS = m.certs
	}
	s, err := harness.StartRedistill(ctx, binary, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Kill()) }()
	nc, err := dial(s, m.certs)
	if err != nil {
		return err
	}
	c := conn{nc, bufio.NewReader(nc)}
	defer func() { _ = c.Close() }() // nothing is lost with it
	if err := c.asks(kind, name); err != nil {
		return err
	}
	if s.Admin != "" {
		if err := ready(ctx, s.Admin); err != nil {
			return err
		}
	}
	if code, err := s.Stop(); err != nil || code != 0 {
		return fmt.Errorf("it stops with code %d, %v", code, err)
	}
	return nil
}

func dial(s *harness.Server, certs *harness.Certificates) (net.Conn, error) {
	switch {
	case s.TCP != "":
		return net.Dial("tcp", s.TCP)
	case s.Unix != "":
		return net.Dial("unix", s.Unix)
	}
	return tls.Dial("tcp", s.TLS, certs.Client)
}

// conn is a client.
type conn struct {
	net.Conn
	in *bufio.Reader
}

// asks sees that the server serves, and that the module does something.
func (c conn) asks(kind, name string) error {
	if err := c.want("PING", "+PONG"); err != nil {
		return err
	}
	switch kind {
	case "commands":
		// A family has added commands to those of the core.
		reply, err := c.do("COMMAND COUNT")
		if err != nil {
			return err
		}
		if core := fmt.Sprintf(":%d", len(basics.Family().Specs)); reply == core || !strings.HasPrefix(reply, ":") {
			return fmt.Errorf("COMMAND COUNT: %s, and the core has %s", reply, core)
		}
	case "eviction":
		if err := c.want("CONFIG GET maxmemory-policy", "*2"); err != nil {
			return err
		}
		for _, want := range []string{"$16", "maxmemory-policy", fmt.Sprintf("$%d", len(name)), name} {
			if got, err := c.line(); err != nil || got != want {
				return fmt.Errorf("CONFIG GET maxmemory-policy: %q, %v; want %q", got, err, want)
			}
		}
	case "persistence":
		return c.want("SAVE", "+OK")
	}
	return nil
}

func (c conn) want(request, reply string) error {
	got, err := c.do(request)
	if err == nil && got != reply {
		err = fmt.Errorf("%s: %q, want %q", request, got, reply)
	}
	return err
}

// do sends an inline request and returns the first line of the reply.
func (c conn) do(request string) (string, error) {
	if _, err := c.Write([]byte(request + "\r\n")); err != nil {
		return "", err
	}
	return c.line()
}

func (c conn) line() (string, error) {
	line, err := c.in.ReadString('\n')
	return strings.TrimRight(line, "\r\n"), err
}

func ready(ctx context.Context, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/ready", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusOK {
		return fmt.Errorf("/ready answers %s, %v", response.Status, err)
	}
	return nil
}
