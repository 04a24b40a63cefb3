package process

import (
	"crypto/rand"
	"encoding/hex"
	"log/slog"

	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/basics"
	"github.com/redistill-go/redistill/core/buffer"
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/governor"
	"github.com/redistill-go/redistill/core/resp"
	"github.com/redistill-go/redistill/core/saver"
	"github.com/redistill-go/redistill/core/server"
	"github.com/redistill-go/redistill/core/service"
	"github.com/redistill-go/redistill/core/session"
	"github.com/redistill-go/redistill/core/settings"
	"github.com/redistill-go/redistill/core/settings/builtin"
	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/stats"
	"github.com/redistill-go/redistill/core/store"
	"github.com/redistill-go/redistill/core/watch"
)

// coreOptions are the core's own part of the graph.
func coreOptions() fx.Option {
	return fx.Module("core",
		fx.Provide(
			newState,
			newStore,
			buffer.New,
			watch.New,
			newSaver,
			func(f families) (*command.Table, error) {
				return command.NewTable(append(f.All, basics.Family())...)
			},
			func(t *command.Table) *stats.Stats { return stats.New(t.Len()) },
			newAuth,
			func() *settings.Registry { return &settings.Registry{} },
			newEnv,
			fx.Annotate(newServer, fx.As(fx.Self()), fx.As(new(engine))),
			newHost,
			fx.Annotate(newSampler, fx.ResultTags(`group:"background"`)),
			fx.Annotate(newSweeper, fx.ResultTags(`group:"background"`)),
			fx.Annotate(newPolicyTidier, fx.ResultTags(`group:"background"`)),
			fx.Annotate(newMemoryKeeper, fx.ResultTags(`group:"background"`)),
			fx.Annotate(newCollector, fx.ResultTags(`group:"background"`)),
			fx.Annotate(newPopulator, fx.ResultTags(`group:"background"`)),
			fx.Annotate(newClientCloser, fx.ResultTags(`group:"background"`)),
		),
	)
}

// families are the families of commands of this build, beside the core's own.
type families struct {
	fx.In
	All []command.Family `group:"families"`
}

// policies are the eviction policies of this build.
type policies struct {
	fx.In
	All builtin.Policies `group:"policies"`
}

func newStore(cfg *config.Config, p policies) (*store.Store, error) {
	policy, _ := p.All.Find(cfg.Memory.Eviction)
	return store.New(store.Options{
		Shards:    cfg.Server.Shards,
		MaxMemory: int64(cfg.Memory.Max),
		Policy:    policy,
	})
}

// newHost is what services see of the process.
func newHost(s *state, st *store.Store, env *command.Env, srv *server.Server) service.Host {
	names := make(service.CommandNames, env.Table.Len())
	for i := range names {
		names[i] = env.Table.At(i).FullName
	}
	return service.Host{Stats: env.Stats, Commands: names, Health: s, Observer: observer{st, env, srv}}
}

func newAuth(cfg *config.Config) *command.Auth {
	auth := &command.Auth{}
	auth.SetPassword(cfg.Auth.Password)
	return auth
}

// envInputs are what the environment of commands is made from.
type envInputs struct {
	fx.In

	Config *config.Config
	Store  *store.Store
	Watch  *watch.Hub
	Table  *command.Table
	Stats  *stats.Stats
	Auth   *command.Auth
	State  *state

	Saver *saver.Saver

	Buffers *buffer.Pool
}

// newEnv makes the environment of commands. Clients and Config follow in
// newServer, since they need the server.
func newEnv(in envInputs) *command.Env {
	id := make([]byte, 20)
	_, _ = rand.Read(id) // never fails
	env := &command.Env{
		Store:      in.Store,
		Watch:      in.Watch,
		Table:      in.Table,
		Stats:      in.Stats,
		Auth:       in.Auth,
		Version:    thisBuild().version,
		ConfigFile: in.Config.File(),
		Debug:      in.Config.Server.EnableDebug,
		RunID:      hex.EncodeToString(id),
		Port:       in.State.port,
		Listeners:  in.State.listening,
		Loading:    &in.State.loading,

		Stopper: in.State.stops,

		Snapshots: in.Saver,
	}
	env.NewTracker(in.Buffers)
	return env
}

func newServer(cfg *config.Config, env *command.Env, buffers *buffer.Pool, p policies, parameters *settings.Registry) (*server.Server, error) {
	srv := server.New(server.Options{
		Shared: &session.Shared{
			Env:     env,
			Limits:  resp.DefaultLimits(int(cfg.Server.MaxBulkLength)),
			Buffers: buffers,
		},
		MaxClients:  cfg.Server.MaxClients,
		AuthTimeout: cfg.Server.AuthTimeout.Std(),
		IdleTimeout: cfg.Server.IdleTimeout.Std(),
		Log:         slog.Default(),
	})
	env.MaxBulk = int64(cfg.Server.MaxBulkLength)
	env.Clients = srv.Clients()
	env.Outside = governor.Outside(srv, buffers)
	env.Config = parameters
	limits := governor.NewClientLimits(&cfg.Server, env.Store, srv, env.Tracking)
	list := builtin.Parameters(cfg, env, srv, p.All, limits.Fit)
	return srv, parameters.Add("core", append(list, limits.Settings()...)...)
}

// saverInputs are what snapshots are made from.
type saverInputs struct {
	fx.In

	Backend snapshot.Backend `optional:"true"`
	Store   *store.Store
	Stats   *stats.Stats
}

func newSaver(in saverInputs) *saver.Saver { return saver.New(in.Backend, in.Store, in.Stats) }
