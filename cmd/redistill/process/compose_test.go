package process

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/service"
	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/store"
	_ "github.com/redistill-go/redistill/modules/all"
	"github.com/redistill-go/redistill/modules/catalogue"
	"github.com/redistill-go/redistill/modules/fxmodule"
)

// pick returns the modules whose ID begins with one of the prefixes.
func pick(prefixes ...string) []module.Descriptor {
	var modules []module.Descriptor
	for _, d := range module.All() {
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(d.ID, p) }) {
			modules = append(modules, d)
		}
	}
	return modules
}

func loadFor(t *testing.T, modules []module.Descriptor, set ...string) *config.Config {
	t.Helper()
	cfg, err := config.Load(config.Source{Set: set, Modules: modules, Known: catalogue.Tree})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// Whatever selection of modules a build has, its graph is complete.
func TestEverySelectionIsComplete(t *testing.T) {
	for name, tt := range map[string]struct {
		modules []module.Descriptor
		set     []string
	}{
		"everything, nothing kept":  {modules: module.All()},
		"everything, file":          {modules: module.All(), set: []string{"persistence.backend=file"}},
		"everything, pebble":        {modules: module.All(), set: []string{"persistence.backend=pebble", "memory.eviction=allkeys-lru"}},
		"TCP alone":                 {modules: pick("transport.tcp")},
		"unix socket and file":      {modules: pick("transport.unix", "persistence.file"), set: []string{"persistence.backend=file"}},
		"transports and eviction":   {modules: pick("transport", "eviction"), set: []string{"memory.eviction=allkeys-random"}},
		"TLS and admin":             {modules: pick("transport.tls", "admin")},
		"no modules (can't be run)": {},
	} {
		t.Run(name, func(t *testing.T) {
			g, err := processGraph(loadFor(t, tt.modules, tt.set...), tt.modules)
			if err != nil {
				t.Fatal(err)
			}
			if err := fx.ValidateApp(fx.NopLogger, g.options(), live(context.Background(), func() {})); err != nil {
				t.Error(err)
			}
		})
	}
}

// A mistake in a module is laid at its door, in one line.
func TestModuleAtFaultIsNamed(t *testing.T) {
	broken := func(factory any) []module.Descriptor {
		return []module.Descriptor{{ID: "admin.broken", Factory: factory}}
	}
	fails := func(err error) fxmodule.Factory {
		return func(any) fx.Option {
			return fx.Module("admin.broken", fx.Provide(func() (snapshot.Backend, error) { return nil, err }))
		}
	}
	for name, tt := range map[string]struct {
		modules []module.Descriptor
		want    string
	}{
		"no factory":          {broken(7), "admin.broken: is registered with a int, which is the factory of no kind; use Register of the kind's package, as in eviction.Register"},
		"constructor fails":   {broken(fails(errors.New("no luck"))), "admin.broken: no luck"},
		"and says so already": {broken(fails(errors.New("admin.broken: no luck"))), "admin.broken: no luck"},
	} {
		t.Run(name, func(t *testing.T) {
			g, err := processGraph(loadFor(t, nil), tt.modules)
			if err == nil {
				_, err = g.build(fx.Invoke(func(snapshot.Backend) {}))
			}
			if err == nil || err.Error() != tt.want {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}

type (
	need  struct{}
	other struct{}
)

type needy struct{ service.Service }

// A graph that does not hold together is told by the module at fault, by what it is
// about and by what to do, whatever order modules are in.
func TestModuleThatDoesNotFitIsNamed(t *testing.T) {
	asService := func(f any) fx.Option {
		return fx.Provide(fx.Annotate(f, fx.As(new(service.Service)), fx.ResultTags(`group:"services"`)))
	}
	for name, tt := range map[string]struct {
		modules map[string]fx.Option
		want    string
	}{
		"needs what nobody has": {
			map[string]fx.Option{"admin.a": asService(func(*need) needy { return needy{} })},
			"admin.a: needs *process.need, which no part of this build provides; build it with the module that does, or without admin.a",
		},
		"a part of it does": {
			map[string]fx.Option{"admin.a": fx.Options(fx.Provide(func(*need) *other { return nil }), asService(func(*other) needy { return needy{} }))},
			"admin.a: needs *process.need, which no part of this build provides; build it with the module that does, or without admin.a",
		},
		"invokes with what nobody has": {
			map[string]fx.Option{"admin.a": fx.Invoke(func(*need) {})},
			"admin.a: needs *process.need, which no part of this build provides; build it with the module that does, or without admin.a",
		},
		"provides what another does": {
			map[string]fx.Option{"admin.a": fx.Provide(func() *need { return nil }), "admin.b": fx.Provide(func() *need { return nil })},
			"admin.b: provides *process.need, and so does admin.a, but there can be only one; build without one of the two",
		},
		"provides what the core does": {
			map[string]fx.Option{"admin.a": fx.Provide(func() *store.Store { return nil })},
			"admin.a: provides *store.Store, and so does the core, but there can be only one; build without one of the two",
		},
		"decorates what another does": {
			map[string]fx.Option{
				"admin.a": fx.Decorate(func(s *store.Store) *store.Store { return s }),
				"admin.b": fx.Decorate(func(s *store.Store) *store.Store { return s }),
			},
			"admin.b: decorates *store.Store, and so does admin.a, but only one can; build without one of the two",
		},
		"cycle": {
			map[string]fx.Option{
				"admin.a": asService(func(*other) needy { return needy{} }),
				"admin.b": fx.Provide(func(*need) *other { return nil }),
				"admin.c": fx.Provide(func(*other) *need { return nil }),
			},
			"admin.c: its parts and those of admin.b need each other, so that neither can be made first; build without one of the two",
		},
		"provides no function": {
			map[string]fx.Option{"admin.a": fx.Provide(7)},
			"admin.a: must provide constructor function, got 7 (type int); this is a mistake in the module",
		},
		"one that needs a later one is not at fault": {
			map[string]fx.Option{
				"admin.a": asService(func(*need) needy { return needy{} }),
				"admin.b": fx.Provide(func() *need { return &need{} }),
				"admin.c": fx.Invoke(func(*other) {}),
			},
			"admin.c: needs *process.other, which no part of this build provides; build it with the module that does, or without admin.c",
		},
		"invokes what fails": {
			map[string]fx.Option{"admin.a": fx.Invoke(func() error { return errors.New("no luck") })},
			"admin.a: no luck",
		},
	} {
		t.Run(name, func(t *testing.T) {
			modules := pick("transport.tcp")
			for id, option := range tt.modules {
				scoped := option
				if name != "decorates what another does" { // what a module decorates for itself is its own
					scoped = fx.Module(id, option)
				}
				modules = append(modules, module.Descriptor{ID: id, Factory: fxmodule.Factory(func(any) fx.Option { return scoped })})
			}
			slices.SortFunc(modules, func(a, b module.Descriptor) int { return strings.Compare(a.ID, b.ID) })
			g, err := processGraph(loadFor(t, pick("transport.tcp")), modules)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := g.build(live(t.Context(), func() {})); err == nil || err.Error() != tt.want {
				t.Errorf("error %v\nwant  %s", err, tt.want)
			}
		})
	}
}

// watcher is a service that sees more of the process than the contract of services.
type watcher struct {
	needy
	store *store.Store
}

func (watcher) ID() string { return "admin.watcher" }

// A module may bring an option of its own, and what it puts into a group is one of the
// process's parts.
func TestModuleWithAnOptionOfItsOwn(t *testing.T) {
	own := fxmodule.Factory(func(any) fx.Option {
		return fx.Module("admin.watcher", fx.Provide(fx.Annotate(func(st *store.Store) watcher { return watcher{store: st} },
			fx.As(new(service.Service)), fx.ResultTags(`group:"services"`))))
	})
	g, err := processGraph(loadFor(t, pick("transport.tcp"), "server.shards=4"), append(pick("transport.tcp"), module.Descriptor{ID: "admin.watcher", Factory: own}))
	if err != nil {
		t.Fatal(err)
	}
	var p process
	if _, err := g.build(fx.Invoke(func(in process) { p = in })); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Store.Close(); err != nil {
			t.Error(err)
		}
	})
	if len(p.Services) != 1 || p.Services[0].ID() != "admin.watcher" || p.Services[0].(watcher).store != p.Store {
		t.Errorf("services %v", p.Services)
	}
}

func TestPolicyIsFoundByName(t *testing.T) {
	if p, ok := (policies{}).All.Find("noeviction"); p != nil || !ok {
		t.Errorf("noeviction without modules: %v, %v", p, ok)
	}
	if p, ok := (policies{}).All.Find("allkeys-lru"); p != nil || ok {
		t.Errorf("allkeys-lru without modules: %v, %v", p, ok)
	}
	var found policies
	g, err := moduleGraph(loadFor(t, module.All()), module.All())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.build(fx.Invoke(func(p policies) { found = p })); err != nil {
		t.Fatal(err)
	}
	for _, d := range pick("eviction") {
		var p eviction.Policy
		if p, _ = found.All.Find(d.Name()); p == nil || p.Name() != d.Name() {
			t.Errorf("%s provides no policy of its name: %v", d.ID, p)
		}
	}
}

// logs is a log that tells when the server is ready.
type logs struct {
	mu    sync.Mutex
	text  string
	ready chan struct{}
}

func (l *logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text += string(b)
	if strings.Contains(string(b), "msg=ready") {
		close(l.ready)
	}
	return len(b), nil
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text
}

// The whole process starts on ports of the system's choice, accepts
// connections, and stops when it is asked to, twice on one snapshot.
func TestServe(t *testing.T) {
	dir := t.TempDir()
	socket, snapshot := filepath.Join(dir, "s"), filepath.Join(dir, "dump.rdb")
	args := []string{
		"--set", "transports.tcp.listen=127.0.0.1:0", "--set", "admin.listen=127.0.0.1:0", "--set", "transports.unix.path=" + socket,
		"--set", "persistence.backend=file", "--set", "persistence.file.path=" + snapshot, "--set", "server.shards=4",
	}
	for _, want := range []string{"no snapshot to load", "snapshot loaded"} {
		ctx, cancel := context.WithCancel(context.Background())
		l := &logs{ready: make(chan struct{})}
		ended := make(chan int, 1)
		go func() { ended <- run(ctx, config.Source{Known: catalogue.Tree}, nil, args, l, l) }()
		select {
		case <-l.ready:
		case code := <-ended:
			t.Fatalf("ended with code %d:\n%s", code, l)
		}
		addr := regexp.MustCompile(`transport=transport.tcp addr=(\S+)`).FindStringSubmatch(l.String())
		if addr == nil {
			t.Fatalf("no address in:\n%s", l)
		}
		for network, address := range map[string]string{"tcp": addr[1], "unix": socket} {
			c, err := net.Dial(network, address)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
		cancel()
		if code := <-ended; code != 0 {
			t.Errorf("code %d", code)
		}
		for _, line := range []string{want, "snapshot saved", "msg=stopped", "module=admin.http addr=127.0.0.1:", "transport=transport.unix addr=" + socket} {
			if !strings.Contains(l.String(), line) {
				t.Errorf("no %q in:\n%s", line, l)
			}
		}
	}
}

// A port that is taken is told in one line; what had been started is stopped.
func TestServePortTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	code, stdout, stderr := redistill(t, nil, "serve", "--set", "transports.tcp.listen="+taken.Addr().String(), "--set", "admin.listen=127.0.0.1:0", "--set", "server.shards=4")
	if code != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "redistill: transport.tcp: ") || !strings.Contains(stderr, taken.Addr().String()) {
		t.Errorf("code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}
