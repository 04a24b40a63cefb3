package process

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/VictoriaMetrics/metrics"
	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/endpoint"
	"github.com/redistill-go/redistill/core/part"
	"github.com/redistill-go/redistill/core/service"
	"github.com/redistill-go/redistill/core/settings"
	"github.com/redistill-go/redistill/core/transport"
)

// extra is a service that offers everything that a part can offer.
type extra struct {
	fakeService
	value    string
	set      *metrics.Set
	pages    map[string]http.Handler
	working  chan struct{} // closed when Work has begun
	worked   atomic.Bool   // Work has ended
	surveyed []string
}

var (
	_ settings.Owner    = (*extra)(nil)
	_ command.Informer  = (*extra)(nil)
	_ endpoint.Handlers = (*extra)(nil)
	_ endpoint.Metered  = (*extra)(nil)
	_ part.Worker       = (*extra)(nil)
	_ part.Surveyor     = (*extra)(nil)
)

func newExtra() *extra {
	e := &extra{fakeService: fakeService{fakePart{journal: &journal{}, id: "admin.extra"}}, value: "old", working: make(chan struct{}), set: metrics.NewSet()}
	e.set.NewCounter("extra_total").Add(7)
	e.pages = map[string]http.Handler{"GET /extra": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "a page\n")
	})}
	return e
}

func (e *extra) Settings() []settings.Parameter {
	return []settings.Parameter{{
		Name: "extra-value", Doc: "what the service extra keeps", Get: func() string { return e.value },
		Set: func(value string) (func(), error) { return func() { e.value = value }, nil },
	}}
}

func (e *extra) InfoSections() []command.InfoSection {
	return []command.InfoSection{
		{Name: "extra", Lines: func(add func(name, value string)) { add("extra_value", e.value) }},
		{Name: "clients", Lines: func(add func(name, value string)) { add("extra_clients", "3") }},
	}
}

func (e *extra) Handlers() map[string]http.Handler { return e.pages }
func (e *extra) Metrics() *metrics.Set             { return e.set }

func (e *extra) Work(ctx context.Context) {
	close(e.working)
	<-ctx.Done()
	e.worked.Store(true)
}

func (e *extra) Survey(parts []part.Part) error {
	for _, p := range parts {
		e.surveyed = append(e.surveyed, p.ID)
	}
	return nil
}

// extraGraph is the graph of a process with these services, TCP and the admin endpoint.
func extraGraph(t *testing.T, services ...service.Service) graph {
	t.Helper()
	modules := pick("transport.tcp", "admin", "eviction.allkeys-lru")
	g, err := processGraph(loadFor(t, modules, "transports.tcp.listen=127.0.0.1:0", "admin.listen=127.0.0.1:0", "server.shards=4"), modules)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range services {
		g.modules = append(g.modules, graphModule{s.ID(), fx.Module(s.ID(),
			fx.Provide(fx.Annotate(func() service.Service { return s }, fx.ResultTags(`group:"services"`))))})
	}
	return g
}

// What a part offers reaches clients of the server and of the admin endpoint.
func TestWhatAPartOffers(t *testing.T) {
	e := newExtra()
	var transports []transport.Listener
	var services []service.Service
	ctx, cancel := context.WithCancel(t.Context())
	app, err := extraGraph(t, e).build(live(ctx, cancel), fx.Invoke(func(p process) { transports, services = p.Transports, p.Services }))
	if err != nil {
		t.Fatal(err)
	}
	if err := app.Start(ctx); err != nil {
		t.Fatal(err)
	}
	<-e.working
	if got := strings.Join(e.surveyed, " "); got != "admin.extra admin.http eviction.allkeys-lru transport.tcp" {
		t.Errorf("surveyed %s", got)
	}

	conn, err := net.Dial("tcp", transports[0].Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(conn, "CONFIG SET extra-value new\r\nCONFIG GET extra-*\r\nINFO extra\r\nINFO clients\r\nQUIT\r\n")
	if err != nil {
		t.Fatal(err)
	}
	replies, err := io.ReadAll(bufio.NewReader(conn))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"+OK\r\n*2\r\n$11\r\nextra-value\r\n$3\r\nnew\r\n", "# Extra\r\nextra_value:new\r\n", "extra_clients:3\r\n"} {
		if !strings.Contains(string(replies), want) {
			t.Errorf("no %q in %q", want, replies)
		}
	}

	for _, s := range services {
		at, ok := s.(interface{ Addr() net.Addr })
		if !ok {
			continue
		}
		for page, want := range map[string]string{"/extra": "a page\n", "/metrics": "extra_total 7\n", "/health": "ok\n"} {
			reply, err := http.Get("http://" + at.Addr().String() + page)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(reply.Body)
			if err = errors.Join(err, reply.Body.Close()); err != nil || !strings.Contains(string(body), want) {
				t.Errorf("%s: %q, error %v; want %q", page, body, err, want)
			}
		}
	}
	http.DefaultClient.CloseIdleConnections()

	cancel()
	if err := app.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if !e.worked.Load() {
		t.Error("the stop did not wait for the work to end")
	}
}

