package builtin

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/server"
	"github.com/redistill-go/redistill/core/settings"
	"github.com/redistill-go/redistill/core/stats"
	"github.com/redistill-go/redistill/core/store"
)

var _ command.Config = (*settings.Registry)(nil)

// Parameters are those that every server has, with the policies that it can choose
// from. fit is called when maxmemory has changed.
func Parameters(cfg *config.Config, env *command.Env, srv *server.Server, p Policies, fit func()) []settings.Parameter {
	eviction := cfg.Memory.Eviction
	list := []settings.Parameter{
		settings.Fixed("appendonly", "`no`: there is no append-only file", "no"),
		settings.Fixed("cluster-enabled", "`no`: there is no cluster", "no"),
		settings.Fixed("databases", "`1`: there is database 0", "1"),
		settings.Fixed("enable-debug-command", "`server.enable_debug_command`", cfg.Server.EnableDebug),
		{
			Name: "latency-monitor-threshold",
			Doc:  "milliseconds from which on LATENCY keeps a spike; 0: it keeps none",
			Get:  func() string { return thresholdIn(env.Stats.Latency.Threshold(), 0, time.Millisecond) },
			Set: settings.Integer(0, math.MaxInt64, func(n int) {
				env.Stats.Latency.SetThreshold(time.Duration(min(n, mostUnits)) * time.Millisecond)
			}),
		},
		settings.Fixed("latency-tracking", "`yes`: `LATENCY HISTOGRAM` always counts", "yes"),
		settings.Fixed("latency-tracking-info-percentiles", "`50 99 99.9`: what INFO latencystats tells", "50 99 99.9"),
		{
			Name: "maxclients",
			Doc:  "`server.max_clients`",
			Get:  func() string { return strconv.Itoa(srv.MaxClients()) },
			Set:  func(value string) (func(), error) { return maxClients(srv, value) },
		},
		{
			Name: "maxmemory",
			Doc:  "`memory.max`",
			Get:  func() string { return strconv.FormatInt(env.Store.Memory().Limit, 10) },
			Set: func(value string) (func(), error) {
				n, ok := settings.ParseBytes(value)
				if !ok || n > math.MaxInt64 {
					return nil, settings.ErrNotBytes
				}
				return func() {
					env.Store.SetMaxMemory(int64(n))
					fit()
				}, nil
			},
		},
		{
			Name: "maxmemory-policy",
			Doc:  "`memory.eviction`",
			Get:  func() string { return eviction },
			Set: func(value string) (func(), error) {
				name := strings.ToLower(value)
				policy, ok := p.Find(name)
				if !ok {
					return nil, errors.New("argument(s) must be one of the following: " + strings.Join(p.Names(), ", "))
				}
				return func() {
					eviction = name
					env.Store.SetPolicy(policy)
				}, nil
			},
		},
		{Name: "port", Doc: "the port of the TCP listener; of several, of the first in the configuration", Get: func() string { return strconv.Itoa(env.Port()) }},
		settings.Fixed("proto-max-bulk-len", "`server.max_bulk_length`", strconv.FormatInt(int64(cfg.Server.MaxBulkLength), 10)),
		settings.Fixed("notify-keyspace-events", "empty: nothing is published about keys", ""),
		settings.Fixed("replica-read-only", "`yes`, as clients that look for a master expect; there are no replicas", "yes"),
		{
			Name: "requirepass",
			Doc:  "`auth.password`",
			Get:  env.Auth.Password,
			Set: func(value string) (func(), error) {
				var wrong *config.FieldError
				if errors.As(config.CheckPassword("requirepass", value, cfg.Server.MaxBulkLength), &wrong) {
					return nil, errors.New(wrong.Problem)
				}
				return func() { env.Auth.SetPassword(value) }, nil
			},
		},
		settings.Fixed("sanitize-dump-payload", "`yes`: RESTORE looks through all that it is given", "yes"),
		settings.Fixed("save", "empty: `persistence.interval` says when snapshots are taken", ""),
		{
			Name: "slowlog-log-slower-than",
			Doc:  "microseconds from which on the slow log keeps a command; -1: it keeps none",
			Get:  func() string { return thresholdIn(env.Stats.Slowlog.Threshold(), -1, time.Microsecond) },
			Set: settings.Integer(-1, math.MaxInt64, func(n int) {
				d := time.Duration(min(n, mostUnits)) * time.Microsecond
				if n < 0 {
					d = stats.Never
				}
				env.Stats.Slowlog.SetThreshold(d)
			}),
		},
		{
			Name: "slowlog-max-len",
			Doc:  "entries that the slow log keeps, of up to 4 MiB together",
			Get:  func() string { return strconv.Itoa(env.Stats.Slowlog.Most()) },
			Set:  settings.Integer(0, math.MaxInt64, func(n int) { env.Stats.Slowlog.SetMost(n) }),
		},
		settings.Fixed("stop-writes-on-bgsave-error", "`no`: writes go on when a snapshot fails", "no"),
		{
			Name: "timeout",
			Doc:  "`server.idle_timeout`, in seconds",
			Get:  func() string { return strconv.FormatInt(int64(srv.IdleTimeout()/time.Second), 10) },
			Set:  settings.Integer(0, math.MaxInt32, func(n int) { srv.SetIdleTimeout(time.Duration(n) * time.Second) }),
		},
		{
			Name: "tracking-table-max-keys",
			Doc:  "keys that are remembered for client-side caching; they take a quarter of `server.client_memory` at most",
			Get:  func() string { return strconv.FormatInt(env.Tracking.MaxKeys(), 10) },
			Set:  settings.Integer(0, math.MaxInt64, func(n int) { env.Tracking.SetMaxKeys(int64(n)) }),
		},
	}
	list = append(list, p.parameters(env.Store)...)
	return append(list, packedParameters(env.Store)...)
}

