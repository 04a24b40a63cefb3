package admin

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/service"
	"github.com/redistill-go/redistill/core/stats"
)

// core plays the core's part.
type core struct {
	figures service.Figures
	ready   error
}

func (c *core) Ready() error             { return c.ready }
func (c *core) Figures() service.Figures { return c.figures }

func deps(c *core) service.Host {
	return service.Host{Stats: stats.New(2), Commands: service.CommandNames{"get", "set"}, Health: c, Observer: c}
}

func get(t *testing.T, h http.Handler, method, path string) (int, string, http.Header) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w.Code, w.Body.String(), w.Header()
}

func TestHealthAndReadiness(t *testing.T) {
	c := &core{}
	h := Handler(deps(c))
	expect := func(method, path string, status int, body string) {
		t.Helper()
		if gotStatus, gotBody, _ := get(t, h, method, path); gotStatus != status || gotBody != body {
			t.Errorf("%s %s: %d %q, want %d %q", method, path, gotStatus, gotBody, status, body)
		}
	}
	expect("GET", "/health", 200, "ok\n")
	expect("GET", "/ready", 200, "ok\n")
	c.ready = errors.New("loading the snapshot")
	expect("GET", "/health", 200, "ok\n")
	expect("GET", "/ready", 503, "loading the snapshot\n")
	expect("POST", "/ready", 405, "Method Not Allowed\n")
	expect("GET", "/", 404, "404 page not found\n")
}

// sample is a line of the page: name, labels, value.
var sample = regexp.MustCompile(`^([a-z_]+)(\{[a-z]+="[^"]*"\})? ([0-9.e+-]+)$`)

// scrape reads the server's own metrics from the page, and its heads.
func scrape(t *testing.T, h http.Handler) (values, heads map[string]string) {
	t.Helper()
	status, page, header := get(t, h, "GET", "/metrics")
	if status != 200 || header.Get("Content-Type") != "text/plain; version=0.0.4; charset=utf-8" {
		t.Fatalf("status %d, content type %q", status, header.Get("Content-Type"))
	}
	values, heads = map[string]string{}, map[string]string{}
	for line := range strings.Lines(page) {
		line = strings.TrimSuffix(line, "\n")
		if !strings.Contains(line, "redistill_") {
			continue
		}
		if head, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, kind, _ := strings.Cut(head, " ")
			heads[name] = kind
			continue
		}
		if strings.HasPrefix(line, "# HELP ") {
			continue
		}
		m := sample.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("line %q is not in the Prometheus format", line)
			continue
		}
		if _, twice := values[m[1]+m[2]]; twice {
			t.Errorf("%s%s is there twice", m[1], m[2])
		}
		values[m[1]+m[2]] = m[3]
	}
	return values, heads
}

func TestMetricsAreDocumented(t *testing.T) {
	values, heads := scrape(t, Handler(deps(&core{})))
	histograms := map[string]bool{}
	for _, d := range Metrics() {
		if heads[d.Name] != d.Type {
			t.Errorf("%s: type %q on the page, %q in the table", d.Name, heads[d.Name], d.Type)
		}
		if (d.Type == counter) != strings.HasSuffix(d.Name, "_total") {
			t.Errorf("%s: the name does not go with the type %s", d.Name, d.Type)
		}
		if !strings.HasSuffix(d.Help, ".") || strings.Contains(d.Help, "\n") {
			t.Errorf("%s: help %q is not a sentence in one line", d.Name, d.Help)
		}
		labels := []string{""}
		if d.Label != "" {
			labels = []string{`{` + d.Label + `="get"}`, `{` + d.Label + `="set"}`}
		}
		for _, label := range labels {
			if d.Type == histogram {
				for _, part := range []string{"_bucket", "_sum", "_count"} {
					histograms[d.Name+part] = true
				}
				if _, ok := values[d.Name+"_count"]; !ok {
					t.Errorf("%s_count is not on the page", d.Name)
				}
				continue
			}
			if _, ok := values[d.Name+label]; !ok {
				t.Errorf("%s%s is not on the page", d.Name, label)
			}
			delete(values, d.Name+label)
		}
	}
	for name := range values {
		if base, _, _ := strings.Cut(name, "{"); histograms[base] {
			continue
		}
		t.Errorf("%s is on the page and not in the table", name)
	}
}

