package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/server"
	"github.com/redistill-go/redistill/core/stats"
	"github.com/redistill-go/redistill/core/store"
)

// parameter is one name of CONFIG GET and SET.
type parameter struct {
	name string
	get  func() string
	// set judges a value and returns what applies it. Nil: the parameter is
	// fixed, and what can be set is only the value that it has.
	set func(value string) (apply func(), err error)
}

// parameters is the configuration under Redis's names, as clients and tools
// ask for it. It may be used from any goroutine.
type parameters struct {
	mu   sync.Mutex // one CONFIG SET at a time
	list []parameter
}

var _ command.Config = (*parameters)(nil)

func newParameters(cfg *config.Config, env *command.Env, srv *server.Server, p policies) *parameters {
	fixed := func(name, value string) parameter {
		return parameter{name: name, get: func() string { return value }}
	}
	eviction := cfg.Memory.Eviction
	ps := &parameters{}
	ps.list = []parameter{
		fixed("appendonly", "no"),
		fixed("cluster-enabled", "no"),
		fixed("databases", "1"),
		fixed("enable-debug-command", cfg.Server.EnableDebug),
		{
			name: "latency-monitor-threshold",
			get:  func() string { return thresholdIn(env.Stats.Latency.Threshold(), 0, time.Millisecond) },
			set: integer(0, math.MaxInt64, func(n int) {
				env.Stats.Latency.SetThreshold(time.Duration(min(n, mostUnits)) * time.Millisecond)
			}),
		},
		fixed("latency-tracking", "yes"),
		fixed("latency-tracking-info-percentiles", "50 99 99.9"),
		{
			name: "maxclients",
			get:  func() string { return strconv.Itoa(srv.MaxClients()) },
			set:  integer(1, math.MaxUint32, func(n int) { srv.SetMaxClients(n) }),
		},
		{
			name: "maxmemory",
			get:  func() string { return strconv.FormatInt(env.Store.Memory().Limit, 10) },
			set: func(value string) (func(), error) {
				var size config.Size
				if err := size.UnmarshalText([]byte(value)); err != nil {
					return nil, errors.New("argument must be a memory value")
				}
				return func() { env.Store.SetMaxMemory(int64(size)) }, nil
			},
		},
		{
			name: "maxmemory-policy",
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
		{name: "port", get: func() string { return strconv.Itoa(env.Port()) }},
		fixed("proto-max-bulk-len", strconv.FormatInt(int64(cfg.Server.MaxBulkLength), 10)),
		fixed("replica-read-only", "yes"),
		{
			name: "requirepass",
			get:  env.Auth.Password,
			set: func(value string) (func(), error) {
				var wrong *config.FieldError
				if errors.As(config.CheckPassword("requirepass", value, cfg.Server.MaxBulkLength), &wrong) {
					return nil, errors.New(wrong.Problem)
				}
				return func() { env.Auth.SetPassword(value) }, nil
			},
		},
		fixed("save", ""),
		{
			name: "slowlog-log-slower-than",
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
			get:  func() string { return strconv.Itoa(env.Stats.Slowlog.Most()) },
			set:  integer(0, math.MaxInt64, func(n int) { env.Stats.Slowlog.SetMost(n) }),
		},
		{
			name: "timeout",
			get:  func() string { return strconv.FormatInt(int64(srv.IdleTimeout()/time.Second), 10) },
			set:  integer(0, math.MaxInt32, func(n int) { srv.SetIdleTimeout(time.Duration(n) * time.Second) }),
		},
		{
			name: "tracking-table-max-keys",
			get:  func() string { return strconv.FormatInt(env.Tracking.MaxKeys(), 10) },
			set:  integer(0, math.MaxInt64, func(n int) { env.Tracking.SetMaxKeys(int64(n)) }),
		},
	}
	ps.list = append(ps.list, p.parameters(env.Store)...)
	slices.SortFunc(ps.list, func(a, b parameter) int { return strings.Compare(a.name, b.name) })
	return ps
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

// names are the policies of this build.
func (p policies) names() []string {
	names := []string{config.NoEviction}
	for _, policy := range p.All {
		names = append(names, policy.Name())
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// integer judges a whole number from low to high.
func integer(low, high int, apply func(int)) func(string) (func(), error) {
	return func(value string) (func(), error) {
		n, err := strconv.Atoi(value)
		if err != nil {
			return nil, errors.New("argument couldn't be parsed into an integer")
		}
		if n < low || n > high {
			return nil, fmt.Errorf("argument must be between %d and %d inclusive", low, high)
		}
		return func() { apply(n) }, nil
	}
}

// Get implements command.Config.
func (ps *parameters) Get(match func(name string) bool, f func(name, value string)) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for _, p := range ps.list {
		if match(p.name) {
			f(p.name, p.get())
		}
	}
}

// Set implements command.Config.
func (ps *parameters) Set(pairs [][2]string) error {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	chosen := make([]parameter, len(pairs))
	for i, pair := range pairs {
		at := slices.IndexFunc(ps.list, func(p parameter) bool { return strings.EqualFold(p.name, pair[0]) })
		if at < 0 {
			return fmt.Errorf("ERR Unknown option or number of arguments for CONFIG SET - '%s'", pair[0])
		}
		chosen[i] = ps.list[at]
		if slices.ContainsFunc(chosen[:i], func(p parameter) bool { return p.name == chosen[i].name }) {
			return setError(pair[0], "duplicate parameter")
		}
	}
	var applies []func()
	for i, p := range chosen {
		value := pairs[i][1]
		if p.set == nil {
			if value != p.get() {
				return setError(pairs[i][0], "can't set immutable config")
			}
			continue
		}
		apply, err := p.set(value)
		if err != nil {
			return setError(pairs[i][0], err.Error())
		}
		applies = append(applies, apply)
	}
	for _, apply := range applies {
		apply()
	}
	return nil
}

func setError(name, why string) error {
	return fmt.Errorf("ERR CONFIG SET failed (possibly related to argument '%s') - %s", name, why)
}
