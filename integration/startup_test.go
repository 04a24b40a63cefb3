package integration

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/redistill-go/redistill/integration/harness"
)

// Whatever prevents a start is said in one line on stderr, which names the
// culprit, and the exit code tells it too.
func TestStartFailures(t *testing.T) {
	dir := t.TempDir()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }() // only there to be taken
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	missing := filepath.Join(dir, "missing.pem")
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		args  []string
		env   []string
		words []string // that the line must hold
	}{
		{"port taken", []string{"--set", "transports.tcp.listen=" + taken.Addr().String()}, nil,
			[]string{"transport.tcp", taken.Addr().String(), "in use"}},
		{"admin port taken", []string{"--set", "admin.listen=" + taken.Addr().String()}, nil,
			[]string{"admin", taken.Addr().String(), "in use"}},
		{"unix socket in a directory that is not there", []string{"--set", "transports.unix.path=" + filepath.Join(dir, "none", "s")}, nil,
			[]string{"transport", "unix", "none"}},
		{"bad key in the file", []string{"--config", file("badkey.toml", "[transports.tcp]\nlisten = \"127.0.0.1:0\"\nlissten = \"x\"\n")}, nil,
			[]string{"badkey.toml", "3", "lissten"}},
		{"bad section in the file", []string{"--config", file("badsection.toml", "[servers]\nmax_clients = 3\n")}, nil,
			[]string{"badsection.toml", "servers"}},
		{"bad value in the file", []string{"--config", file("badvalue.toml", "[server]\nmax_clients = \"many\"\n")}, nil,
			[]string{"badvalue.toml", "max_clients"}},
		{"no TOML", []string{"--config", file("no.toml", "[server\n")}, nil, []string{"no.toml"}},
		{"no such file", []string{"--config", filepath.Join(dir, "absent.toml")}, nil, []string{"absent.toml"}},
		{"no such file in the environment", nil, []string{"REDISTILL_CONFIG=" + filepath.Join(dir, "absent.toml")}, []string{"absent.toml"}},
		{"no config file named", []string{"--config", ""}, nil, []string{"--config is empty"}},
		{"config from a device", []string{"--config", "/dev/zero"}, nil, []string{"/dev/zero", "a device"}},
		{"config from a directory", []string{"--config", dir}, nil, []string{dir, "a directory"}},
		{"config from a pipe", nil, []string{"REDISTILL_CONFIG=" + pipe}, []string{pipe, "a pipe"}},
		{"certificate from a pipe", []string{"--set", "transports.tls.listen=127.0.0.1:0",
			"--set", "transports.tls.cert=" + pipe, "--set", "transports.tls.key=/dev/zero"}, nil, []string{"tls", pipe, "a pipe"}},
		{"password that is too long", nil, []string{"REDISTILL_AUTH_PASSWORD=" + strings.Repeat("x", 16385)},
			[]string{"auth.password", "16385", "16384"}},
		{"bad key on the command line", []string{"--set", "server.max_client=3"}, nil, []string{"max_client"}},
		{"bad size on the command line", []string{"--set", "memory.max=2 potatoes"}, nil, []string{"memory", "max", "potatoes"}},
		{"bad environment", nil, []string{"REDIS_MAX_CONNECTIONS=many"}, []string{"REDIS_MAX_CONNECTIONS", "many"}},
		{"bad flag", []string{"--sett", "x"}, nil, []string{"sett"}},
		{"missing certificate", []string{"--set", "transports.tls.listen=127.0.0.1:0",
			"--set", "transports.tls.cert=" + missing, "--set", "transports.tls.key=" + missing}, nil, []string{"tls", "missing.pem"}},
		{"key without certificate", []string{"--set", "transports.tls.listen=127.0.0.1:0",
			"--set", "transports.tls.key=" + missing}, nil, []string{"tls", "cert"}},
		{"unknown eviction policy", []string{"--set", "memory.eviction=allkeys-lru2"}, nil, []string{"eviction", "allkeys-lru2"}},
		{"unknown backend", []string{"--set", "persistence.backend=files"}, nil, []string{"persistence", "files"}},
		{"snapshot in a directory that is not there", []string{"--set", "persistence.backend=file",
			"--set", "persistence.file.path=" + filepath.Join(dir, "none", "dump.rdb")}, nil, []string{"persistence", "none"}},
		{"damaged snapshot", []string{"--set", "persistence.backend=file",
			"--set", "persistence.file.path=" + file("damaged.rdb", "REDIS0011 and then nonsense")}, nil, []string{"persistence.file", "damaged.rdb"}},
		{"no transport", []string{"--set", "transports.tcp.listen="}, nil, []string{"transport"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := append([]string{"--set", "admin.listen=127.0.0.1:0"}, c.args...)
			if !strings.Contains(strings.Join(c.args, " "), "transports.tcp.listen") && !strings.Contains(c.name, "in the file") {
				args = append([]string{"--set", "transports.tcp.listen=127.0.0.1:0"}, args...)
			}
			code, stdout, stderr := harness.Run(t, c.env, args...)
			if code <= 0 {
				t.Errorf("exit code %d", code)
			}
			if stdout != "" || strings.Contains(stderr, "\n") {
				t.Errorf("more than one line:\nstdout: %s\nstderr: %s", stdout, stderr)
			}
			for _, word := range c.words {
				if !strings.Contains(stderr, word) {
					t.Errorf("no %q in %s", word, stderr)
				}
			}
		})
	}
}

