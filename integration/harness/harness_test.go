package harness

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func TestRedisAnswersAndStops(t *testing.T) {
	s := Redis(t, Options{Unix: true, Password: "secret"})
	if rss, err := s.RSS(); err != nil || rss < 1<<20 {
		t.Errorf("resident memory: %d bytes, %v", rss, err)
	}
	if cpu, err := s.CPU(); err != nil || cpu < 0 || cpu > time.Minute {
		t.Errorf("cpu time: %s, %v", cpu, err)
	}
	s.MustStop(t)
	if _, err := s.RSS(); err == nil {
		t.Error("resident memory of a process that has ended: no error")
	}
}

func TestAStartThatFailsCarriesTheOutput(t *testing.T) {
	_, err := StartRedis(t.Context(), Options{Args: []string{"--no-such-option", "1"}})
	if err == nil || !strings.Contains(err.Error(), "no-such-option") {
		t.Errorf("error: %v", err)
	}
}

func TestLogFields(t *testing.T) {
	got := logFields(`time=2026-01-02T03:04:05Z level=INFO msg=listening transport=transport.unix addr="/tmp/x"`)
	if got["msg"] != "listening" || got["transport"] != "transport.unix" || got["addr"] != "/tmp/x" {
		t.Errorf("fields: %v", got)
	}
}

func TestReply(t *testing.T) {
	for _, reply := range []string{
		"+OK\r\n", "-ERR no\r\n", ":-3\r\n", "$0\r\n\r\n", "$-1\r\n", "*-1\r\n", "*0\r\n", "_\r\n", "#t\r\n", ",1.5\r\n",
		"$5\r\na\r\nb\x00\r\n",
		"*2\r\n*1\r\n:1\r\n$1\r\na\r\n",
		"%2\r\n+a\r\n:1\r\n+b\r\n*0\r\n",
		"|1\r\n+a\r\n:1\r\n+OK\r\n",
		"~1\r\n+a\r\n", ">1\r\n+a\r\n", "=5\r\ntxt:x\r\n",
	} {
		got, err := appendReply(nil, bufio.NewReader(strings.NewReader(reply+"+next\r\n")))
		if err != nil || string(got) != reply {
			t.Errorf("%q: got %q, %v", reply, got, err)
		}
		if _, err := appendReply(nil, bufio.NewReader(strings.NewReader(reply[:len(reply)-1]))); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q cut short: %v", reply, err)
		}
	}
	for _, malformed := range []string{"\r\n", "+OK\n", "x\r\n", "$x\r\n", "$-2\r\n", "$1\r\nabc"} {
		if got, err := appendReply(nil, bufio.NewReader(strings.NewReader(malformed))); err == nil {
			t.Errorf("%q: accepted as %q", malformed, got)
		}
	}
}

func TestParseProc(t *testing.T) {
	if rss, err := parseKB("Name:\tx\nVmRSS:\t    1234 kB\n", "VmRSS:"); err != nil || rss != 1234<<10 {
		t.Errorf("VmRSS: %d, %v", rss, err)
	}
	if _, err := parseKB("Name:\tx\n", "VmRSS:"); err == nil {
		t.Error("no VmRSS: no error")
	}
	if all, err := parseCPUOfAll("7 (a) b) S 1 2 3 4 5 6 7 8 9 10 150 50 7 3 20"); err != nil || all != 2100*time.Millisecond {
		t.Errorf("cpu with children: %s, %v", all, err)
	}
	cpu, err := parseCPU("7 (a) b) S 1 2 3 4 5 6 7 8 9 10 150 50 7 3")
	if err != nil || cpu != 2*time.Second {
		t.Errorf("cpu: %s, %v", cpu, err)
	}
	for _, malformed := range []string{"", "7 (a", "7 (a) S 1 2"} {
		if _, err := parseCPUOfAll(malformed); err == nil {
			t.Errorf("%q with children: no error", malformed)
		}
		if _, err := parseCPU(malformed); err == nil {
			t.Errorf("%q: no error", malformed)
		}
	}
}