// packedParameters bound the hashes that are kept as one block, under the names
// that they have had in Redis since 7.0 and before.
func packedParameters(st *store.Store) []settings.Parameter {
	fields := func() int64 { n, _ := st.Packed(); return n }
	length := func() int64 { _, n := st.Packed(); return n }
	number := func(name, doc string, get func() int64, set func(string) (func(), error)) settings.Parameter {
		return settings.Parameter{Name: name, Doc: doc, Get: func() string { return strconv.FormatInt(get(), 10) }, Set: set}
	}
	setFields := settings.Integer(0, math.MaxInt64, func(n int) { st.SetPacked(int64(n), length()) })
	setLength := settings.Bytes(func(n int64) { st.SetPacked(fields(), n) })
	return []settings.Parameter{
		number("hash-max-listpack-entries",
			fmt.Sprintf("most fields of a hash that is kept as one block, which takes the least memory; %d, and 8 KiB, at the most", store.MostPacked), fields, setFields),
		number("hash-max-listpack-value", "longest field or value in such a hash, in bytes", length, setLength),
		number("hash-max-ziplist-entries", "the same as `hash-max-listpack-entries`", fields, setFields),
		number("hash-max-ziplist-value", "the same as `hash-max-listpack-value`", length, setLength),
	}
}

// mostUnits is how many milliseconds a time.Duration can hold.
const mostUnits = math.MaxInt64 / int(time.Millisecond)

// thresholdIn is a threshold in the given unit, or what stands for none.
func thresholdIn(d time.Duration, never int64, unit time.Duration) string {
	if d != stats.Never {
		never = int64(d / unit)
	}
	return strconv.FormatInt(never, 10)
}

// maxClients judges a limit of clients, which there must be descriptors for.
func maxClients(srv *server.Server, value string) (apply func(), err error) {
	n := 0
	parsed, err := settings.Integer(1, math.MaxUint32, func(to int) { n = to })(value)
	if err != nil {
		return nil, err
	}
	if parsed(); n > srv.MostClients() {
		text := "The operating system is not able to handle the specified number of clients, try with "
		return nil, errors.New(text + strconv.Itoa(srv.MostClients()))
	}
	return func() { srv.SetMaxClients(n) }, nil
}
