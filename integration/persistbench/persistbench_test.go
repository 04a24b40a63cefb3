package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"
)

// Every scenario runs to its end, with redis-server as the server under test.
func TestRunMeasuresEveryScenario(t *testing.T) {
	for scenario, want := range map[string]string{
		"save":       "BGSAVE random, file, rdbcompression no",
		"stall":      "random, file",
		"increments": "random, pebble",
		"writes":     "none",
	} {
		t.Run(scenario, func(t *testing.T) {
			variant := "file"
			if scenario == "increments" {
				variant = "pebble"
			}
			o, err := parseFlags([]string{"-binary", itself, "-only", scenario, "-values", random, "-variants", variant,
				"-keys", "3000", "-rounds", "1", "-rate", "500", "-calm", "100ms", "-dir", t.TempDir()}, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := run(t.Context(), o, &out, io.Discard); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out.String(), want) {
				t.Errorf("no %q in\n%s", want, &out)
			}
		})
	}
}

func TestRunStopsWhenCancelled(t *testing.T) {
	o, err := parseFlags([]string{"-binary", itself, "-only", "stall", "-keys", "3000", "-calm", "10m", "-dir", t.TempDir()}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if err := run(ctx, o, io.Discard, io.Discard); err == nil {
		t.Error("a cancelled run returned no error")
	}
}

func TestFlags(t *testing.T) {
	for _, bad := range []string{"-rounds=0", "-only=nothing", "-variants=none", "-values=x", "-value=0", "-value=1000000", "-keys=1", "-rate=0", "rest"} {
		var out bytes.Buffer
		if _, err := parseFlags([]string{bad}, &out); err == nil || out.Len() == 0 {
			t.Errorf("%s: error %v, message %q", bad, err, &out)
		}
	}
}

func TestRequests(t *testing.T) {
	v := newValues(text, 10)
	set := string(v.appendSet(nil, 1234567))
	if !strings.HasPrefix(set, "*3\r\n$3\r\nSET\r\n$16\r\nkey:000001234567\r\n$10\r\n") || len(set) != len("*3\r\n$3\r\nSET\r\n$16\r\nkey:000001234567\r\n$10\r\n\r\n")+10 {
		t.Errorf("%q", set)
	}
	if got := string(appendGet(nil, 0)); got != "*2\r\n$3\r\nGET\r\n$16\r\nkey:000000000000\r\n" {
		t.Errorf("%q", got)
	}
	if a, b := newValues(random, 64), newValues(random, 64); !bytes.Equal(a.next(), b.next()) {
		t.Error("two runs use different values")
	}
}
