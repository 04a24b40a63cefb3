package watermark

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/service"
	"github.com/redistill-go/redistill/core/service/servicetest"
)

func TestConformance(t *testing.T) {
	servicetest.Run(t, servicetest.Kit{
		New: func(_ *testing.T, host service.Host) (service.Service, func(*testing.T)) {
			s := New(NewConfig(), host)
			return s, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				s.Work(ctx) // which looks once
			}
		},
		Off: func(_ *testing.T, host service.Host) service.Service { return New(&Config{}, host) },
	})
}

// patience bounds each wait: only a service that is broken uses it up.
const patience = 20 * time.Second

// await returns when the highest is so much.
func await(t *testing.T, s *Service, highest int64) {
	t.Helper()
	for deadline := time.Now().Add(patience); s.highest.Load() != highest; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("the highest is %d, want %d", s.highest.Load(), highest)
		}
	}
}

// It remembers what is not there any more, and looks as often as it was told last.
func TestTheHighestStays(t *testing.T) {
	p := servicetest.NewProcess()
	s := New(&Config{Interval: config.Duration(time.Hour)}, p.Host())
	set := func(used int64) { p.Set(service.Figures{MemoryUsed: used}, nil) }
	set(100)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); s.Work(ctx) }()
	defer func() { cancel(); <-ended }()
	await(t, s, 100)
	set(50)
	apply, err := s.Settings()[0].Set("1")
	if err != nil {
		t.Fatal(err)
	}
	apply()
	set(200)
	await(t, s, 200)
	set(10)
	s.look()
	await(t, s, 200)
}

func TestConfig(t *testing.T) {
	for interval, ok := range map[time.Duration]bool{0: true, time.Millisecond: true, time.Hour: true, -1: false, time.Microsecond: false, 2 * time.Hour: false} {
		err := (&Config{Interval: config.Duration(interval)}).Validate()
		if (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "interval: ") {
			t.Errorf("%v: %v", interval, err)
		}
	}
	for _, value := range []string{"", "x", "0", "-1", "3600001"} {
		if _, err := New(NewConfig(), service.Host{}).Settings()[0].Set(value); err == nil {
			t.Errorf("CONFIG SET watermark-interval %q is accepted", value)
		}
	}
}
