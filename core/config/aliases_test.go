package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/config"
)

func TestAliases(t *testing.T) {
	listen := func(c *config.Config) any { return c.Module("transport.tcp").(*tcp).Listen }
	health := func(c *config.Config) any { return c.Module("admin.http").(*admin).Listen }
	for _, tt := range []struct {
		env  string
		got  func(*config.Config) any
		want any
	}{
		{"REDIS_PORT=7000", listen, "127.0.0.1:7000"},
		{"REDIS_BIND=0.0.0.0", listen, "0.0.0.0:6379"},
		{"REDIS_BIND=::1 REDIS_PORT=7000", listen, "[::1]:7000"},
		{"REDIS_PORT=tcp://10.0.0.1:6379", listen, "127.0.0.1:6379"},
		{"REDIS_PORT=tcp://10.0.0.1:6379 REDIS_BIND=0.0.0.0", listen, "0.0.0.0:6379"},
		{"REDIS_PORT=7000 REDISTILL_TRANSPORTS_TCP_LISTEN=0.0.0.0:1", listen, "0.0.0.0:1"},
		{"REDIS_PASSWORD=se=cret", func(c *config.Config) any { return c.Auth.Password }, "se=cret"},
		{"REDIS_PASSWORD=", func(c *config.Config) any { return c.Auth.Password }, ""},
		{"REDIS_MAX_MEMORY=1073741824", func(c *config.Config) any { return c.Memory.Max }, config.Size(1 << 30)},
		{"REDIS_EVICTION_POLICY=AllKeys-LRU", func(c *config.Config) any { return c.Memory.Eviction }, "allkeys-lru"},
		{"REDIS_MAX_CONNECTIONS=5", func(c *config.Config) any { return c.Server.MaxClients }, 5},
		{"REDIS_NUM_SHARDS=2048", func(c *config.Config) any { return c.Server.Shards }, 2048},
		{"REDIS_NUM_SHARDS=1000", func(c *config.Config) any { return c.Server.Shards }, 1024},
		{"REDIS_NUM_SHARDS=1", func(c *config.Config) any { return c.Server.Shards }, 1},
		{"REDIS_NUM_SHARDS=65535", func(c *config.Config) any { return c.Server.Shards }, 65536},
		{"REDIS_NUM_SHARDS=65536", func(c *config.Config) any { return c.Server.Shards }, 65536},
		{"REDIS_HEALTH_CHECK_PORT=8080", health, "127.0.0.1:8080"},
		{"REDIS_HEALTH_CHECK_PORT=8080 REDIS_BIND=0.0.0.0", health, "0.0.0.0:8080"},
		{"REDIS_HEALTH_CHECK_PORT=0", health, ""},
		{"REDIS_PERSISTENCE_ENABLED=true", func(c *config.Config) any { return c.Persistence.Backend }, "file"},
		{"REDIS_PERSISTENCE_ENABLED=false", func(c *config.Config) any { return c.Persistence.Backend }, "none"},
		{"REDIS_SNAPSHOT_PATH=/data/x.rdb", func(c *config.Config) any { return c.Module("persistence.file").(*file).Path }, "/data/x.rdb"},
		{"REDIS_SNAPSHOT_INTERVAL=300", func(c *config.Config) any { return c.Persistence.Interval.Std() }, 5 * time.Minute},
		{"REDIS_SAVE_ON_SHUTDOWN=false", func(c *config.Config) any { return c.Persistence.SaveOnShutdown }, false},
		{"REDIS_SHUTDOWN_GRACE_SECS=3", func(c *config.Config) any { return c.Server.ShutdownGrace.Std() }, 3 * time.Second},
		{"REDIS_TCP_NODELAY=0", func(c *config.Config) any { return c.Module("transport.tcp").(*tcp).NoDelay }, false},
		{"REDIS_TCP_KEEPALIVE=60", func(c *config.Config) any { return c.Module("transport.tcp").(*tcp).KeepAlive.Std() }, time.Minute},
	} {
		src := source(t, "")
		src.Environ = strings.Fields(tt.env)
		if got := tt.got(load(t, src)); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.env, got, tt.want)
		}
	}
}

// REDIS_PORT changes the port of the file's address and leaves its host.
func TestPortCombinesWithTheFile(t *testing.T) {
	for listen, want := range map[string]string{"0.0.0.0:1": "0.0.0.0:7000", "": "127.0.0.1:7000", "[::]:2": "[::]:7000"} {
		src := source(t, "[transports.tcp]\nlisten = \""+listen+"\"\n")
		src.Environ = []string{"REDIS_PORT=7000"}
		if got := load(t, src).Module("transport.tcp").(*tcp).Listen; got != want {
			t.Errorf("listen %q with REDIS_PORT=7000: %q, want %q", listen, got, want)
		}
	}
}

func TestAliasTableHasEveryName(t *testing.T) {
	table := config.AliasTable()
	for _, name := range strings.Fields(`REDIS_PORT REDIS_BIND REDIS_PASSWORD REDIS_MAX_MEMORY
		REDIS_EVICTION_POLICY REDIS_MAX_CONNECTIONS REDIS_NUM_SHARDS REDIS_HEALTH_CHECK_PORT
		REDIS_PERSISTENCE_ENABLED REDIS_SNAPSHOT_PATH REDIS_SNAPSHOT_INTERVAL REDIS_SAVE_ON_SHUTDOWN
		REDIS_SHUTDOWN_GRACE_SECS REDIS_TCP_NODELAY REDIS_TCP_KEEPALIVE`) {
		if strings.Count(table, "`"+name+"`") != 1 {
			t.Errorf("%s is not in the table once:\n%s", name, table)
		}
	}
}

// What orchestrators inject beside a service called redistill is no mistake.
func TestServiceLinksAreIgnored(t *testing.T) {
	src := source(t, "")
	src.Environ = []string{
		"REDISTILL_SERVICE_HOST=10.0.0.1", "REDISTILL_SERVICE_PORT=6379", "REDISTILL_SERVICE_PORT_ADMIN=9121",
		"REDISTILL_PORT=tcp://10.0.0.1:6379", "REDISTILL_PORT_6379_TCP=tcp://10.0.0.1:6379",
		"REDISTILL_PORT_6379_TCP_ADDR=10.0.0.1", "REDISTILL_PORT_6379_TCP_PROTO=tcp", "REDISTILL_MAIN_SERVICE_HOST=10.0.0.1",
	}
	if got := load(t, src).Module("transport.tcp").(*tcp).Listen; got != "127.0.0.1:6379" {
		t.Errorf("listen = %q", got)
	}
}