// The longest password that is taken at the start, or by CONFIG SET, can be sent.
func TestLongestPassword(t *testing.T) {
	password := strings.Repeat("sesame, ", 16384/8)
	s := harness.Redistill(t, harness.Options{Config: "\xef\xbb\xbf[auth]\npassword = '" + password + "'\n"})
	c := dial(t, s)
	want(t, c, "+OK\r\n", "AUTH", password)
	want(t, c, "-ERR CONFIG SET failed (possibly related to argument 'requirepass') - it is 16385 bytes long, "+
		"and the password that a client can send is of at most 16384\r\n", "CONFIG", "SET", "requirepass", password+"x")
	want(t, c, "+OK\r\n", "CONFIG", "SET", "requirepass", strings.ToUpper(password))
	other := dial(t, s)
	want(t, other, "+OK\r\n", "AUTH", "default", strings.ToUpper(password))
	want(t, dial(t, s), "-WRONGPASS invalid username-password pair or user is disabled.\r\n", "AUTH", "default", password)
}

func TestConfigurationFile(t *testing.T) {
	s := harness.Redistill(t, harness.Options{Config: `
[server]
max_clients = 100
idle_timeout = "300s"
shutdown_grace = "5s"
shards = 64
max_bulk_length = "1mb"
output_buffer_limit = "16mb"

[transports.tcp]
keepalive = "60s"
nodelay = true

[auth]
password = "from the file"

[memory]
max = "256mb"
eviction = "allkeys-lru"

[log]
level = "debug"
format = "text"
`, Password: "from the flag"})
	c := dial(t, s)
	// Flags come after the file.
	want(t, c, "+OK\r\n", "AUTH", "from the flag")
	want(t, c, "*2\r\n"+bulk("maxclients")+bulk("100"), "CONFIG", "GET", "maxclients")
	want(t, c, "*2\r\n"+bulk("maxmemory")+bulk("268435456"), "CONFIG", "GET", "maxmemory")
	want(t, c, "*2\r\n"+bulk("maxmemory-policy")+bulk("allkeys-lru"), "CONFIG", "GET", "maxmemory-policy")
	want(t, c, "*2\r\n"+bulk("timeout")+bulk("300"), "CONFIG", "GET", "timeout")
	if _, err := c.Write([]byte("*2\r\n$3\r\nGET\r\n$1048577\r\n")); err != nil {
		t.Fatal(err)
	}
	if rest, err := c.Rest(); err != nil || rest != invalidBulk {
		t.Errorf("a bulk string over max_bulk_length: %q, %v", rest, err)
	}
}

// The environment of the Rust original works unchanged.
func TestEnvironmentOfTheOriginal(t *testing.T) {
	s := harness.Redistill(t, harness.Options{Env: []string{
		"REDIS_PASSWORD=s3cret", "REDIS_MAX_MEMORY=134217728", "REDIS_EVICTION_POLICY=allkeys-lru",
		"REDIS_MAX_CONNECTIONS=77", "REDIS_NUM_SHARDS=128", "REDIS_TCP_NODELAY=true", "REDIS_TCP_KEEPALIVE=120",
		"REDIS_SHUTDOWN_GRACE_SECS=3", "REDIS_PERSISTENCE_ENABLED=false",
	}})
	c := newClient(t, &redis.Options{Addr: s.TCP, Password: "s3cret"})
	for name, value := range map[string]string{"maxclients": "77", "maxmemory": "134217728", "maxmemory-policy": "allkeys-lru"} {
		got, err := c.ConfigGet(t.Context(), name).Result()
		if err != nil || got[name] != value {
			t.Errorf("CONFIG GET %s: %v, %v; want %s", name, got, err, value)
		}
	}
}

func TestInspectionCommands(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.toml"), filepath.Join(dir, "bad.toml")
	for path, text := range map[string]string{
		good: "[server]\nmax_clients = 10\n",
		bad:  "[server]\nmax_clients = \"many\"\nno_such_key = 1\n\n[memory]\neviction = \"allkeys-lrv\"\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args  []string
		fails bool
		words []string // in both outputs together
	}{
		{[]string{"version"}, false, []string{"redistill", "go1."}},
		{[]string{"modules"}, false, []string{"transport.tcp", "transport.unix", "transport.tls", "persistence.file",
			"persistence.pebble", "eviction.allkeys-lru", "admin.http"}},
		{[]string{"graph"}, false, []string{"digraph", "}"}},
		{[]string{"check", "--config", good}, false, nil},
		{[]string{"check", "--config", bad}, true, []string{
			bad + ":2", "max_clients", bad + ":3", "no_such_key", bad + ":6", "allkeys-lrv", "allkeys-lru"}},
		{[]string{"no-such-command"}, true, []string{"no-such-command"}},
	} {
		t.Run(strings.Join(c.args[:1], " "), func(t *testing.T) {
			code, stdout, stderr := harness.Run(t, nil, c.args...)
			if (code != 0) != c.fails {
				t.Errorf("exit code %d", code)
			}
			for _, word := range c.words {
				if !strings.Contains(stdout+"\n"+stderr, word) {
					t.Errorf("no %q in\nstdout: %s\nstderr: %s", word, stdout, stderr)
				}
			}
		})
	}
}
