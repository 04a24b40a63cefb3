package config_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/module"
)

// small is the source of a build that has TCP alone.
func small(t *testing.T, toml string) config.Source {
	src := source(t, toml)
	src.Modules = slices.DeleteFunc(src.Modules, func(d module.Descriptor) bool { return d.ID != "transport.tcp" })
	return src
}

// What a full build prints loads in a small one, and says what has no effect there.
func TestReferenceOfAFullBuildLoadsInASmallOne(t *testing.T) {
	src := small(t, config.Reference(fakes()))
	c := load(t, src)
	var got []string
	for _, i := range c.Ignored() {
		if !strings.HasPrefix(i.Place, src.File+":") {
			t.Errorf("%s is at %s", i.Section, i.Place)
		}
		got = append(got, i.Section+" "+i.Module)
	}
	want := []string{"admin admin.http", "eviction.allkeys_lru eviction.allkeys-lru", "persistence.file persistence.file"}
	if !slices.Equal(got, want) {
		t.Errorf("ignored %q, want %q", got, want)
	}
	if load(t, small(t, "")).Ignored() != nil {
		t.Error("an empty configuration has sections that are ignored")
	}
}

// Only what asks for something stops a small build, and what counts is the last layer's
// word.
func TestWhatASmallBuildIgnores(t *testing.T) {
	for name, tt := range map[string]struct {
		file, env, set string
		ignored        string // sections
		problem        string
	}{
		"settings of a policy that is not chosen": {file: "[eviction.allkeys_lru]\nsamples = 9", ignored: "eviction.allkeys_lru"},
		"a part that is off":                      {file: "[transports.tls]\nlisten = ''\ncert = 'x'", ignored: "transports.tls"},
		"a part that is on":                       {file: "[transports.tls]\nlisten = ':1'", problem: "redistill.toml:2: transports.tls: "},
		"a part that is on by default":            {file: "[admin]\nlisten = '127.0.0.1:9121'", ignored: "admin"},
		"elsewhere than by default":               {file: "[admin]\nlisten = '127.0.0.1:9122'", problem: "redistill.toml:2: admin: "},
		"switched off by the environment":         {file: "[transports.tls]\nlisten = ':1'", env: "REDISTILL_TRANSPORTS_TLS_LISTEN=", ignored: "transports.tls"},
		"switched on by the environment":          {file: "[transports.tls]\nlisten = ''", env: "REDISTILL_TRANSPORTS_TLS_LISTEN=:1", problem: "env REDISTILL_TRANSPORTS_TLS_LISTEN: transports.tls: "},
		"switched on by an old name":              {env: "REDIS_HEALTH_CHECK_PORT=9122", problem: "env REDIS_HEALTH_CHECK_PORT: admin: "},
		"switched off by an old name":             {env: "REDIS_HEALTH_CHECK_PORT=0", ignored: "admin"},
		"switched on by the command line":         {set: "transports.tls.listen=:1", problem: "--set: transports.tls: "},
		"one of several":                          {set: "transports.tls.2.listen=:1", problem: "--set: transports.tls.2: "},
		"a section that is a value":               {set: "transports.tls=:1", problem: "--set: transports.tls: is a section"},
		"settings of a backend":                   {env: "REDIS_SNAPSHOT_PATH=x", set: "persistence.pebble.dir=x", ignored: "persistence.file persistence.pebble"},
	} {
		t.Run(name, func(t *testing.T) {
			src := small(t, tt.file)
			src.Environ = []string{tt.env}
			if tt.set != "" {
				src.Set = []string{tt.set}
			}
			c, err := config.Load(src)
			if tt.problem != "" {
				if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), tt.problem) {
					t.Errorf("error %v\nwant  %s", err, tt.problem)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var ignored []string
			for _, i := range c.Ignored() {
				ignored = append(ignored, i.Section)
			}
			if got := strings.Join(ignored, " "); got != tt.ignored {
				t.Errorf("ignored %q, want %q", got, tt.ignored)
			}
		})
	}
}

// The command builds what there is and what is missing, all of it, modules from
// elsewhere included.
func TestBuildCommand(t *testing.T) {
	src := small(t, "[memory]\neviction = 'allkeys-random'\n[persistence]\nbackend = 'pebbel'\n[admin]\nlisten = ':1'")
	src.Modules = append(src.Modules,
		module.Descriptor{ID: "eviction.mine", Package: "example.org/mine"},
		module.Descriptor{ID: "transport.tls", Section: "transports.tls", NewConfig: func() any { return &tcp{} }, Package: "example.org/tls"},
		module.Descriptor{ID: "eviction.mine-too", Package: "example.org/mine"},
		module.Descriptor{ID: "commands.other", Package: "example.org/other/commands"},
	)
	src.Foreign = map[string]string{"example.org/mine": "example.org/mine@v1.2.3", "example.org/tls": "example.org/tls=/src/tls"}
	_, err := config.Load(src)
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Fatalf("error %v", err)
	}
	const want = "redistill-build --only admin.http,eviction.allkeys-random,persistence.pebble,transport.tcp" +
		" --with example.org/mine@v1.2.3 --with example.org/other/commands@latest --with example.org/tls=/src/tls"
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if !strings.HasSuffix(line, "rebuild with "+want) {
			t.Errorf("%s\nwant at its end %s", line, want)
		}
	}
	src = small(t, "")
	if got, want := load(t, src).BuildCommand("transport.tls"), "redistill-build --only transport"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestNearestModule(t *testing.T) {
	names := []string{"eviction", "eviction.allkeys-lfu", "eviction.allkeys-lru", "eviction.volatile-lru", "persistence.file", "persistence.pebble", "transport.tcp", "transports.unix"}
	for in, want := range map[string]string{
		"eviction.lru": "eviction.allkeys-lru", "lru": "eviction.allkeys-lru", "LRU": "eviction.allkeys-lru", "volatile_lru": "eviction.volatile-lru",
		"pebble": "persistence.pebble", "pebbel": "persistence.pebble", "persistence.pebbel": "persistence.pebble", "tcp": "transport.tcp",
		"transport.tpc": "transport.tcp", "transport.unix": "transports.unix", "evictoin.lur": "eviction.allkeys-lru",
		"": "", ".": "", "x": "", "frobnicate": "", strings.Repeat("lru.", 100): "",
	} {
		if got, ok := config.NearestModule(in, names); got != want || ok != (want != "") {
			t.Errorf("NearestModule(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
}
