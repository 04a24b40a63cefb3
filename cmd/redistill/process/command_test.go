package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/cmd/redistill/manual"
	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/settings"
	"github.com/redistill-go/redistill/modules/catalogue"
)

// redistill runs the process with these arguments until it ends by itself.
func redistill(t *testing.T, environ []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(context.Background(), config.Source{Known: catalogue.Tree, Environ: environ}, nil, args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestInspectionSucceeds(t *testing.T) {
	for _, tt := range []struct {
		args string
		want string
	}{
		{"check", "the configuration is valid\nmemory: data has no limit; set memory.max to know what a container must have\n"},
		{"check --set memory.max=1gb", "memory: give a container 1399mb: 1143mb for data (memory.max 1gb, a tenth of it and 16mb), and 256mb for clients (server.client_memory auto)\n"},
		{"check --set memory.max=100mb --set server.client_memory=50%", "memory: give a container 176mb: 126mb for data (memory.max 100mb, a tenth of it and 16mb), and 50mb for clients (server.client_memory 50%)\n"},
		{"check --set memory.max=100mb --set server.client_memory=0", "memory: give a container 126mb and what clients take, which has no limit; set server.client_memory to know it\n"},
		{"version", "redistill " + version},
		{"--version", "redistill " + version},
		{"modules", "[transports.tcp]"},
		{"modules --ids", "admin.http\ncommands.bitmaps\n"},
		{"config", "[transports.tcp]\n"},
		{"graph", "digraph"},
		{"graph --set persistence.backend=file", "snapshot.Backend"},
		{"--help", "Available Commands"},
	} {
		code, stdout, stderr := redistill(t, nil, strings.Fields(tt.args)...)
		if code != 0 || stderr != "" || !strings.Contains(stdout, tt.want) {
			t.Errorf("redistill %s: code %d, stderr %q, stdout without %q:\n%s", tt.args, code, stderr, tt.want, stdout)
		}
	}
}

// Whatever is wrong is said in one line, and several problems of a
// configuration in one line each.
func TestFailuresAreOneLineEach(t *testing.T) {
	for _, tt := range []struct {
		args string
		want []string
	}{
		{"chek", []string{`redistill: command line: there is no command "chek"; did you mean check?`}},
		{"frobnicate", []string{`redistill: command line: unexpected argument "frobnicate"; see redistill --help`}},
		{"check x", []string{`redistill: command line: unexpected argument "x"; see redistill --help`}},
		{"--sett x", []string{"redistill: command line: unknown flag: --sett; see redistill --help"}},
		{"check --set memory.mxa=1", []string{"redistill: --set: memory.mxa: there is no such key; did you mean max?"}},
		{"check --config /none.toml --set memory.eviction=allkeys-lur --set server.shards=3", []string{
			"redistill: /none.toml: cannot read the config file: no such file or directory; check --config and REDISTILL_CONFIG",
			`redistill: --set: memory.eviction: there is no eviction module "allkeys-lur"; did you mean "allkeys-lru"?`,
			"redistill: --set: server.shards: 3 is not a power of two from 1 to 65536; use 0 to let the server choose",
		}},
		{"check --set transports.tcp.listen=", []string{
			"redistill: transports: none is enabled, so that no client could connect; set one, as in transports.tcp.listen=127.0.0.1:6379"}},
		{"--set transports.tcp.listen=", []string{
			"redistill: transports: none is enabled, so that no client could connect; set one, as in transports.tcp.listen=127.0.0.1:6379"}},
	} {
		code, stdout, stderr := redistill(t, nil, strings.Fields(tt.args)...)
		if code != 1 || stdout != "" || stderr != strings.Join(tt.want, "\n")+"\n" {
			t.Errorf("redistill %s: code %d, stdout %q, stderr:\n%s", tt.args, code, stdout, stderr)
		}
	}
}

func TestErrorsOfSeveralLinesAreJoined(t *testing.T) {
	var out bytes.Buffer
	report(&out, fmt.Errorf("stop: %w", errors.Join(errors.New("a"), errors.New("b"))))
	if out.String() != "redistill: stop: a; b\n" {
		t.Errorf("report: %q", out.String())
	}
}

func TestAbsentModulesAreListed(t *testing.T) {
	var out bytes.Buffer
	tcp, ok := module.Lookup("transport.tcp")
	if !ok {
		t.Fatal("no transport.tcp")
	}
	if err := listModules(&out, moduleInfos(config.Source{Modules: []module.Descriptor{tcp}, Known: catalogue.Tree}), catalogue.Tree); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"not in this build  build tag eviction.allkeys_lru", "active  Clients over TCP", "[transports.tcp]"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
}

// The parts of the manual that repeat the program are what the program says.
// UPDATE=1 rewrites them.
func TestManual(t *testing.T) {
	var modules bytes.Buffer
	modules.WriteString("| module | what it is | section | build tag |\n|---|---|---|---|\n")
	for _, k := range catalogue.Tree {
		d, ok := module.Lookup(k.ID)
		if !ok {
			t.Fatalf("%s is not in this build", k.ID)
		}
		section := ""
		if k.Section != "" {
			section = "`[" + k.Section + "]`"
		}
		fmt.Fprintf(&modules, "| `%s` | %s | %s | `%s` |\n", k.ID, d.Doc, section, k.Tag)
	}
	for page, parts := range map[string]map[string]string{
		"builds.md": {"modules": modules.String()},
		"configuration.md": {
			"config":      "```toml\n" + config.Reference(module.All()) + "```\n",
			"environment": config.AliasTable(),
			"parameters":  newParametersTest(t).Env.Config.(*settings.Registry).Markdown(),
		},
	} {
		checkPage(t, filepath.Join("../manual", page), parts)
	}
}

// checkPage compares the marked parts of a page with what they are to be.
func checkPage(t *testing.T, page string, parts map[string]string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	updated := string(text)
	for name, content := range parts {
		begin, end := "<!-- "+name+":begin -->\n", "<!-- "+name+":end -->"
		before, rest, ok := strings.Cut(updated, begin)
		_, after, closed := strings.Cut(rest, end)
		if !ok || !closed {
			t.Fatalf("%s has no part %s", page, name)
		}
		updated = before + begin + content + end + after
	}
	if updated == string(text) {
		return
	}
	if os.Getenv("UPDATE") == "" {
		t.Fatalf("%s is out of date; run UPDATE=1 go test ./cmd/redistill/process", page)
	}
	if err := os.WriteFile(page, []byte(updated), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Every topic of the manual is a topic of the program's help.
func TestHelpTopics(t *testing.T) {
	for _, topic := range manual.Topics() {
		code, stdout, stderr := redistill(t, nil, "help", topic.Name)
		if code != 0 || stderr != "" || !strings.HasPrefix(stdout, topic.Text[:40]) {
			t.Errorf("help %s: code %d, stderr %q, stdout %.60q", topic.Name, code, stderr, stdout)
		}
	}
	if _, stdout, _ := redistill(t, nil, "--help"); !strings.Contains(stdout, "redistill memory") {
		t.Errorf("--help doesn't list the topics:\n%s", stdout)
	}
}

// No topic of the manual hides a command, or is hidden by one.
func TestTopicsAreNoCommands(t *testing.T) {
	seen := map[string]bool{}
	for _, cmd := range newCommand(config.Source{}, nil).Commands() {
		if seen[cmd.Name()] {
			t.Errorf("%s is there twice", cmd.Name())
		}
		seen[cmd.Name()] = true
	}
}
