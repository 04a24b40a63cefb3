package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/module"
)

// The modules of the tests: what they own looks like the real ones.

type tcp struct {
	Listen    string          `toml:"listen" doc:"address"`
	KeepAlive config.Duration `toml:"keepalive" doc:"probe interval"`
	NoDelay   bool            `toml:"nodelay" doc:"send at once"`
}

func (c *tcp) Binds() []config.Bind {
	if c.Listen == "" {
		return nil
	}
	return []config.Bind{{Key: "listen", Address: c.Listen, Network: "tcp4", Bound: c.Listen}}
}

func (c *tcp) Validate() error {
	if strings.HasSuffix(c.Listen, ":99999") {
		return errors.Join(
			&config.FieldError{Key: "listen", Problem: "port 99999 is not in the range 0 to 65535", Fix: "use host:port"},
			fmt.Errorf("something else"))
	}
	return nil
}

type file struct {
	Path string `toml:"path" doc:"snapshot file"`
}

type lru struct {
	Samples      uint8   `toml:"samples" doc:"entries drawn"`
	ReadSampling float64 `toml:"read_sampling" doc:"share of reads"`
}

type admin struct {
	Listen string `toml:"listen" doc:"address"`
}

func fakes() []module.Descriptor {
	return []module.Descriptor{
		{ID: "admin.http", Doc: "health and metrics", Section: "admin", NewConfig: func() any { return &admin{"127.0.0.1:9121"} }},
		{ID: "eviction.allkeys-lru", Doc: "least recent first", Section: "eviction.allkeys_lru", NewConfig: func() any { return &lru{Samples: 5, ReadSampling: 0.1} }},
		{ID: "eviction.noeviction", Doc: "refuse"},
		{ID: "persistence.file", Doc: "a file", Section: "persistence.file", NewConfig: func() any { return &file{"dump.rdb"} }},
		{ID: "transport.tcp", Doc: "TCP", Section: "transports.tcp", Several: true, NewConfig: func() any { return &tcp{"127.0.0.1:6379", config.Duration(300 * time.Second), true} }},
	}
}

var known = []config.Known{
	{ID: "admin.http", Tag: "admin.http", Section: "admin", Switch: "listen", Default: "127.0.0.1:9121"},
	{ID: "eviction.allkeys-lru", Tag: "eviction.allkeys_lru", Section: "eviction.allkeys_lru"},
	{ID: "eviction.allkeys-random", Tag: "eviction.allkeys_random"},
	{ID: "eviction.noeviction", Tag: "eviction.noeviction"},
	{ID: "persistence.file", Tag: "persistence.file", Section: "persistence.file"},
	{ID: "persistence.pebble", Tag: "persistence.pebble", Section: "persistence.pebble"},
	{ID: "transport.tcp", Tag: "transport.tcp", Section: "transports.tcp", Switch: "listen", Default: "127.0.0.1:6379"},
	{ID: "transport.tls", Tag: "transport.tls", Section: "transports.tls", Switch: "listen"},
}

