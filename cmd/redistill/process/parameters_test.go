package process

import (
	"fmt"
	"strings"
	"testing"

	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/server"
	"github.com/redistill-go/redistill/core/settings"
	"github.com/redistill-go/redistill/core/store"
)

// built parameters with what they change.
type parametersTest struct {
	fx.In

	Env    *command.Env
	Server *server.Server
	Store  *store.Store
}

func newParametersTest(t *testing.T) parametersTest {
	t.Helper()
	g, err := processGraph(loadFor(t, module.All(), "server.shards=4", "auth.password=secret"), module.All())
	if err != nil {
		t.Fatal(err)
	}
	var pt parametersTest
	if _, err := g.build(fx.Invoke(func(in parametersTest) { pt = in })); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pt.Store.Close(); err != nil {
			t.Error(err)
		}
	})
	return pt
}

func (pt parametersTest) get(name string) string {
	var got []string
	pt.Env.Config.Get(func(n string) bool { return n == name }, func(_, value string) { got = append(got, value) })
	return strings.Join(got, ",")
}

func TestParametersDefaults(t *testing.T) {
	pt := newParametersTest(t)
	var got []string
	pt.Env.Config.Get(func(string) bool { return true }, func(name, value string) { got = append(got, name+"="+value) })
	want := "appendonly=no client-output-buffer-limit=normal 268435456 0 0 slave 0 0 0 pubsub 33554432 8388608 60 cluster-enabled=no databases=1 enable-debug-command=no hash-max-listpack-entries=128 hash-max-listpack-value=9223372036854775807 " +
		"hash-max-ziplist-entries=128 hash-max-ziplist-value=9223372036854775807 latency-monitor-threshold=0 latency-tracking=yes " +
		"latency-tracking-info-percentiles=50 99 99.9 lfu-decay-time=1 lfu-log-factor=10 maxclients=10000 maxmemory=0 maxmemory-clients=0 maxmemory-policy=noeviction maxmemory-samples=5 notify-keyspace-events= port=0 " +
		"proto-max-bulk-len=536870912 replica-read-only=yes requirepass=secret sanitize-dump-payload=yes save= slowlog-log-slower-than=10000 slowlog-max-len=128 stop-writes-on-bgsave-error=no timeout=0 tracking-table-max-keys=1000000"
	if strings.Join(got, " ") != want {
		t.Errorf("parameters: %v", got)
	}
}

