package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/server"
	"github.com/redistill-go/redistill/core/stats"
	"github.com/redistill-go/redistill/core/store"
)

func newParameters(cfg *config.Config, env *command.Env, srv *server.Server, p policies) *parameters {
	fixed := func(name, doc, value string) parameter {
		return parameter{name: name, doc: doc, get: func() string { return value }}
	}
	eviction := cfg.Memory.Eviction
	clients := newClientLimits(&cfg.Server, env.Store, srv, env.Tracking)
	ps := &parameters{}
	ps.list = []parameter{
		fixed("appendonly", "`no`: there is no append-only file", "no"),
		fixed("cluster-enabled", "`no`: there is no cluster", "no"),
		fixed("databases", "`1`: there is database 0", "1"),
		fixed("enable-debug-command", "`server.enable_debug_command`", cfg.Server.EnableDebug),
		{
			name: "latency-monitor-threshold",
			doc:  "milliseconds from which on LATENCY keeps a spike; 0: it keeps none",
			get:  func() string { return thresholdIn(env.Stats.Latency.Threshold(), 0, time.Millisecond) },
			set: integer(0, math.MaxInt64, func(n int) {
				env.Stats.Latency.SetThreshold(time.Duration(min(n, mostUnits)) * time.Millisecond)
			}),
		},
		fixed("latency-tracking", "`yes`: `LATENCY HISTOGRAM` always counts", "yes"),
		fixed("latency-tracking-info-percentiles", "`50 99 99.9`: what INFO latencystats tells", "50 99 99.9"),
		{
			name: "maxclients",
			doc:  "`server.max_clients`",
			get:  func() string { return strconv.Itoa(srv.MaxClients()) },
			set:  func(value string) (func(), error) { return maxClients(srv, value) },
		},
		{
			name: "maxmemory",
			doc:  "`memory.max`",
			get:  func() string { return strconv.FormatInt(env.Store.Memory().Limit, 10) },
			set: func(value string) (func(), error) {
				n, ok := memoryValue(value)
				if !ok || n > math.MaxInt64 {
					return nil, errNotMemory
				}
				return func() {
					env.Store.SetMaxMemory(int64(n))
					clients.apply()
				}, nil
			},
		},
		{
			name: "maxmemory-policy",
			doc:  "`memory.eviction`",
			get:  func() string { return eviction },
			set: func(value string) (func(), error) {
				name := strings.ToLower(value)
				policy, ok := p.find(name)
				if !ok {
					return nil, errors.New("argument(s) must be one of the following: " + strings.Join(p.names(), ", "))
				}
				return func() {
					eviction = name
					env.Store.SetPolicy(policy)
				}, nil
			},
		},
		{name: "port", doc: "the port of the TCP listener", get: func() string { return strconv.Itoa(env.Port()) }},
		fixed("proto-max-bulk-len", "`server.max_bulk_length`", strconv.FormatInt(int64(cfg.Server.MaxBulkLength), 10)),
		fixed("notify-keyspace-events", "empty: nothing is published about keys", ""),
		fixed("replica-read-only", "`yes`, as clients that look for a master expect; there are no replicas", "yes"),
		{
			name: "requirepass",
			doc:  "`auth.password`",
			get:  env.Auth.Password,
			set: func(value string) (func(), error) {
				var wrong *config.FieldError
				if errors.As(config.CheckPassword("requirepass", value, cfg.Server.MaxBulkLength), &wrong) {
					return nil, errors.New(wrong.Problem)
				}
				return func() { env.Auth.SetPassword(value) }, nil
			},
		},
		fixed("sanitize-dump-payload", "`yes`: RESTORE looks through all that it is given", "yes"),
		fixed("save", "empty: `persistence.interval` says when snapshots are taken", ""),
		{
			name: "slowlog-log-slower-than",
			doc:  "microseconds from which on the slow log keeps a command; -1: it keeps none",
			get:  func() string { return thresholdIn(env.Stats.Slowlog.Threshold(), -1, time.Microsecond) },
			set: integer(-1, math.MaxInt64, func(n int) {
				d := time.Duration(min(n, mostUnits)) * time.Microsecond
				if n < 0 {
					d = stats.Never
				}
				env.Stats.Slowlog.SetThreshold(d)
			}),
		},
		{
			name: "slowlog-max-len",
			doc:  "entries that the slow log keeps",
			get:  func() string { return strconv.Itoa(env.Stats.Slowlog.Most()) },
			set:  integer(0, math.MaxInt64, func(n int) { env.Stats.Slowlog.SetMost(n) }),
		},
		fixed("stop-writes-on-bgsave-error", "`no`: writes go on when a snapshot fails", "no"),
		{
			name: "timeout",
			doc:  "`server.idle_timeout`, in seconds",
			get:  func() string { return strconv.FormatInt(int64(srv.IdleTimeout()/time.Second), 10) },
			set:  integer(0, math.MaxInt32, func(n int) { srv.SetIdleTimeout(time.Duration(n) * time.Second) }),
		},
		{
			name: "tracking-table-max-keys",
			doc:  "keys that are remembered for client-side caching; they take a quarter of `server.client_memory` at most",
			get:  func() string { return strconv.FormatInt(env.Tracking.MaxKeys(), 10) },
			set:  integer(0, math.MaxInt64, func(n int) { env.Tracking.SetMaxKeys(int64(n)) }),
		},
	}
	ps.list = append(ps.list, p.parameters(env.Store)...)
	ps.list = append(ps.list, clients.parameters()...)
	ps.list = append(ps.list, packedParameters(env.Store)...)
	slices.SortFunc(ps.list, func(a, b parameter) int { return strings.Compare(a.name, b.name) })
	return ps
}

