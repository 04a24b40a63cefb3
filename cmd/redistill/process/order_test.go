package process

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/transport"
)

// early is a transport whose ID comes before that of TCP, which the configuration
// switches on.
type early struct {
	fakeTransport
	config *earlyConfig
}

type earlyConfig struct {
	Port int `toml:"port" doc:"the port"`
}

func (e *early) Enabled() bool  { return e.config.Port != 0 }
func (e *early) Addr() net.Addr { return &net.TCPAddr{Port: e.config.Port} }

func (e *early) Start(context.Context, transport.Server) error { return nil }

// The port that clients are told is that of the first transport by configuration.
func TestPortIsOfTheFirstTransportByConfiguration(t *testing.T) {
	const (
		tcp = "[transports.tcp]\nlisten = \"127.0.0.1:0\"\n"
		mid = "[transports.early]\nport = 7000\n"
	)
	for name, tt := range map[string]struct {
		file  string
		set   string
		early bool // it is the first
	}{
		"TCP is on without a word":        {file: mid},
		"the file has TCP first":          {file: tcp + mid},
		"the file has the other first":    {file: mid + tcp, early: true},
		"the command line has the other":  {file: tcp, set: "transports.early.port=7000"},
		"the command line has both":       {set: "transports.early.port=7000"},
		"the command line overrides TCP":  {file: mid, set: "server.max_clients=100"},
		"TCP is off":                      {file: mid, set: "transports.tcp.listen=", early: true},
		"the file switches off the other": {file: "[transports.early]\nport = 0\n" + tcp},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "redistill.toml")
			if err := os.WriteFile(path, []byte(tt.file), 0o600); err != nil {
				t.Fatal(err)
			}
			modules := slices.Insert(pick("transport.tcp"), 0, earlyModule())
			src := config.Source{File: path, Modules: modules, Set: []string{"server.shards=4"}}
			if tt.set != "" {
				src.Set = append(src.Set, tt.set)
			}
			if !strings.Contains(tt.set, "tcp") && !strings.Contains(tt.file, "tcp") {
				src.Set = append(src.Set, "transports.tcp.listen=127.0.0.1:0")
			}
			cfg, err := config.Load(src)
			if err != nil {
				t.Fatal(err)
			}
			g, err := processGraph(cfg, modules)
			if err != nil {
				t.Fatal(err)
			}
			var s *state
			ctx, cancel := context.WithCancel(t.Context())
			app, err := g.build(live(ctx, cancel), fx.Populate(&s))
			if err != nil {
				t.Fatal(err)
			}
			if err := app.Start(ctx); err != nil {
				t.Fatal(err)
			}
			if port := s.port(); port == 0 || (port == 7000) != tt.early {
				t.Errorf("port %d", port)
			}
			cancel()
			if err := app.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func earlyModule() module.Descriptor {
	return module.Descriptor{
		ID: "transport.early", Section: "transports.early", NewConfig: func() any { return &earlyConfig{} },
		Factory: transport.Factory(func(config any, _ module.Place) transport.Listener {
			return &early{fakeTransport{fakePart{journal: &journal{}, id: "transport.early"}}, config.(*earlyConfig)}
		}),
	}
}