// Every counter of package stats and every figure is on the page: each is
// given a value of its own, which is then looked for.
func TestEveryFigureIsOnThePage(t *testing.T) {
	c := &core{}
	d := deps(c)
	want := map[string]string{} // value by field
	next := int64(1_000_000)
	for v, i := reflect.ValueOf(&c.figures).Elem(), 0; i < v.NumField(); i++ {
		next++
		switch field := v.Field(i).Addr().Interface().(type) {
		case *service.Durations:
			// Both buckets and the count, which is their sum, tell it apart.
			*field = service.Durations{Bounds: []time.Duration{time.Millisecond}, Counts: []int64{1, next - 1}, Sum: time.Second}
		case *stats.Held:
			for held, k := reflect.ValueOf(field).Elem(), 0; k < held.NumField(); k++ {
				next++
				held.Field(k).SetInt(next)
				want["Held."+held.Type().Field(k).Name] = fmt.Sprint(next)
			}
			continue
		default:
			v.Field(i).SetInt(next)
		}
		want["Figures."+v.Type().Field(i).Name] = fmt.Sprint(next)
	}
	for v, i := reflect.ValueOf(d.Stats).Elem(), 0; i < v.NumField(); i++ {
		if !v.Type().Field(i).IsExported() {
			continue
		}
		if total, ok := v.Field(i).Addr().Interface().(*atomic.Int64); ok {
			next++
			total.Store(next)
			want["Stats."+v.Type().Field(i).Name] = fmt.Sprint(next)
		}
	}
	// These are stored in other units than they are shown in.
	d.Stats.SnapshotBeganUnixMs.Store(1_700_000_001_250)
	want["Stats.SnapshotBeganUnixMs"] = "1.70000000125e+09"
	d.Stats.SnapshotLoadBeganUnixMs.Store(1_700_000_002_250)
	want["Stats.SnapshotLoadBeganUnixMs"] = "1.70000000225e+09"
	d.Stats.SnapshotLastUnixMs.Store(1_700_000_000_250)
	want["Stats.SnapshotLastUnixMs"] = "1.70000000025e+09"
	d.Stats.SnapshotLastDuration.Store(1_500_000_000)
	want["Stats.SnapshotLastDuration"] = "1.5"

	values, _ := scrape(t, Handler(d))
	shown := map[string]string{} // metric by value
	for name, value := range values {
		shown[value] = name
	}
	for field, value := range want {
		if shown[value] == "" {
			t.Errorf("%s: its value %s is not on the page", field, value)
		}
	}
}

func TestMetricsPerCommand(t *testing.T) {
	d := deps(&core{})
	batch := stats.NewBatch(2)
	batch.Called(0, false)
	batch.Called(0, true)
	batch.Called(1, false)
	batch.Rejected(1)
	batch.Flush(d.Stats, 0, 0)
	values, _ := scrape(t, Handler(d))
	for name, want := range map[string]string{
		`redistill_command_calls_total{command="get"}`:    "2",
		`redistill_command_failed_total{command="get"}`:   "1",
		`redistill_command_rejected_total{command="get"}`: "0",
		`redistill_command_calls_total{command="set"}`:    "1",
		`redistill_command_failed_total{command="set"}`:   "0",
		`redistill_command_rejected_total{command="set"}`: "1",
		`redistill_commands_total`:                        "4",
	} {
		if values[name] != want {
			t.Errorf("%s is %s, want %s", name, values[name], want)
		}
	}
}

func TestReadyMetric(t *testing.T) {
	c := &core{}
	h := Handler(deps(c))
	if values, _ := scrape(t, h); values["redistill_ready"] != "1" {
		t.Errorf("redistill_ready is %s while ready", values["redistill_ready"])
	}
	c.ready = errors.New("draining")
	if values, _ := scrape(t, h); values["redistill_ready"] != "0" {
		t.Errorf("redistill_ready is %s while draining", values["redistill_ready"])
	}
}

func TestStartAndStop(t *testing.T) {
	s := New(&Config{Listen: "127.0.0.1:0"}, deps(&core{}))
	if s.ID() != ID || !s.Enabled() || s.Addr() != nil {
		t.Errorf("ID %q, enabled %v, address %v before Start", s.ID(), s.Enabled(), s.Addr())
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	address := s.Addr().String()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"redistill_keys 0\n", "process_resident_memory_bytes ", "go_goroutines "} {
		if !strings.Contains(string(page), name) {
			t.Errorf("the page lacks %q", name)
		}
	}

	second := New(&Config{Listen: address}, deps(&core{}))
	want := "admin.http: cannot listen on " + address + ": address already in use; " +
		"stop the process that uses it or set admin.listen to another address"
	if err := second.Start(t.Context()); err == nil || err.Error() != want || !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("error\n%v\nwant\n%s", err, want)
	}
	if err := second.Stop(t.Context()); err != nil {
		t.Errorf("Stop after a failed Start: %v", err)
	}

	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if conn, err := net.Dial("tcp", address); err == nil {
		_ = conn.Close()
		t.Error("it accepts connections after Stop")
	}
}

func TestConfig(t *testing.T) {
	c := NewConfig()
	if c.Listen != "127.0.0.1:9121" {
		t.Errorf("default %q", c.Listen)
	}
	if err := c.Validate(); err != nil {
		t.Errorf("the default is not valid: %v", err)
	}
	off := &Config{}
	if err := off.Validate(); err != nil || New(off, deps(&core{})).Enabled() {
		t.Errorf("switched off: error %v, enabled %v", err, New(off, deps(&core{})).Enabled())
	}
	if err := (&Config{Listen: "9121"}).Validate(); err == nil || !strings.HasPrefix(err.Error(), "listen: ") {
		t.Errorf("error %v, want one about listen", err)
	}
}
