package process

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/modules/catalogue"
)

func writeConfig(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "redistill.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Every instance serves, and INFO has a line for each, in the order of the configuration.
func TestSeveralInstances(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	path := writeConfig(t, fmt.Sprintf(`
[[transports.unix]]
path = %q
[[transports.tcp]]
listen = "127.0.0.1:0"
[[transports.unix]]
path = %q
mode = "0777"
[[transports.tcp]]
listen = ""
[[transports.tcp]]
listen = "127.0.0.2:0"
`, socket+"1", socket+"2"))
	modules := pick("transport")
	cfg, err := config.Load(config.Source{File: path, Modules: modules, Set: []string{"server.shards=4"}})
	if err != nil {
		t.Fatal(err)
	}
	g, err := processGraph(cfg, modules)
	if err != nil {
		t.Fatal(err)
	}
	var p process
	ctx, cancel := context.WithCancel(t.Context())
	app, err := g.build(live(ctx, cancel), fx.Invoke(func(in process) { p = in }))
	if err != nil {
		t.Fatal(err)
	}
	if err := app.Start(ctx); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, l := range sorted(p.Transports) {
		if !l.Enabled() {
			continue
		}
		ids = append(ids, l.ID())
		conn, err := net.Dial(l.Addr().Network(), l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "CLIENT LIST\r\nINFO server\r\nQUIT\r\n"); err != nil {
			t.Fatal(err)
		}
		reply, err := io.ReadAll(conn)
		if err != nil {
			t.Fatal(err)
		}
		if flagged := strings.Contains(string(reply), " flags=U "); flagged != strings.Contains(l.ID(), "unix") {
			t.Errorf("%s: flag of a unix socket: %v", l.ID(), flagged)
		}
		port := func(id string) int {
			for _, l := range p.Transports {
				if l.ID() == id {
					return l.Addr().(*net.TCPAddr).Port
				}
			}
			return 0
		}
		want := fmt.Sprintf("tcp_port:%d\r\n", port("transport.tcp"))
		lines := fmt.Sprintf("listener0:name=unix,bind=%s1\r\nlistener1:name=tcp,bind=127.0.0.1,port=%d\r\nlistener2:name=unix,bind=%[1]s2\r\nlistener3:name=tcp,bind=127.0.0.2,port=%[3]d\r\n",
			socket, port("transport.tcp"), port("transport.tcp.3"))
		if !strings.Contains(string(reply), want) || !strings.Contains(string(reply), lines) {
			t.Errorf("%s: no %s%sin %s", l.ID(), want, lines, reply)
		}
	}
	if got := strings.Join(ids, " "); got != "transport.tcp transport.tcp.3 transport.unix transport.unix.2" {
		t.Errorf("serving: %s", got)
	}
	cancel()
	if err := app.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// The instances of a module are in the order of their numbers.
func TestOrderOfIDs(t *testing.T) {
	ids := []string{"admin.http", "transport.tcp", "transport.tcp.2", "transport.tcp.10", "transport.tls", "transport.unix.2"}
	shuffled := []string{ids[3], ids[5], ids[0], ids[4], ids[2], ids[1]}
	slices.SortFunc(shuffled, compareIDs)
	if !slices.Equal(shuffled, ids) {
		t.Errorf("%v", shuffled)
	}
}

// Every command that looks at a configuration tells of instances.
func TestInspectionOfInstances(t *testing.T) {
	path := writeConfig(t, "[[transports.tcp]]\nlisten = '127.0.0.1:7001'\n[[transports.tcp]]\nlisten = '127.0.0.1:7002'\n[admin]\nlisten = ''\n")
	for command, want := range map[string]string{
		"check":                                "\nlistens: transport.tcp on 127.0.0.1:7001 (transports.tcp.listen)\nlistens: transport.tcp.2 on 127.0.0.1:7002 (transports.tcp.2.listen)\n",
		"config":                               "# module transport.tcp: Clients over TCP\n# for several, write [[transports.tcp]] before the keys of each\n[transports.tcp]\n",
		"modules":                              "active (2)  Clients over TCP",
		"graph":                                "\t\"[type=transport.Listener group=transports]\" -> \"transport.tcp\";\n\t\"transport.tcp.2\" [shape=box];\n\t\"[type=transport.Listener group=transports]\" -> \"transport.tcp.2\";\n",
		"graph --set persistence.backend=file": "\t\"snapshot.Backend\" -> \"persistence.file\";\n",
		// Two that bind the same.
		"check --set transports.tcp.2.listen=127.0.0.1:7001": "--set: transports.tcp.2.listen: 127.0.0.1:7001 is the address of transports.tcp.listen too; give each its own, or set one to \"\" to switch it off\n",
		"check --set admin.listen=0.0.0.0:7002":              "transports.tcp.2.listen: 127.0.0.1:7002 can't be bound beside 0.0.0.0:7002, which is the address of admin.listen; ",
		"serve --set admin.listen=0.0.0.0:7002":              "transports.tcp.2.listen: 127.0.0.1:7002 can't be bound beside 0.0.0.0:7002, which is the address of admin.listen; ",
	} {
		code, stdout, stderr := redistill(t, nil, append(strings.Fields(command), "--config", path)...)
		if !strings.Contains(stdout+stderr, want) || (code == 0) != (stderr == "") {
			t.Errorf("redistill %s: code %d, no %q in\n%s%s", command, code, want, stdout, stderr)
		}
	}
	_, stdout, _ := redistill(t, nil, "modules", "--json", "--config", path)
	var infos []moduleInfo
	if err := json.Unmarshal([]byte(stdout), &infos); err != nil {
		t.Fatal(err)
	}
	for _, m := range infos {
		want := []string(nil)
		if m.ID == "transport.tcp" {
			want = []string{"transport.tcp", "transport.tcp.2"}
		}
		if !slices.Equal(m.Instances, want) {
			t.Errorf("%s has the instances %v", m.ID, m.Instances)
		}
	}
}

// A transport that is made for a second place, and tells the first, would be taken for
// that.
func TestTransportThatForgetsItsPlace(t *testing.T) {
	modules := append([]module.Descriptor{earlyModule()}, pick("transport.tcp")...)
	modules[0].Several = true
	cfg, err := config.Load(config.Source{Modules: modules, Set: []string{"transports.early.2.port=7000"}})
	if err != nil {
		t.Fatal(err)
	}
	g, err := moduleGraph(cfg, modules)
	if err != nil {
		t.Fatal(err)
	}
	_, err = g.build(fx.Invoke(func(transports) {}))
	want := `transport.early.2: calls itself "transport.early"; its ID must be that of the place that it is made for: this is a mistake in the module`
	if err == nil || err.Error() != want {
		t.Errorf("error %v\nwant  %s", err, want)
	}
}

// What a small build makes of the configuration that a full one prints is that it works,
// and says what has no effect.
func TestCheckOfAConfigurationForMore(t *testing.T) {
	src := config.Source{Modules: pick("transport.tcp", "commands.strings"), Known: catalogue.Tree, File: writeConfig(t, config.Reference(module.All()))}
	cfg, err := config.Load(src)
	if err != nil {
		t.Fatal(err)
	}
	told := ignored(cfg)
	for _, want := range []string{
		"[admin], since module admin.http is not in this build\n",
		"[transports.unix], since module transport.unix is not in this build\n",
		"\nignored: to have what is ignored, redistill-build --only admin.http,commands.strings,eviction.allkeys-adaptive,",
	} {
		if !strings.Contains(told, want) {
			t.Errorf("no %q in\n%s", want, told)
		}
	}
	for line := range strings.Lines(told) {
		if !strings.HasPrefix(line, "ignored: ") {
			t.Errorf("a line of its own: %s", line)
		}
	}
	var log strings.Builder
	warnOfIgnored(newLogger(cfg.Log, &log), cfg)
	if n := strings.Count(log.String(), "\n"); n != 1 || !strings.Contains(log.String(), "[transports.tls] ("+src.File+":") || !strings.Contains(log.String(), "redistill-build --only") {
		t.Errorf("logged %s", log.String())
	}
	if cfg, err = config.Load(config.Source{Modules: src.Modules, Known: catalogue.Tree}); err != nil || ignored(cfg) != "" {
		t.Errorf("an empty configuration: error %v, %s", err, ignored(cfg))
	}
}
