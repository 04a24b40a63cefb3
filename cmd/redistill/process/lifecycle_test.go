package process

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/fx/fxtest"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/saver"
	"github.com/redistill-go/redistill/core/service"
	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/stats"
	"github.com/redistill-go/redistill/core/store"
	"github.com/redistill-go/redistill/core/transport"
)

// journal writes down what the process did, in order.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) add(line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Join(j.lines, "\n")
}

// fakePart is a fake of whatever starts and stops.
type fakePart struct {
	*journal
	id   string
	off  bool
	fail error
}

func (p *fakePart) ID() string    { return p.id }
func (p *fakePart) Enabled() bool { return !p.off }

func (p *fakePart) Stop(context.Context) error {
	p.add("stop " + p.id)
	return nil
}

type fakeService struct{ fakePart }

func (s *fakeService) Start(context.Context) error {
	s.add("start " + s.id)
	return s.fail
}

type fakeTransport struct{ fakePart }

func (l *fakeTransport) Addr() net.Addr { return &net.TCPAddr{Port: 6379} }

func (l *fakeTransport) Start(_ context.Context, srv transport.Server) error {
	l.add("start " + l.id)
	return errors.Join(l.fail, srv.Serve(nil, l.id))
}

type fakeEngine struct{ *journal }

func (e fakeEngine) Serve(_ net.Listener, kind string) error {
	e.add("serve " + kind)
	return nil
}

func (e fakeEngine) Descriptors() int { return 0 }
func (e fakeEngine) FitClients(int)   {}

func (e fakeEngine) Drain(ctx context.Context) error {
	if _, ok := ctx.Deadline(); !ok {
		return errors.New("drain without a deadline")
	}
	e.add("drain")
	return nil
}

type fakeBackend struct {
	*journal
	health            service.Health
	failLoad, noSpace error
	saved             chan struct{} // one value for each save, if not nil
	every             time.Duration
}

func (b *fakeBackend) SaveEvery() time.Duration { return b.every }

func (b *fakeBackend) ID() string { return "persistence.fake" }
func (b *fakeBackend) Open(context.Context) error {
	b.add("open")
	return nil
}

func (b *fakeBackend) Close() error {
	b.add("close")
	return nil
}

func (b *fakeBackend) Load(ctx context.Context, _ snapshot.Sink) (snapshot.Info, error) {
	b.add("load: " + b.health.Ready().Error())
	return snapshot.Info{}, errors.Join(b.failLoad, ctx.Err())
}

func (b *fakeBackend) Save(ctx context.Context, _ snapshot.Source) (snapshot.Info, error) {
	b.add("save")
	if b.saved != nil {
		select {
		case b.saved <- struct{}{}:
		case <-ctx.Done():
		}
	}
	return snapshot.Info{Keys: 3}, b.noSpace
}

