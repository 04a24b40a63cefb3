package integration

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redistill-go/redistill/integration/harness"
)

// elsewhere are the modules below testdata, each a Go module of its own that knows the
// server by its public packages alone, by their IDs.
var elsewhere = map[string]string{
	"admin.watermark":         "watermark",
	"commands.compare":        "compare",
	"eviction.allkeys-bysize": "bysize",
	"persistence.jsonlines":   "jsonlines",
	"transport.proxyprotocol": "proxyprotocol",
}

// Modules of other people are built in, pass the suites of their kinds, and serve.
func TestModulesFromElsewhere(t *testing.T) {
	builder, err := harness.NewBuilder(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range elsewhere {
		t.Run("conformance of "+name, func(t *testing.T) {
			t.Parallel()
			testElsewhere(t, builder.Source, name)
		})
	}
	t.Run("in a server", func(t *testing.T) {
		t.Parallel()
		binary := filepath.Join(t.TempDir(), "redistill")
		args := []string{"--preset", "minimal", "--with", "commands.hashes,admin.http"}
		for _, name := range elsewhere {
			args = append(args, "--with", fmt.Sprintf("example.org/%s=%s", name, filepath.Join(builder.Source, "integration/testdata/modules", name)))
		}
		told, err := builder.Build(t.Context(), binary, args...)
		if err != nil {
			t.Fatal(err)
		}
		serveElsewhere(t, binary, told)
	})
}

// testElsewhere runs a module's own tests, as who wrote it does: in its own directory,
// of which this is a copy, since the go command writes there.
func testElsewhere(t *testing.T, source, name string) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata/modules", name))); err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(source, "go.sum"))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"mod", "edit", "-replace", "github.com/redistill-go/redistill=" + source},
		{"vet", "./..."},
		{"test", "-count=1", "./..."},
	} {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// serveElsewhere looks at a server with all of the modules.
func serveElsewhere(t *testing.T, binary, told string) {
	modules, err := harness.Modules(t.Context(), binary)
	if err != nil {
		t.Fatal(err)
	}
	version, err := exec.CommandContext(t.Context(), binary, "version").Output()
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	found := 0
	for _, m := range modules {
		ids = append(ids, m.ID)
		name, ok := elsewhere[m.ID]
		if !ok {
			continue
		}
		found++
		kind, _, _ := strings.Cut(m.ID, ".")
		if want := (harness.Module{ID: m.ID, Kind: kind, Package: "example.org/" + name, Version: "(devel)"}); m != want {
			t.Errorf("modules --json tells %+v, want %+v", m, want)
		}
		if !strings.Contains(string(version), m.ID+" (devel)\n") {
			t.Errorf("no %s in\n%s", m.ID, version)
		}
		if !strings.Contains(told, "example.org/"+name+" (devel)\n") {
			t.Errorf("redistill-build doesn't tell of %s:\n%s", name, told)
		}
	}
	if found != len(elsewhere) || len(ids) != len(elsewhere)+6 {
		t.Fatalf("modules %s", strings.Join(ids, ", "))
	}
	for name, test := range map[string]func(*testing.T, func(*testing.T, ...string) *harness.Server){
		"policy":    servesPolicy,
		"transport": servesTransport,
		"commands":  servesCommands,
		"service":   servesService,
	} {
		t.Run(name, func(t *testing.T) {
			test(t, func(t *testing.T, set ...string) *harness.Server {
				return harness.Custom(t, binary, harness.Options{Modules: ids, Set: set})
			})
		})
	}
	t.Run("backend", func(t *testing.T) { servesBackend(t, binary, ids) })
}

// servesPolicy fills a server: keys with the prefix stay, and small ones, though they
// were there before all others.
func servesPolicy(t *testing.T, start func(*testing.T, ...string) *harness.Server) {
	s := start(t, "memory.max=64mb", "memory.eviction=allkeys-bysize", "eviction.allkeys_bysize.keep=session:")
	c := newClient(t, &redis.Options{Addr: s.TCP})
	check(t, "CONFIG GET", "allkeys-bysize")(configValue(t, c, "maxmemory-policy"), nil)
	const kept, small, large = 200, 500, 3000
	fill := func(prefix string, n int, value string) {
		pipe := c.Pipeline()
		for i := range n {
			pipe.Set(t.Context(), fmt.Sprint(prefix, i), value, 0)
			if i%100 == 99 {
				if _, err := pipe.Exec(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	left := func(prefix string, n int) int64 {
		var keys []string
		for i := range n {
			keys = append(keys, fmt.Sprint(prefix, i))
		}
		got, err := c.Exists(t.Context(), keys...).Result()
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	fill("session:", kept, strings.Repeat("s", 10<<10))
	fill("small:", small, "s")
	fill("large:", large, strings.Repeat("l", 64<<10))
	if got := left("session:", kept); got != kept {
		t.Errorf("%d of %d keys with the prefix are left", got, kept)
	}
	if got := left("small:", small); got < small*9/10 {
		t.Errorf("%d of %d small keys are left", got, small)
	}
	if got := left("large:", large); got == 0 || got > large/2 {
		t.Errorf("%d of %d large keys are left", got, large)
	}
	s.MustStop(t)
}

func configValue(t *testing.T, c *redis.Client, name string) string {
	t.Helper()
	values, err := c.ConfigGet(t.Context(), name).Result()
	if err != nil {
		t.Fatal(err)
	}
	return values[name]
}

// servesTransport connects as a load balancer does, for a client at another address.
func servesTransport(t *testing.T, start func(*testing.T, ...string) *harness.Server) {
	s := start(t, "transports.proxyprotocol.listen=127.0.0.1:0")
	address, err := s.Listening(t.Context(), "transport.proxyprotocol")
	if err != nil {
		t.Fatal(err)
	}
	const v2 = "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\xc6\x33\x64\x01\xc6\x33\x64\x02\x04\xd2\x18\xeb"
	for header, want := range map[string]string{
		"PROXY TCP4 192.0.2.1 192.0.2.2 56324 6379\r\n": "addr=192.0.2.1:56324 laddr=192.0.2.2:6379 ",
		v2: "addr=198.51.100.1:1234 laddr=198.51.100.2:6379 ",
	} {
		c := newClient(t, &redis.Options{PoolSize: 1, Dialer: func(ctx context.Context, _, _ string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
			if err == nil {
				_, err = conn.Write([]byte(header))
			}
			return conn, err
		}})
		list, err := c.ClientList(t.Context()).Result()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(list, want) {
			t.Errorf("CLIENT LIST has no %q:\n%s", want, list)
		}
		value := strings.Repeat("v", 1<<20)
		if err := c.Set(t.Context(), "k", value, 0).Err(); err != nil {
			t.Fatal(err)
		}
		check(t, "GET", value)(c.Get(t.Context(), "k").Result())
	}
	// Who doesn't say whose the connection is, is not served.
	nc, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = nc.Close() }()
	_, _ = nc.Write([]byte("PING\r\nPING\r\n")) // it may be closed already
	if n, err := nc.Read(make([]byte, 1)); err == nil {
		t.Errorf("%d bytes of an answer", n)
	}
	s.MustStop(t)
}

func servesCommands(t *testing.T, start func(*testing.T, ...string) *harness.Server) {
	s := start(t)
	c := newClient(t, &redis.Options{Addr: s.TCP})
	do := func(args ...any) (any, error) { return c.Do(t.Context(), args...).Result() }
	check[any](t, "CAS", int64(-1))(do("CAS", "k", "1", "2"))
	check[any](t, "SET", "OK")(do("SET", "k", "1"))
	check[any](t, "CAS", int64(1))(do("CAS", "k", "1", "2"))
	check[any](t, "CAS", int64(0))(do("CAS", "k", "1", "3"))
	check[any](t, "SETMAX", int64(7))(do("SETMAX", "k", 7))
	check[any](t, "GET", "7")(do("GET", "k"))
	info, err := c.Command(t.Context()).Result()
	if err != nil {
		t.Fatal(err)
	}
	if cas := info["cas"]; cas == nil || cas.Arity != 4 || cas.FirstKeyPos != 1 || !slices.Contains(cas.Flags, "denyoom") {
		t.Errorf("COMMAND tells %+v of CAS", cas)
	}
	docs, err := c.Do(t.Context(), "COMMAND", "DOCS", "SETMAX").Result()
	if err != nil || !strings.Contains(fmt.Sprint(docs), "Set a key to a number, unless it has a larger one") {
		t.Errorf("COMMAND DOCS: %v, %v", docs, err)
	}
	s.MustStop(t)
}

// servesService looks at what a service may have beside its own life.
func servesService(t *testing.T, start func(*testing.T, ...string) *harness.Server) {
	s := start(t, "watermark.interval=1h")
	c := newClient(t, &redis.Options{Addr: s.TCP})
	check(t, "CONFIG GET", "3600000")(configValue(t, c, "watermark-interval"), nil)
	const size = 20 << 20
	if err := c.Set(t.Context(), "k", strings.Repeat("v", size), 0).Err(); err != nil {
		t.Fatal(err)
	}
	// It looks at once when it is told how often, and for so long there is the value.
	check(t, "CONFIG SET", "OK")(c.ConfigSet(t.Context(), "watermark-interval", "1").Result())
	highest := func() int {
		info, err := c.InfoMap(t.Context(), "memory").Result()
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.Atoi(info["Memory"]["used_memory_watermark"])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for deadline := time.Now().Add(harness.StartTimeout); highest() < size; {
		if time.Now().After(deadline) {
			t.Fatalf("the highest is %d, less than a value that is there", highest())
		}
	}
	if err := c.Del(t.Context(), "k").Err(); err != nil {
		t.Fatal(err)
	}
	if n := highest(); n < size {
		t.Errorf("the highest has become %d", n)
	}
	for page, want := range map[string]string{"/watermark": fmt.Sprintln(highest()), "/metrics": fmt.Sprintf("watermark_memory_bytes %d\n", highest())} {
		response, err := http.Get("http://" + s.Admin + page)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		if err := errors.Join(err, response.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), want) {
			t.Errorf("%s has no %s:\n%s", page, want, text)
		}
	}
	s.MustStop(t)
}

// servesBackend saves, loads again, and is refused what is damaged.
func servesBackend(t *testing.T, binary string, ids []string) {
	path := filepath.Join(t.TempDir(), "dump.jsonl")
	set := []string{"persistence.backend=jsonlines", "persistence.jsonlines.path=" + path}
	start := func(t *testing.T) (*harness.Server, *redis.Client) {
		s := harness.Custom(t, binary, harness.Options{Modules: ids, Set: set})
		return s, newClient(t, &redis.Options{Addr: s.TCP})
	}
	s, c := start(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	binaryValue := string([]byte{0, 255, '\n', '"'})
	must(c.Set(t.Context(), "s", binaryValue, time.Hour).Err())
	must(c.HSet(t.Context(), "h", "f", "1", "g", binaryValue).Err())
	must(c.HExpire(t.Context(), "h", time.Hour, "f").Err())
	must(c.Save(t.Context()).Err())
	s.MustStop(t)

	s, c = start(t)
	check(t, "GET", binaryValue)(c.Get(t.Context(), "s").Result())
	check(t, "HGET", binaryValue)(c.HGet(t.Context(), "h", "g").Result())
	if left, err := c.TTL(t.Context(), "s").Result(); err != nil || left <= 0 || left > time.Hour {
		t.Errorf("TTL %v, %v", left, err)
	}
	if left, err := c.HTTL(t.Context(), "h", "f").Result(); err != nil || left[0] <= 0 || left[0] > 3600 {
		t.Errorf("HTTL %v, %v", left, err)
	}
	s.MustStop(t)

	inspect, err := exec.CommandContext(t.Context(), binary, "snapshot", "inspect", path).CombinedOutput()
	if err != nil || !strings.Contains(string(inspect), "persistence.jsonlines") {
		t.Errorf("snapshot inspect: %v\n%s", err, inspect)
	}
	text, err := os.ReadFile(path)
	must(err)
	text[len(text)/2] ^= 1
	must(os.WriteFile(path, text, fs.FileMode(0o600)))
	damaged, err := harness.BeginRedistill(binary, harness.Options{Modules: ids, Set: set})
	must(err)
	defer func() { must(damaged.Kill()) }()
	if code, err := damaged.Wait(); err != nil || code != 1 {
		t.Errorf("with a damaged snapshot it ends with %d, %v", code, err)
	}
	if want := path + ": line "; !strings.Contains(damaged.Output(), want) || !strings.Contains(damaged.Output(), "restore it from a copy") {
		t.Errorf("it doesn't say what is damaged:\n%s", damaged.Output())
	}
}
