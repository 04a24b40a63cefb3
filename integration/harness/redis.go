package harness

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// StartRedis starts Debian's redis-server without persistence and returns when
// it answers. Options.Set, Config and Env do not apply.
func StartRedis(ctx context.Context, o Options) (*Server, error) {
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, fmt.Errorf("harness: redis-server is not installed (%w); install Debian's package redis-server", err)
	}
	return StartPeer(ctx, binary, "redis-server", o)
}

// StartPeer starts a program that takes the arguments of redis-server, as
// StartRedis does.
func StartPeer(ctx context.Context, binary, name string, o Options) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, StartTimeout)
	defer cancel()
	// It cannot pick a port itself, so the one picked here may be taken by
	// somebody else before it binds: try again then.
	for attempt := 1; ; attempt++ {
		s, err := tryPeer(ctx, binary, name, o)
		if err == nil || attempt == 3 || !strings.Contains(err.Error(), "Address already in use") {
			return s, err
		}
	}
}

func tryPeer(ctx context.Context, binary, name string, o Options) (*Server, error) {
	dir, err := os.MkdirTemp("", "rdst")
	if err != nil {
		return nil, fmt.Errorf("harness: %w", err)
	}
	s := &Server{Name: name, dir: dir}
	port, err := freePort()
	if err != nil {
		return nil, errors.Join(err, s.Kill())
	}
	args := []string{"--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--save", "", "--appendonly", "no",
		"--daemonize", "no", "--logfile", "", "--dir", dir}
	s.TCP = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	if o.Unix {
		s.Unix = filepath.Join(dir, "s")
		args = append(args, "--unixsocket", s.Unix)
	}
	if o.TLS != nil {
		tlsPort, err := freePort()
		if err != nil {
			return nil, errors.Join(err, s.Kill())
		}
		s.TLS = net.JoinHostPort("127.0.0.1", strconv.Itoa(tlsPort))
		args = append(args, "--tls-port", strconv.Itoa(tlsPort), "--tls-cert-file", o.TLS.CertFile,
			"--tls-key-file", o.TLS.KeyFile, "--tls-ca-cert-file", o.TLS.CAFile, "--tls-auth-clients", "no")
	}
	if o.Password != "" {
		args = append(args, "--requirepass", o.Password)
	}
	if o.MaxClients != 0 {
		args = append(args, "--maxclients", strconv.Itoa(o.MaxClients))
	}
	if o.IdleTimeout != 0 {
		args = append(args, "--timeout", strconv.Itoa(int(o.IdleTimeout/time.Second)))
	}
	if s.process, err = start(binary, append(args, o.Args...), nil, dir); err != nil {
		return nil, errors.Join(err, s.Kill())
	}
	err = s.awaitLine(ctx, "that "+name+" is ready", func(line string) bool {
		return strings.Contains(line, "eady to accept connections")
	})
	if err == nil {
		err = s.awaitPong(ctx, nil)
	}
	if err != nil {
		return nil, errors.Join(err, s.Kill())
	}
	return s, nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("harness: no free port: %w", err)
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
