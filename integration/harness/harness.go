// Package harness starts real servers for tests and benchmarks: the redistill
// binary built from this tree, and redis-server as the peer to compare with.
//
// Invariants: every server listens on addresses of its own (ephemeral ports,
// sockets in a temporary directory), is known to answer before its start
// returns, and is dead after Kill. Nothing here waits for a fixed time: a
// start waits for the server's own words, and fails with them.
//
// Concurrency: a Server may be used from any goroutine.
package harness

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// StartTimeout bounds how long a server may take to answer. It is generous:
// the machine may be loaded and the binary may carry the race detector.
const StartTimeout = 60 * time.Second

// Options is what a server is to be started with, in terms that both kinds of
// server understand. The zero value is TCP with default settings.
type Options struct {
	Password    string
	MaxClients  int           // 0: the server's default
	IdleTimeout time.Duration // 0: the server's default; whole seconds
	Unix        bool          // also listen on a unix socket
	TLS         *Certificates // also listen with TLS

	// Set holds section.key=value for redistill, and is passed after what the
	// fields above say. Config is the text of a config file. Env is added to
	// the environment. redis-server takes none of them.
	Set    []string
	Config string
	Env    []string
	// Modules are the IDs of the modules that a custom build has: nothing is said of
	// others. Nil: it has all of the tree.
	Modules []string
	// Descriptors is the limit of file descriptors that redistill is started
	// with; 0: that of the test.
	Descriptors int
	// Args are further arguments for redis-server.
	Args []string
}

func (o Options) has(id string) bool { return o.Modules == nil || slices.Contains(o.Modules, id) }

// Server is a running server.
type Server struct {
	// Name is "redistill", "redis-server" or "valkey-server".
	Name string
	// The addresses to dial; empty where the server does not listen.
	TCP, Unix, TLS, Admin string

	*process
	dir string
}

// StartRedistill starts the binary and returns when it answers.
func StartRedistill(ctx context.Context, binary string, o Options) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, StartTimeout)
	defer cancel()
	dir, err := os.MkdirTemp("", "rdst")
	if err != nil {
		return nil, fmt.Errorf("harness: %w", err)
	}
	s := &Server{Name: "redistill", dir: dir}
	args, awaited, err := redistillArgs(dir, o)
	if err != nil {
		return nil, errors.Join(err, s.Kill())
	}
	if s.process, err = startLimited(binary, args, o, dir); err != nil {
		return nil, errors.Join(err, s.Kill())
	}
	addresses := map[string]*string{
		"transport.tcp": &s.TCP, "transport.unix": &s.Unix, "transport.tls": &s.TLS, "admin.http": &s.Admin,
	}
	for _, part := range awaited {
		addr, err := s.Listening(ctx, part)
		if err != nil {
			return nil, errors.Join(err, s.Kill())
		}
		*addresses[part] = addr
	}
	if err := s.awaitPong(ctx, o.TLS); err != nil {
		return nil, errors.Join(err, s.Kill())
	}
	return s, nil
}

// BeginRedistill starts the binary and returns at once, while it may still be
// loading its snapshot or about to fail. Where the server listens is set as far
// as it is known beforehand: on the admin address, and on the unix socket if
// the options ask for one.
func BeginRedistill(binary string, o Options) (*Server, error) {
	dir, err := os.MkdirTemp("", "rdst")
	if err != nil {
		return nil, fmt.Errorf("harness: %w", err)
	}
	s := &Server{Name: "redistill", dir: dir}
	if o.has("admin.http") {
		port, err := freePort()
		if err != nil {
			return nil, errors.Join(err, s.Kill())
		}
		s.Admin = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		o.Set = append([]string{"admin.listen=" + s.Admin}, o.Set...)
	}
	args, _, err := redistillArgs(dir, o)
	if err != nil {
		return nil, errors.Join(err, s.Kill())
	}
	if o.Unix {
		s.Unix = socketIn(dir)
	}
	if s.process, err = startLimited(binary, args, o, dir); err != nil {
		return nil, errors.Join(err, s.Kill())
	}
	return s, nil
}

func socketIn(dir string) string { return filepath.Join(dir, "s") }

