package governor

import (
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/server"
	"github.com/redistill-go/redistill/core/settings"
	"github.com/redistill-go/redistill/core/store"
	"github.com/redistill-go/redistill/core/tracking"
)

// ClientLimits are the limits of what clients hold, as CONFIG tells and changes
// them.
type ClientLimits struct {
	st       *store.Store
	srv      *server.Server
	tracking *tracking.Tracker

	mu      sync.Mutex
	memory  config.ClientMemory
	replica string // what was set for replicas, of which there are none
}

// NewClientLimits puts the limits of the configuration in force.
func NewClientLimits(cfg *config.Server, st *store.Store, srv *server.Server, tr *tracking.Tracker) *ClientLimits {
	l := &ClientLimits{st: st, srv: srv, tracking: tr, memory: cfg.ClientMemory, replica: "0 0 0"}
	srv.SetOutputLimit(server.Normal, outputLimit(cfg.OutputBufferLimit))
	srv.SetOutputLimit(server.Subscribed, outputLimit(cfg.PubsubOutputBufferLimit))
	l.Fit()
	return l
}

func outputLimit(l config.OutputLimit) server.OutputLimit {
	return server.OutputLimit{Hard: int64(l.Hard), Soft: int64(l.Soft), For: l.For.Std()}
}

// trackingShare is the part of what clients may hold, one in so many, that may
// be remembered of what they have read. Nobody is closed for that: keys are
// forgotten, and the clients told.
const trackingShare = 4

// Fit fits the limit of all clients to memory.max, which may have changed.
func (l *ClientLimits) Fit() {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.memory.Under(l.st.Memory().Limit)
	l.srv.SetMemoryLimit(all)
	l.tracking.SetMaxBytes(all / trackingShare)
}

// Settings are the limits under Redis's names.
func (l *ClientLimits) Settings() []settings.Parameter {
	return []settings.Parameter{
		{
			Name: "client-output-buffer-limit",
			Doc:  "`server.output_buffer_limit` for normal clients, `server.pubsub_output_buffer_limit` for pubsub; slave is taken and means nothing",
			Get:  l.output, Set: l.setOutput,
		},
		{Name: "maxmemory-clients", Doc: "`server.client_memory`", Get: l.all, Set: l.setAll},
	}
}

// all is a number of bytes or a percentage, as in Redis, which knows no auto.
func (l *ClientLimits) all() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.memory.String(); strings.HasSuffix(s, "%") {
		return s
	}
	return strconv.FormatInt(l.memory.Under(l.st.Memory().Limit), 10)
}

func (l *ClientLimits) setAll(value string) (func(), error) {
	var memory config.ClientMemory
	if err := memory.UnmarshalText([]byte(value)); err != nil {
		return nil, errors.New("argument must be a memory or percent value")
	}
	return func() {
		l.mu.Lock()
		l.memory = memory
		l.mu.Unlock()
		l.Fit()
	}, nil
}

// classNames are those of CONFIG. Replicas are taken and told of, since tools set
// all classes at once; nothing is one here.
var classNames = map[string]server.Class{"normal": server.Normal, "pubsub": server.Subscribed}

func isReplica(name string) bool { return name == "slave" || name == "replica" }

func (l *ClientLimits) output() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := func(class server.Class) string {
		o := l.srv.OutputLimit(class)
		return strconv.FormatInt(o.Hard, 10) + " " + strconv.FormatInt(o.Soft, 10) + " " + strconv.FormatInt(int64(o.For/time.Second), 10)
	}
	return "normal " + text(server.Normal) + " slave " + l.replica + " pubsub " + text(server.Subscribed)
}

func (l *ClientLimits) setOutput(value string) (func(), error) {
	words := strings.Fields(value)
	if len(words) == 0 || len(words)%4 != 0 {
		return nil, errors.New("Wrong number of arguments in buffer limit configuration.") //nolint:revive,staticcheck // Redis's own
	}
	limits, replica := map[server.Class]server.OutputLimit{}, ""
	for ; len(words) > 0; words = words[4:] {
		name := strings.ToLower(words[0])
		class, ok := classNames[name]
		if !ok && !isReplica(name) {
			return nil, errors.New("Invalid client class specified in buffer limit configuration.") //nolint:revive,staticcheck // Redis's own
		}
		var hard, soft config.Size
		seconds, err := strconv.Atoi(words[3])
		if hard.UnmarshalText([]byte(words[1])) != nil || soft.UnmarshalText([]byte(words[2])) != nil || err != nil || seconds < 0 {
			return nil, errors.New("Error in hard, soft or soft_seconds setting in buffer limit configuration.") //nolint:revive,staticcheck // Redis's own
		}
		if isReplica(name) {
			replica = strconv.FormatInt(int64(hard), 10) + " " + strconv.FormatInt(int64(soft), 10) + " " + words[3]
			continue
		}
		limits[class] = server.OutputLimit{Hard: int64(hard), Soft: int64(soft), For: time.Duration(seconds) * time.Second}
	}
	return func() {
		for class, limit := range limits {
			l.srv.SetOutputLimit(class, limit)
		}
		if l.mu.Lock(); replica != "" {
			l.replica = replica
		}
		l.mu.Unlock()
	}, nil
}