func TestParametersSet(t *testing.T) {
	pt := newParametersTest(t)
	err := pt.Env.Config.Set([][2]string{
		{"MaxMemory", "2gb"}, {"maxmemory-policy", "allkeys-LRU"}, {"maxclients", "7"}, {"timeout", "30"},
		{"requirepass", ""}, {"save", ""}, {"appendonly", "no"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"maxmemory": "2147483648", "maxmemory-policy": "allkeys-lru", "maxclients": "7", "timeout": "30", "requirepass": "", "save": "",
	} {
		if got := pt.get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if got := fmt.Sprint(pt.Store.Memory().Limit, pt.Server.MaxClients(), pt.Server.IdleTimeout(), pt.Env.Auth.Password() == ""); got != "2147483648 7 30s true" {
		t.Errorf("in force: %s", got)
	}
}

// A parameter of policies is told for the one in force and set for all.
func TestParametersOfPolicies(t *testing.T) {
	pt := newParametersTest(t)
	set := func(name, value string) {
		t.Helper()
		if err := pt.Env.Config.Set([][2]string{{name, value}}); err != nil {
			t.Fatal(err)
		}
	}
	samples := map[string]string{"allkeys-lru": "10", "allkeys-lfu": "5", "volatile-ttl": "5"}
	for policy, want := range samples {
		set("maxmemory-policy", policy)
		if got := pt.get("maxmemory-samples"); got != want {
			t.Errorf("%s: %s samples, want %s", policy, got, want)
		}
	}
	set("maxmemory-samples", "17")
	set("lfu-decay-time", "0")
	for policy := range samples {
		set("maxmemory-policy", policy)
		if got := pt.get("maxmemory-samples") + " " + pt.get("lfu-decay-time"); got != "17 0" {
			t.Errorf("%s: %s", policy, got)
		}
		if n := pt.Store.Policy().(eviction.Sampler).Samples(); n != 17 {
			t.Errorf("%s draws %d samples", policy, n)
		}
	}
}

// What fixed parameters are can be set, and the others have an effect.
func TestParametersThatHold(t *testing.T) {
	pt := newParametersTest(t)
	err := pt.Env.Config.Set([][2]string{
		{"notify-keyspace-events", ""}, {"sanitize-dump-payload", "yes"}, {"stop-writes-on-bgsave-error", "no"},
		{"hash-max-ziplist-entries", "512"}, {"hash-max-listpack-value", "1KB"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"hash-max-listpack-entries": "128", "hash-max-ziplist-entries": "128", "hash-max-listpack-value": "1024", "hash-max-ziplist-value": "1024",
	} {
		if got := pt.get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if fields, length := pt.Store.Packed(); fields != store.MostPacked || length != 1024 {
		t.Errorf("packed: %d fields, of %d bytes", fields, length)
	}
}

// Every parameter is described for the README.
func TestParametersAreDescribed(t *testing.T) {
	for row := range strings.Lines(newParametersTest(t).Env.Config.(*settings.Registry).Markdown()) {
		if cells := strings.Split(strings.TrimSpace(row), "|"); len(cells) != 5 || strings.TrimSpace(cells[3]) == "" {
			t.Errorf("%s has no description", row)
		}
	}
}

// What is refused changes nothing, neither itself nor what came with it. The
// texts are those of Redis.
func TestParametersRefuse(t *testing.T) {
	pt := newParametersTest(t)
	for _, tt := range []struct{ name, value, want string }{
		{"nope", "1", "ERR Unknown option or number of arguments for CONFIG SET - 'nope'"},
		{"maxmemory", "x", failed("maxmemory", "argument must be a memory value")},
		{"maxmemory", "16777216tb", failed("maxmemory", "argument must be a memory value")},
		{"maxmemory", "1 gb", failed("maxmemory", "argument must be a memory value")},
		{"hash-max-listpack-value", "8gbx", failed("hash-max-listpack-value", "argument must be a memory value")},
		{"hash-max-listpack-value", "8388608tb", failed("hash-max-listpack-value", "argument must be between 0 and 9223372036854775807 inclusive")},
		{"MAXMEMORY", "-1", failed("MAXMEMORY", "argument must be a memory value")},
		{"maxmemory-policy", "lru", failed("maxmemory-policy", "argument(s) must be one of the following: "+strings.Join(evictionNames(), ", "))},
		{"maxmemory-samples", "65", failed("maxmemory-samples", "argument must be between 1 and 64 inclusive")},
		{"maxclients", "0", failed("maxclients", "argument must be between 1 and 4294967295 inclusive")},
		{"maxclients", "many", failed("maxclients", "argument couldn't be parsed into an integer")},
		{"timeout", "-1", failed("timeout", "argument must be between 0 and 2147483647 inclusive")},
		{"databases", "16", failed("databases", "can't set immutable config")},
		{"appendonly", "yes", failed("appendonly", "can't set immutable config")},
		{"notify-keyspace-events", "Ex", failed("notify-keyspace-events", "can't set immutable config")},
		{"sanitize-dump-payload", "no", failed("sanitize-dump-payload", "can't set immutable config")},
		{"hz", "10", "ERR Unknown option or number of arguments for CONFIG SET - 'hz'"},
		{"list-max-listpack-size", "-2", "ERR Unknown option or number of arguments for CONFIG SET - 'list-max-listpack-size'"},
		{"zset-max-listpack-entries", "128", "ERR Unknown option or number of arguments for CONFIG SET - 'zset-max-listpack-entries'"},
		{"set-max-intset-entries", "512", "ERR Unknown option or number of arguments for CONFIG SET - 'set-max-intset-entries'"},
		{"lua-time-limit", "5000", "ERR Unknown option or number of arguments for CONFIG SET - 'lua-time-limit'"},
		{"hash-max-listpack-entries", "-1", failed("hash-max-listpack-entries", "argument must be between 0 and 9223372036854775807 inclusive")},
		{"timeout", "+1", failed("timeout", "argument couldn't be parsed into an integer")},
		{"requirepass", "again", failed("requirepass", "duplicate parameter")},
	} {
		err := pt.Env.Config.Set([][2]string{{"requirepass", "changed"}, {tt.name, tt.value}})
		if err == nil || err.Error() != tt.want {
			t.Errorf("CONFIG SET %s %s: %v, want %s", tt.name, tt.value, err, tt.want)
		}
		if got := pt.get("requirepass"); got != "secret" {
			t.Errorf("CONFIG SET %s %s changed the password to %q", tt.name, tt.value, got)
		}
	}
}

// evictionNames are the policies of this build.
func evictionNames() (names []string) {
	for _, d := range pick("eviction") {
		names = append(names, d.Name())
	}
	return names
}

func failed(name, why string) string {
	return fmt.Sprintf("ERR CONFIG SET failed (possibly related to argument '%s') - %s", name, why)
}
