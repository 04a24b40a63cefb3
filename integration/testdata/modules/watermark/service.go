// Package watermark is a service that remembers the most memory that was ever used, which
// figures of the moment don't tell. It shows all that a module may have beside the
// contract of its kind: work in the background, a line of INFO, a parameter of CONFIG, a
// metric and a page of the admin endpoint.
//
// Concurrency: Work is called by one goroutine, everything else by any.
package watermark

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/endpoint"
	"github.com/redistill-go/redistill/core/part"
	"github.com/redistill-go/redistill/core/service"
	"github.com/redistill-go/redistill/core/settings"
)

// ID is the module's ID.
const ID = "admin.watermark"

func init() {
	service.Register(ID, "The most memory that was ever used, in INFO, metrics and at /watermark", "watermark", NewConfig, New)
}

// Config is the section watermark.
type Config struct {
	Interval config.Duration `toml:"interval" doc:"time from one look at memory to the next, 1ms to 1h; 0 switches it off"`
}

// NewConfig returns the defaults.
func NewConfig() *Config { return &Config{Interval: config.Duration(time.Second)} }

// Validate reports an interval that is out of range.
func (c *Config) Validate() error {
	if d := c.Interval.Std(); d != 0 && checkInterval(d) != nil {
		return &config.FieldError{Key: "interval", Problem: checkInterval(d).Error(), Fix: "1s is often enough"}
	}
	return nil
}

func checkInterval(d time.Duration) error {
	if d < time.Millisecond || d > time.Hour {
		return fmt.Errorf("%v is not in the range 1ms to 1h", d)
	}
	return nil
}

// Service is a service.Service.
type Service struct {
	host     service.Host
	interval atomic.Int64 // ns; 0: it is switched off
	changed  chan struct{}
	highest  atomic.Int64 // bytes
	metrics  *metrics.Set
}

var (
	_ service.Service   = (*Service)(nil)
	_ part.Worker       = (*Service)(nil)
	_ command.Informer  = (*Service)(nil)
	_ settings.Owner    = (*Service)(nil)
	_ endpoint.Metered  = (*Service)(nil)
	_ endpoint.Handlers = (*Service)(nil)
)

// New makes the service of a valid config.
func New(c *Config, host service.Host) *Service {
	s := &Service{host: host, changed: make(chan struct{}, 1), metrics: metrics.NewSet()}
	s.interval.Store(int64(c.Interval))
	s.metrics.NewGauge("watermark_memory_bytes", func() float64 { return float64(s.highest.Load()) })
	return s
}

// ID is the module's ID.
func (s *Service) ID() string { return ID }

// Enabled says whether the configuration asks for it.
func (s *Service) Enabled() bool { return s.interval.Load() != 0 }

// Start has nothing to open.
func (s *Service) Start(context.Context) error { return nil }

// Stop has nothing to give back.
func (s *Service) Stop(context.Context) error { return nil }

// Descriptors is how many files it may have open.
func (s *Service) Descriptors() int { return 0 }

// Work looks at memory until ctx ends.
func (s *Service) Work(ctx context.Context) {
	for {
		s.look()
		wait := time.NewTimer(time.Duration(s.interval.Load()))
		select {
		case <-wait.C:
		case <-s.changed:
			wait.Stop()
		case <-ctx.Done():
			wait.Stop()
			return
		}
	}
}

func (s *Service) look() {
	s.highest.Store(max(s.highest.Load(), s.host.Observer.Figures().MemoryUsed))
}

// InfoSections adds a line to INFO memory.
func (s *Service) InfoSections() []command.InfoSection {
	return []command.InfoSection{{Name: "memory", Lines: func(add func(name, value string)) {
		add("used_memory_watermark", strconv.FormatInt(s.highest.Load(), 10))
	}}}
}

// Settings are the parameters of CONFIG.
func (s *Service) Settings() []settings.Parameter {
	return []settings.Parameter{{
		Name: "watermark-interval", Doc: "milliseconds from one look at memory to the next",
		Get: func() string { return strconv.FormatInt(s.interval.Load()/int64(time.Millisecond), 10) },
		Set: func(value string) (func(), error) {
			ms, err := strconv.ParseInt(value, 10, 32)
			if err != nil {
				return nil, errors.New("it is not a number of milliseconds")
			}
			d := time.Duration(ms) * time.Millisecond
			return func() { s.setInterval(d) }, checkInterval(d)
		},
	}}
}

func (s *Service) setInterval(d time.Duration) {
	s.interval.Store(int64(d))
	select {
	case s.changed <- struct{}{}:
	default: // it is about to look anyway
	}
}

// Metrics is what /metrics shows.
func (s *Service) Metrics() *metrics.Set { return s.metrics }

// Handlers are the pages of the admin endpoint.
func (s *Service) Handlers() map[string]http.Handler {
	return map[string]http.Handler{"GET /watermark": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintln(w, s.highest.Load()) // who asked has gone
	})}
}