func newTestStore(t *testing.T) *store.Store {
	t.Helper()
	st, err := store.New(store.Options{Shards: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

// fakeProcess has two of everything that comes in groups.
func fakeProcess(t *testing.T) (process, *journal, *fakeBackend) {
	cfg, err := config.Load(config.Source{})
	if err != nil {
		t.Fatal(err)
	}
	j := &journal{}
	s := newState()
	b := &fakeBackend{journal: j, health: s}
	figures, st := stats.New(0), newTestStore(t)
	return process{
		Config: cfg, Stats: figures, Store: st, Saver: saver.New(b, st, figures), State: s, Env: &command.Env{}, Engine: fakeEngine{j}, Backend: b,
		Background: []background{func(ctx context.Context) {
			<-ctx.Done()
			j.add("task ended")
		}},
		Transports: []transport.Listener{
			&fakeTransport{fakePart{journal: j, id: "transport.b"}},
			&fakeTransport{fakePart{journal: j, id: "transport.a"}},
			&fakeTransport{fakePart{journal: j, id: "transport.off", off: true}},
		},
		Services: []service.Service{
			&fakeService{fakePart{journal: j, id: "admin.b"}},
			&fakeService{fakePart{journal: j, id: "admin.off", off: true}},
			&fakeService{fakePart{journal: j, id: "admin.a"}},
		},
	}, j, b
}

func lifecycle(t *testing.T, ctx context.Context, p process) *fxtest.Lifecycle {
	lc := fxtest.NewLifecycle(t)
	for _, step := range p.steps(ctx) {
		lc.Append(step)
	}
	return lc
}

func expect(t *testing.T, j *journal, want string) {
	t.Helper()
	if got := j.String(); got != strings.TrimSpace(want) {
		t.Errorf("did:\n%s\nwant:\n%s", got, want)
	}
}

func TestStopIsTheReverseOfStart(t *testing.T) {
	p, j, _ := fakeProcess(t)
	lc := lifecycle(t, context.Background(), p)
	if err := p.State.Ready(); err == nil || err.Error() != "starting" {
		t.Errorf("before the start: %v", err)
	}
	lc.RequireStart()
	if err := p.State.Ready(); err != nil || p.State.loading.Load() {
		t.Errorf("while serving: %v, loading %v", err, p.State.loading.Load())
	}
	lc.RequireStop()
	if err := p.State.Ready(); err == nil || err.Error() != "draining" {
		t.Errorf("after the stop: %v", err)
	}
	expect(t, j, `
open
start admin.a
start admin.b
start transport.a
serve transport.a
start transport.b
serve transport.b
load: loading the snapshot
stop transport.b
stop transport.a
drain
task ended
save
stop admin.b
stop admin.a
close`)
	if p.Stats.SnapshotsSaved.Load() != 1 || p.Stats.SnapshotLastKeys.Load() != 3 {
		t.Errorf("the last snapshot was not counted")
	}
}

func TestNoBackendNoSnapshots(t *testing.T) {
	p, j, _ := fakeProcess(t)
	p.Backend, p.Services, p.Transports = nil, nil, p.Transports[:1]
	lc := lifecycle(t, context.Background(), p)
	lc.RequireStart()
	lc.RequireStop()
	expect(t, j, "start transport.b\nserve transport.b\nstop transport.b\ndrain\ntask ended")
}

func TestNoLastSnapshotWhenNotWanted(t *testing.T) {
	p, j, _ := fakeProcess(t)
	p.Config.Persistence.SaveOnShutdown = false
	lc := lifecycle(t, context.Background(), p)
	lc.RequireStart()
	lc.RequireStop()
	if strings.Contains(j.String(), "save") {
		t.Errorf("saved:\n%s", j)
	}
}

// A damaged snapshot ends the start and is not written over.
func TestFailedLoadSavesNothing(t *testing.T) {
	p, j, b := fakeProcess(t)
	b.failLoad = errors.New("damaged")
	lc := lifecycle(t, context.Background(), p)
	if err := lc.Start(context.Background()); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("start: %v", err)
	}
	lc.RequireStop()
	if got := j.String(); !strings.HasSuffix(got, "load: loading the snapshot\nstop transport.b\nstop transport.a\ndrain\ntask ended\nstop admin.b\nstop admin.a\nclose") {
		t.Errorf("did:\n%s", got)
	}
	if !p.State.loading.Load() {
		t.Error("clients are served though the snapshot was not loaded")
	}
}

// A transport that can't bind ends the start before anything is loaded, and
// undoes all that came before.
func TestFailedTransportUndoesTheStart(t *testing.T) {
	p, j, _ := fakeProcess(t)
	p.Transports[0].(*fakeTransport).fail = errors.New("port taken") // transport.b
	lc := lifecycle(t, context.Background(), p)
	if err := lc.Start(context.Background()); err == nil || !strings.Contains(err.Error(), "port taken") {
		t.Errorf("start: %v", err)
	}
	lc.RequireStop()
	if got := j.String(); !strings.HasSuffix(got, "start transport.b\nserve transport.b\nstop transport.a\ndrain\ntask ended\nstop admin.b\nstop admin.a\nclose") {
		t.Errorf("did:\n%s", got)
	}
}

// A process that is asked to stop while it starts goes no further.
func TestStopWhileStarting(t *testing.T) {
	p, j, _ := fakeProcess(t)
	ctx, cancel := context.WithCancel(context.Background())
	lc := lifecycle(t, ctx, p)
	cancel()
	if err := lc.Start(context.Background()); !errors.Is(err, context.Canceled) {
		t.Errorf("start: %v", err)
	}
	lc.RequireStop()
	expect(t, j, "")
}

// Snapshots are taken again and again, even if they fail, until the stop.
func TestPeriodicSnapshots(t *testing.T) {
	t.Run("as configured", func(t *testing.T) { periodicSnapshots(t, time.Microsecond, 0) })
	t.Run("as the backend wants", func(t *testing.T) { periodicSnapshots(t, time.Hour, time.Microsecond) })
}

func periodicSnapshots(t *testing.T, interval, every time.Duration) {
	t.Helper()
	p, _, b := fakeProcess(t)
	p.Config.Persistence.Interval = config.Duration(interval)
	b.every = every
	p.Config.Persistence.SaveOnShutdown = false
	b.saved = make(chan struct{})
	b.noSpace = errors.New("no space left")
	lc := lifecycle(t, context.Background(), p)
	lc.RequireStart()
	k := p.Store.Key([]byte("key")) // without a change there is nothing to save
	sh := p.Store.Lock(k)
	if err := sh.Set(k, nil, 0, 0); err != nil {
		t.Error(err)
	}
	sh.Unlock()
	for range 3 {
		<-b.saved
	}
	lc.RequireStop()
	if n := p.Stats.SnapshotsFailed.Load(); n < 3 {
		t.Errorf("%d failures counted, want 3 or more", n)
	}
}