// Nothing is asked of a part that is switched off.
func TestAPartThatIsOffOffersNothing(t *testing.T) {
	e := newExtra()
	e.off = true
	var config command.Config
	if _, err := extraGraph(t, e).build(live(t.Context(), func() {}), fx.Invoke(func(env *command.Env) { config = env.Config })); err != nil {
		t.Fatal(err)
	}
	config.Get(func(name string) bool { return name == "extra-value" }, func(name, _ string) { t.Errorf("there is %s", name) })
	if e.surveyed != nil {
		t.Error("it was shown the other parts")
	}
}

type badInfo struct {
	*extra
	name string
}

func (b badInfo) InfoSections() []command.InfoSection {
	return []command.InfoSection{{Name: b.name, Lines: func(func(name, value string)) {}}}
}

func (badInfo) Settings() []settings.Parameter { return nil }

type unhappy struct{ badInfo }

func (unhappy) InfoSections() []command.InfoSection { return nil }
func (unhappy) Survey([]part.Part) error            { return errors.New("no luck") }

// Two parts that want the same, or something that can't be, are told by name.
func TestOffersThatClash(t *testing.T) {
	another := func(change func(*extra)) *extra {
		e := newExtra()
		e.id = "admin.other"
		change(e)
		return e
	}
	t.Run("parameter", func(t *testing.T) {
		clash(t, `admin.other: the CONFIG parameter "extra-value" is one of admin.extra already; rename it, or leave one of the two modules out`,
			newExtra(), another(func(*extra) {}))
	})
	quiet := func(e *extra) service.Service { return badInfo{e, "other"} } // without the parameter
	for name, tt := range map[string]struct {
		change func(*extra)
		want   string
	}{
		"page": {
			func(e *extra) { e.set = metrics.NewSet() },
			`admin.other: the page "GET /extra" is in conflict with "GET /extra" of admin.extra; choose another path, or leave one of the two modules out`,
		},
		"page for what the endpoint's own is not for": {
			func(e *extra) {
				e.set = metrics.NewSet()
				e.pages = map[string]http.Handler{"/{any}": http.NotFoundHandler(), "/health": http.NotFoundHandler()}
			},
			"",
		},
		"pattern": {
			func(e *extra) { e.pages = map[string]http.Handler{"GET": http.NotFoundHandler()} },
			`admin.other: the page "GET" is no pattern of http.ServeMux: `,
		},
		"metric": {
			func(e *extra) { e.pages = nil },
			"admin.other: the metric extra_total is one of admin.extra already; rename it, or leave one of the two modules out",
		},
		"metric of the server": {
			func(e *extra) { e.pages = nil; e.set = metrics.NewSet(); e.set.NewCounter("redistill_mine") },
			"admin.other: the metric redistill_mine begins with redistill_, as the server's own do; rename it",
		},
	} {
		t.Run(name, func(t *testing.T) { clash(t, tt.want, newExtra(), quiet(another(tt.change))) })
	}
	for name, want := range map[string]string{
		"":     `admin.extra: the INFO section "" lacks a name or its Lines; this is a mistake in the module`,
		"Mine": `admin.extra: the INFO section "Mine" has a name with other than lower-case letters, digits and _; rename it`,
		"all":  `admin.extra: the INFO section "all" has a name that INFO uses for several sections; rename it`,
	} {
		t.Run("section "+name, func(t *testing.T) { clash(t, want, badInfo{newExtra(), name}) })
	}
	t.Run("survey", func(t *testing.T) { clash(t, "admin.extra: no luck", unhappy{badInfo{newExtra(), ""}}) })
}

// clash expects that a process with these services is not built, for a reason that
// begins like this; empty: it is.
func clash(t *testing.T, want string, services ...service.Service) {
	t.Helper()
	_, err := extraGraph(t, services...).build(live(t.Context(), func() {}))
	if want == "" && err == nil {
		return
	}
	if err == nil || want == "" || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v\nwant  %s", err, want)
	}
}