func source(t *testing.T, toml string) config.Source {
	src := config.Source{Modules: fakes(), Known: known}
	if toml != "" {
		src.File = filepath.Join(t.TempDir(), "redistill.toml")
		if err := os.WriteFile(src.File, []byte(toml), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return src
}

func load(t *testing.T, src config.Source) *config.Config {
	t.Helper()
	c, err := config.Load(src)
	if err != nil {
		t.Fatalf("unexpected problems:\n%v", err)
	}
	return c
}

func TestDefaults(t *testing.T) {
	c := load(t, source(t, ""))
	want := config.Server{MaxClients: 10000, AuthTimeout: config.Duration(10 * time.Second), ShutdownGrace: config.Duration(10 * time.Second), MaxBulkLength: 512 << 20, ClientMemory: config.AutoClientMemory, OutputBufferLimit: config.OutputLimit{Hard: 256 << 20}, PubsubOutputBufferLimit: config.OutputLimit{Hard: 32 << 20, Soft: 8 << 20, For: config.Duration(time.Minute)}, EnableDebug: "no"}
	if c.Server != want {
		t.Errorf("server = %+v, want %+v", c.Server, want)
	}
	if c.Memory != (config.Memory{Eviction: "noeviction"}) || c.Auth != (config.Auth{}) {
		t.Errorf("memory = %+v, auth = %+v", c.Memory, c.Auth)
	}
	if c.Persistence != (config.Persistence{Backend: "none", SaveOnShutdown: true}) || c.Log != (config.Log{Level: "info", Format: "text"}) {
		t.Errorf("persistence = %+v, log = %+v", c.Persistence, c.Log)
	}
	if got := c.Module("transport.tcp").(*tcp); got.Listen != "127.0.0.1:6379" || !got.NoDelay {
		t.Errorf("transport.tcp = %+v", got)
	}
	if got := c.Module("eviction.noeviction"); got != nil {
		t.Errorf("a module without a section has config %v", got)
	}
}

func TestFileSetsEveryType(t *testing.T) {
	c := load(t, source(t, `
memory = { max = "2gb", eviction = "allkeys-lru" }
[transports]
tcp = { listen = "0.0.0.0:7000", keepalive = 60, nodelay = false }
[eviction.allkeys_lru]
samples = 0x10
read_sampling = 0.25
[persistence]
backend = "file"
interval = "5m"
file.path = 'C:\dump.rdb'
[server]
max_clients = 1_000
shards = 2048
output_buffer_limit = 1048576
`[1:]))
	if c.Server.MaxClients != 1000 || c.Server.Shards != 2048 || c.Server.OutputBufferLimit != (config.OutputLimit{Hard: 1 << 20}) {
		t.Errorf("server = %+v", c.Server)
	}
	if c.Memory != (config.Memory{Max: 2 << 30, Eviction: "allkeys-lru"}) {
		t.Errorf("memory = %+v", c.Memory)
	}
	if got := c.Module("transport.tcp"); !reflect.DeepEqual(got, &tcp{"0.0.0.0:7000", config.Duration(time.Minute), false}) {
		t.Errorf("transport.tcp = %+v", got)
	}
	if got := c.Module("eviction.allkeys-lru"); !reflect.DeepEqual(got, &lru{Samples: 16, ReadSampling: 0.25}) {
		t.Errorf("eviction.allkeys-lru = %+v", got)
	}
	if got := c.Module("persistence.file").(*file).Path; got != `C:\dump.rdb` {
		t.Errorf("persistence.file.path = %q", got)
	}
	if c.Persistence.Interval.Std() != 5*time.Minute {
		t.Errorf("persistence = %+v", c.Persistence)
	}
}

func TestLaterLayersWin(t *testing.T) {
	src := source(t, "[memory]\nmax = \"1gb\"\n[server]\nmax_clients = 1\nshards = 1\n[log]\nlevel = \"warn\"\n")
	src.Environ = []string{"REDIS_MAX_MEMORY=2gb", "REDISTILL_MEMORY_MAX=3gb", "REDISTILL_SERVER_SHARDS=2", "REDIS_MAX_CONNECTIONS=2"}
	src.Set = []string{"memory.max=4gb", "server.shards = 4", "server.shards=8"}
	c := load(t, src)
	if c.Memory.Max != 4<<30 || c.Server.MaxClients != 2 || c.Server.Shards != 8 || c.Log.Level != "warn" {
		t.Errorf("memory = %+v, server = %+v, log = %+v", c.Memory, c.Server, c.Log)
	}
	src.Set = nil
	if c := load(t, src); c.Memory.Max != 3<<30 {
		t.Errorf("memory.max = %v, want REDISTILL_MEMORY_MAX over REDIS_MAX_MEMORY", c.Memory.Max)
	}
}

func TestFileFromEnvironment(t *testing.T) {
	src := source(t, "[memory]\nmax = 1\n")
	src.Environ = []string{"REDISTILL_CONFIG=" + src.File}
	src.File = ""
	if c := load(t, src); c.Memory.Max != 1 {
		t.Errorf("memory.max = %v, want 1 from the file in REDISTILL_CONFIG", c.Memory.Max)
	}
}

// The reference is a config file that says nothing new.
func TestReferenceLoadsAsTheDefaults(t *testing.T) {
	reference := config.Reference(fakes())
	src := source(t, reference)
	got := load(t, src)
	if got.File() != src.File {
		t.Errorf("File = %q, want %q", got.File(), src.File)
	}
	if err := os.WriteFile(src.File, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	got = got.WithoutLines()
	if want := load(t, src).WithoutLines(); !reflect.DeepEqual(got, want) {
		t.Errorf("the reference loads as %+v, want %+v", got, want)
	}
	for _, line := range []string{
		"[transports.tcp]", "# module transport.tcp: TCP", `max_bulk_length = "512mb"`, `keepalive = "5m"`,
		"nodelay = true", "# probe interval", `idle_timeout = "0"`,
	} {
		if !strings.Contains(reference, line+"\n") {
			t.Errorf("the reference has no line %q", line)
		}
	}
}

func TestBadSectionPanicsWithTheModule(t *testing.T) {
	for name, d := range map[string]module.Descriptor{
		"no pointer": {ID: "x.bad", Section: "x", NewConfig: func() any { return admin{} }},
		"no struct":  {ID: "x.bad", Section: "x", NewConfig: func() any { return new(int) }},
		"bad type": {ID: "x.bad", Section: "x", NewConfig: func() any {
			return &struct {
				C chan int `toml:"c"`
			}{}
		}},
		"taken section": {ID: "x.bad", Section: "memory", NewConfig: func() any { return &admin{} }},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if r := fmt.Sprint(recover()); !strings.Contains(r, "x.bad") {
					t.Errorf("panic %q does not name the module", r)
				}
			}()
			_, err := config.Load(config.Source{Modules: []module.Descriptor{d}})
			t.Errorf("no panic; error %v", err)
		})
	}
}
