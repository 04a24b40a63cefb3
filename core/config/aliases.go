package config

import (
	"math/bits"
	"net"
	"strconv"
	"strings"
)

// Alias is an environment variable of the original Redistill that works here
// unchanged. An alias with an empty value counts as not set.
type Alias struct {
	Name string // as in "REDIS_PORT"
	Key  string // the key it sets, as in "transports.tcp.listen"
	Doc  string // how the value maps to the key; empty: as it is

	convert func(env environ, current string) string
}

// Aliases is the table of the REDIS_* environment variables.
var Aliases = []Alias{
	{"REDIS_BIND", tcpListen, "the host of the listen address", bindAddress},
	{"REDIS_PORT", tcpListen, "the port of the listen address", bindAddress},
	{"REDIS_PASSWORD", "auth.password", "", nil},
	{"REDIS_MAX_MEMORY", "memory.max", "", nil},
	{"REDIS_EVICTION_POLICY", "memory.eviction", "in any case", lower("REDIS_EVICTION_POLICY")},
	{"REDIS_MAX_CONNECTIONS", "server.max_clients", "", nil},
	{"REDIS_NUM_SHARDS", "server.shards", "rounded up to a power of two", shards},
	{"REDIS_HEALTH_CHECK_PORT", "admin.listen", "a port on the host in REDIS_BIND, else on 127.0.0.1; 0: no admin endpoint", adminAddress},
	{"REDIS_PERSISTENCE_ENABLED", "persistence.backend", "true: `file`, false: `none`", backend},
	{"REDIS_SNAPSHOT_PATH", "persistence.file.path", "", nil},
	{"REDIS_SNAPSHOT_INTERVAL", "persistence.interval", "in seconds", nil},
	{"REDIS_SAVE_ON_SHUTDOWN", "persistence.save_on_shutdown", "", nil},
	{"REDIS_SHUTDOWN_GRACE_SECS", "server.shutdown_grace", "in seconds", nil},
	{"REDIS_TCP_NODELAY", "transports.tcp.nodelay", "", nil},
	{"REDIS_TCP_KEEPALIVE", "transports.tcp.keepalive", "in seconds", nil},
}

const tcpListen = "transports.tcp.listen"

func (l *loader) loadAliases(env environ) {
	for _, a := range Aliases {
		v := env.get(a.Name)
		if v == "" || isServiceLink(a.Name, v) {
			continue
		}
		if a.convert != nil {
			v = a.convert(env, l.current(a.Key))
		}
		l.set(place{layer: layerEnv, name: "env " + a.Name}, a.Key, text(v))
	}
}

// isServiceLink recognises the REDIS_PORT=tcp://10.0.0.1:6379 that Kubernetes
// gives to every container beside a service called redis.
func isServiceLink(name, v string) bool {
	return name == "REDIS_PORT" && strings.HasPrefix(v, "tcp://")
}

// current is the value that a string key has so far.
func (l *loader) current(key string) string {
	name, last := splitKey(key)
	if sec := l.schema.section(name); sec != nil {
		if f, ok := sec.field(last); ok {
			return f.value.String()
		}
	}
	return ""
}

// bindAddress puts the host and the port that are given over those of the
// address so far.
func bindAddress(env environ, current string) string {
	host, port, err := net.SplitHostPort(current)
	if err != nil {
		host, port = "127.0.0.1", "6379"
	}
	if p := env.get("REDIS_PORT"); !isServiceLink("REDIS_PORT", p) {
		port = orElse(p, port)
	}
	return net.JoinHostPort(orElse(env.get("REDIS_BIND"), host), port)
}

func adminAddress(env environ, _ string) string {
	port := env.get("REDIS_HEALTH_CHECK_PORT")
	if port == "0" {
		return ""
	}
	return net.JoinHostPort(orElse(env.get("REDIS_BIND"), "127.0.0.1"), port)
}

func lower(name string) func(environ, string) string {
	return func(env environ, _ string) string { return strings.ToLower(env.get(name)) }
}

// shards rounds up, since any number of shards was allowed there.
func shards(env environ, _ string) string {
	v := env.get("REDIS_NUM_SHARDS")
	n, err := strconv.ParseUint(v, 10, 16)
	if err != nil || n == 0 {
		return v
	}
	return strconv.Itoa(1 << bits.Len64(n-1))
}

func backend(env environ, _ string) string {
	v := env.get("REDIS_PERSISTENCE_ENABLED")
	switch on, err := parseBool(v); {
	case err != nil:
		return v
	case on:
		return "file"
	default:
		return NoBackend
	}
}
