package integration

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redistill-go/redistill/integration/harness"
)

// listenerLine is a line of INFO for a socket that clients connect to.
var listenerLine = regexp.MustCompile(`(?m)^listener\d+:name=(\w+),bind=([^,\r\n]+)(?:,port=(\d+))?\r$`)

// listeners are the addresses that INFO tells, by the transport's name, in its order.
func listeners(t *testing.T, c *redis.Client) map[string][]string {
	t.Helper()
	text, err := c.Info(t.Context(), "server").Result()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, line := range listenerLine.FindAllStringSubmatch(text, -1) {
		address := line[2]
		if line[3] != "" {
			address = net.JoinHostPort(line[2], line[3])
		}
		all[line[1]] = append(all[line[1]], address)
	}
	return all
}

// Two listeners of each transport serve one store, each with its own settings: from the
// file, the environment and the command line.
func TestSeveralListeners(t *testing.T) {
	dir, second := t.TempDir(), certificates(t)
	s := harness.Redistill(t, harness.Options{
		Unix: true, TLS: certificates(t),
		Config: "[[transports.tcp]]\nnodelay = true\n[[transports.tcp]]\nlisten = '127.0.0.2:0'\nnodelay = false\n",
		Env:    []string{"REDISTILL_TRANSPORTS_UNIX_2_PATH=" + filepath.Join(dir, "s"), "REDISTILL_TRANSPORTS_UNIX_2_MODE=0770"},
		Set:    []string{"transports.tls.2.listen=127.0.0.1:0", "transports.tls.2.cert=" + second.CertFile, "transports.tls.2.key=" + second.KeyFile},
	})
	first := newClient(t, &redis.Options{Addr: s.TCP})
	at := listeners(t, first)
	for name, want := range map[string]string{"tcp": s.TCP, "unix": s.Unix, "tls": s.TLS} {
		if len(at[name]) != 2 || at[name][0] != want {
			t.Fatalf("%s listens on %q, the first should be %s", name, at[name], want)
		}
	}
	if host, _, _ := net.SplitHostPort(at["tcp"][1]); host != "127.0.0.2" {
		t.Errorf("the second TCP listener is on %s", at["tcp"][1])
	}
	if err := first.Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	for name, options := range map[string]*redis.Options{
		"tcp":  {Addr: at["tcp"][1]},
		"unix": {Network: "unix", Addr: at["unix"][1]},
		"tls":  {Addr: at["tls"][1], TLSConfig: second.Client},
	} {
		c := newClient(t, options)
		if got, err := c.Get(t.Context(), "k").Result(); got != "v" || err != nil {
			t.Errorf("GET over the second %s: %q, %v", name, got, err)
		}
		info, err := c.Do(t.Context(), "client", "info").Text()
		if err != nil {
			t.Fatal(err)
		}
		if unix := strings.Contains(info, " flags=U "); unix != (name == "unix") {
			t.Errorf("the second %s: flag of a unix socket: %v", name, unix)
		}
	}
	// The certificate of one TLS listener is not that of the other.
	wrong := newClient(t, &redis.Options{Addr: s.TLS, TLSConfig: second.Client, MaxRetries: -1})
	if err := wrong.Ping(t.Context()).Err(); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("the first TLS listener with the authority of the second: %v", err)
	}
	for path, mode := range map[string]os.FileMode{at["unix"][0]: 0o700, at["unix"][1]: 0o770} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v; want %v", path, info.Mode(), err, mode)
		}
	}
	if code, err := s.Stop(); code != 0 || err != nil {
		t.Errorf("stop: code %d, %v", code, err)
	}
	if _, err := os.Lstat(at["unix"][1]); err == nil {
		t.Error("the second unix socket is still there")
	}
}

// An instance that can't be started is told by its own key.
func TestInstanceThatCantListen(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }() // only there to be taken
	args := []string{"--set", "transports.tcp.listen=127.0.0.1:0", "--set", "admin.listen=127.0.0.1:0"}
	for set, want := range map[string]string{
		"transports.tcp.2.listen=" + taken.Addr().String(): "redistill: transport.tcp.2: cannot listen on " + taken.Addr().String() + ": address already in use; stop the process that uses it or set transports.tcp.2.listen to another address",
		"transports.unix.2.mode=1777":                      `redistill: --set: transports.unix.2.mode: "1777" is not a number from 0 to 0777 in octal; `,
		"transports.tls.2.listen=127.0.0.1:0":              "redistill: default: transports.tls.2.cert: TLS needs a certificate; ",
		"transports.tcp.3.listen=127.0.0.1:0":              "redistill: --set: transports.tcp.3: there is no transports.tcp.2 before it; number them from 1 without a gap",
	} {
		if code, _, stderr := harness.Run(t, nil, append(args, "--set", set)...); code == 0 || !strings.HasPrefix(stderr, want) {
			t.Errorf("--set %s: code %d\n%s\nwant %s", set, code, stderr, want)
		}
	}
}

// A server of one transport and one family of commands runs with the configuration that
// a full one prints, says what of it has no effect, and tells who asks for more how to
// get that without losing anything.
func TestSmallBuildWithTheConfigurationOfAFullOne(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	small, err := harness.Build(ctx, t.TempDir(), "-tags=custom,transport.tcp,commands.strings")
	if err != nil {
		t.Fatal(err)
	}
	_, printed, _ := harness.Run(t, nil, "config")
	s, err := harness.BeginRedistill(small, harness.Options{Config: printed, Set: []string{"admin.listen="}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Kill(); err != nil {
			t.Error(err)
		}
	})
	if err := s.AwaitLog(ctx, "msg=ready"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"no effect", "[admin] (", "[persistence.pebble] (", "redistill-build --only admin.http,commands.strings,"} {
		if !strings.Contains(s.Output(), want) {
			t.Errorf("no %q in\n%s", want, s.Output())
		}
	}
	if code, err := s.Stop(); code != 0 || err != nil {
		t.Errorf("stop: code %d, %v", code, err)
	}
	asks, err := harness.BeginRedistill(small, harness.Options{Config: printed, Set: []string{"admin.listen=", "memory.eviction=lru", "transports.tls.listen=:0"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := asks.Kill(); err != nil {
			t.Error(err)
		}
	})
	if code, err := asks.Wait(); code != 1 || err != nil {
		t.Errorf("code %d, %v", code, err)
	}
	for _, want := range []string{
		`memory.eviction: there is no eviction module "lru"; did you mean "allkeys-lru"? It is not in this build; rebuild with `,
		"transports.tls: the section of module transport.tls, which is not in this build; remove the section, or rebuild with ",
	} {
		if want += "redistill-build --only commands.strings,eviction.allkeys-lru,transport.tcp,transport.tls"; !strings.Contains(asks.Stderr(), want) {
			t.Errorf("no %s in\n%s", want, asks.Stderr())
		}
	}
}