// packedParameters bound the hashes that are kept as one block, under the names
// that they have had in Redis since 7.0 and before.
func packedParameters(st *store.Store) []parameter {
	fields := func() int64 { n, _ := st.Packed(); return n }
	length := func() int64 { _, n := st.Packed(); return n }
	number := func(name, doc string, get func() int64, set func(string) (func(), error)) parameter {
		return parameter{name: name, doc: doc, get: func() string { return strconv.FormatInt(get(), 10) }, set: set}
	}
	setFields := integer(0, math.MaxInt64, func(n int) { st.SetPacked(int64(n), length()) })
	setLength := bytesOf(func(n int64) { st.SetPacked(fields(), n) })
	return []parameter{
		number("hash-max-listpack-entries",
			fmt.Sprintf("most fields of a hash that is kept as one block, which takes the least memory; %d, and 8 KiB, at the most", store.MostPacked), fields, setFields),
		number("hash-max-listpack-value", "longest field or value in such a hash, in bytes", length, setLength),
		number("hash-max-ziplist-entries", "the same as `hash-max-listpack-entries`", fields, setFields),
		number("hash-max-ziplist-value", "the same as `hash-max-listpack-value`", length, setLength),
	}
}

// parameters are those of eviction policies. What is set holds for all policies
// that go by it, and what is told is that of the policy in force, if it does.
func (p policies) parameters(st *store.Store) []parameter {
	all := map[string][]store.Parameter{}
	inForce := map[string]store.Parameter{}
	for _, name := range p.names() {
		policy, _ := p.find(name)
		tunable, ok := policy.(store.Tunable)
		if !ok {
			continue
		}
		for _, t := range tunable.Parameters() {
			all[t.Name] = append(all[t.Name], t)
			inForce[policy.Name()+" "+t.Name] = t
		}
	}
	var list []parameter
	for name, of := range all {
		list = append(list, parameter{
			name: name,
			doc:  of[0].Doc,
			get: func() string {
				one := of[0]
				if chosen := st.Policy(); chosen != nil {
					if t, ok := inForce[chosen.Name()+" "+name]; ok {
						one = t
					}
				}
				return strconv.Itoa(int(one.Value.Load()))
			},
			set: integer(of[0].Min, of[0].Max, func(n int) {
				for _, t := range of {
					t.Value.Store(int32(n))
				}
			}),
		})
	}
	return list
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
	parsed, err := integer(1, math.MaxUint32, func(to int) { n = to })(value)
	if err != nil {
		return nil, err
	}
	if parsed(); n > srv.MostClients() {
		text := "The operating system is not able to handle the specified number of clients, try with "
		return nil, errors.New(text + strconv.Itoa(srv.MostClients()))
	}
	return func() { srv.SetMaxClients(n) }, nil
}