// redistillArgs turns the options into flags, and says which parts will
// announce that they listen.
func redistillArgs(dir string, o Options) (args, awaited []string, err error) {
	if o.Config != "" {
		path := filepath.Join(dir, "redistill.toml")
		if err := os.WriteFile(path, []byte(o.Config), 0o600); err != nil {
			return nil, nil, fmt.Errorf("harness: %w", err)
		}
		args = append(args, "--config", path)
	}
	var set []string
	for _, part := range []struct{ id, set string }{
		{"transport.tcp", "transports.tcp.listen=127.0.0.1:0"}, {"admin.http", "admin.listen=127.0.0.1:0"},
	} {
		if o.has(part.id) {
			awaited, set = append(awaited, part.id), append(set, part.set)
		}
	}
	if o.Unix {
		awaited = append(awaited, "transport.unix")
		set = append(set, "transports.unix.path="+socketIn(dir))
	}
	if o.TLS != nil {
		awaited = append(awaited, "transport.tls")
		set = append(set, "transports.tls.listen=127.0.0.1:0",
			"transports.tls.cert="+o.TLS.CertFile, "transports.tls.key="+o.TLS.KeyFile)
	}
	if o.Password != "" {
		set = append(set, "auth.password="+o.Password)
	}
	if o.MaxClients != 0 {
		set = append(set, fmt.Sprintf("server.max_clients=%d", o.MaxClients))
	}
	if o.IdleTimeout != 0 {
		set = append(set, fmt.Sprintf("server.idle_timeout=%s", o.IdleTimeout))
	}
	for _, s := range append(set, o.Set...) {
		args = append(args, "--set", s)
	}
	return args, awaited, nil
}

// Listening returns the address of a part when it has logged that it has bound it.
// The part is a module's ID, as in "transport.tcp".
func (s *Server) Listening(ctx context.Context, part string) (addr string, err error) {
	err = s.awaitLine(ctx, "the line msg=listening of "+part, func(line string) bool {
		fields := logFields(line)
		if fields["msg"] != "listening" || (fields["transport"] != part && fields["module"] != part) {
			return false
		}
		addr = fields["addr"]
		return addr != ""
	})
	return addr, err
}

// logFields splits a line of slog's text format. Values with spaces in them
// are of no interest here and may come out cut.
func logFields(line string) map[string]string {
	fields := map[string]string{}
	for _, f := range strings.Fields(line) {
		if key, value, ok := strings.Cut(f, "="); ok {
			fields[key] = strings.Trim(value, `"`)
		}
	}
	return fields
}

// awaitPong returns when the server has answered PING. One that still loads its
// snapshot answers with an error until it has; one that asks for the password
// serves.
func (s *Server) awaitPong(ctx context.Context, certs *Certificates) error {
	var dial func() (net.Conn, error)
	var d net.Dialer
	switch {
	case s.TCP != "":
		dial = func() (net.Conn, error) { return d.DialContext(ctx, "tcp", s.TCP) }
	case s.Unix != "":
		dial = func() (net.Conn, error) { return d.DialContext(ctx, "unix", s.Unix) }
	default:
		overTLS := tls.Dialer{NetDialer: &d, Config: certs.Client}
		dial = func() (net.Conn, error) { return overTLS.DialContext(ctx, "tcp", s.TLS) }
	}
	retry := time.NewTicker(10 * time.Millisecond)
	defer retry.Stop()
	for {
		err := pingOnce(dial)
		if err == nil {
			return nil
		}
		select {
		case <-retry.C:
		case <-s.exited:
			return fmt.Errorf("harness: %s ended before it answered PING (%w); its output:\n%s", s.Name, err, s.Output())
		case <-ctx.Done():
			return fmt.Errorf("harness: %s does not answer PING (%w); its output:\n%s", s.Name, err, s.Output())
		}
	}
}

func pingOnce(dial func() (net.Conn, error)) error {
	nc, err := dial()
	if err != nil {
		return err
	}
	c := NewConn(nc)
	defer func() { _ = c.Close() }() // nothing is lost with it
	reply, err := c.Do("PING")
	if err == nil && reply != "+PONG\r\n" && !strings.HasPrefix(reply, "-NOAUTH ") {
		err = fmt.Errorf("the reply is %q", reply)
	}
	return err
}

// Kill ends the server at once, if it still runs, and removes its directory.
func (s *Server) Kill() error {
	if s.process != nil {
		s.kill()
	}
	return os.RemoveAll(s.dir)
}

// Dir is a directory of the server's own, removed by Kill.
func (s *Server) Dir() string { return s.dir }
