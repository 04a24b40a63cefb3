package config_test

import (
	"math"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/config"
	"pgregory.net/rapid"
)

func TestSizeParses(t *testing.T) {
	for in, want := range map[string]config.Size{
		"0": 0, "1": 1, "17b": 17, "1k": 1000, "1kb": 1024, "3m": 3e6, "512mb": 512 << 20,
		"2g": 2e9, "2gb": 2 << 30, "2GB": 2 << 30, " 4 Kb ": 4096, "1t": 1e12, "1tb": 1 << 40,
		"9223372036854775807": math.MaxInt64,
	} {
		var s config.Size
		if err := s.UnmarshalText([]byte(in)); err != nil || s != want {
			t.Errorf("size %q = %d, %v; want %d", in, s, err, want)
		}
	}
	for _, in := range []string{"", "gb", "-1", "1.5gb", "2 gib", "0x10", "1_000", "9223372036854775808", "9000000tb"} {
		s := config.Size(7)
		if err := s.UnmarshalText([]byte(in)); err == nil || s != 7 {
			t.Errorf("size %q = %d, %v; want an error and no change", in, s, err)
		}
	}
}

func TestDurationParses(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"0": 0, "0s": 0, "300": 300 * time.Second, "300s": 300 * time.Second, "5m": 5 * time.Minute,
		"1h30m": 90 * time.Minute, "250ms": 250 * time.Millisecond,
	} {
		var d config.Duration
		if err := d.UnmarshalText([]byte(in)); err != nil || d.Std() != want {
			t.Errorf("duration %q = %v, %v; want %v", in, d.Std(), err, want)
		}
	}
	for _, in := range []string{"", "soon", "-1", "-5s", "5 minutes", "1d", "9223372036854775807"} {
		d := config.Duration(7)
		if err := d.UnmarshalText([]byte(in)); err == nil || d != 7 {
			t.Errorf("duration %q = %v, %v; want an error and no change", in, d, err)
		}
	}
}

func TestDurationString(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"0": 0, "10s": 10 * time.Second, "5m": 5 * time.Minute, "1h": time.Hour,
		"1h30m": 90 * time.Minute, "1m10s": 70 * time.Second, "250ms": 250 * time.Millisecond,
		"10h10m10s": 10*time.Hour + 10*time.Minute + 10*time.Second, "20m": 20 * time.Minute,
	} {
		if got := config.Duration(d).String(); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// What String writes means the same when it is read.
func TestUnitsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := config.Size(rapid.Int64Min(0).Draw(t, "size"))
		var s config.Size
		if err := s.UnmarshalText([]byte(size.String())); err != nil || s != size {
			t.Fatalf("size %d: %q reads as %d, %v", size, size, s, err)
		}
		duration := config.Duration(rapid.Int64Min(0).Draw(t, "duration"))
		var d config.Duration
		if err := d.UnmarshalText([]byte(duration.String())); err != nil || d != duration {
			t.Fatalf("duration %d: %q reads as %d, %v", duration, duration, d, err)
		}
	})
}
