package all

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root = "github.com/redistill-go/redistill"
	fx   = "go.uber.org/fx"
	http = "net/http"

	contract = "core/endpoint" // of what modules add to the admin endpoint

	fxmodule = root + "/modules/fxmodule"
)

// ofPolicies are the rooms of the core that an eviction policy knows: its contract, the
// queues that are offered to it, the errors of its config, and the contracts of what a
// module of any kind may add.
var ofPolicies = []string{"eviction", "queue", "config", "settings", "endpoint", "part", "command"}

// leaves are the libraries that the core may import, by prefix.
var leaves = []string{
	"github.com/VictoriaMetrics/metrics",
	"golang.org/x/sys",
	"github.com/pelletier/go-toml/v2",
	"github.com/zeebo/xxh3",
}

// testLeaves are those that its tests may import besides.
var testLeaves = []string{"github.com/tidwall/redcon", "pgregory.net/rapid", "go.uber.org/goleak", "github.com/redis/go-redis"}

// source is a file of the tree with what it imports.
type source struct {
	name    string // path from the root, with slashes
	imports []string
}

func (s source) dir() string { return path.Dir(s.name) }

// test says whether it is part of tests or of a conformance suite.
func (s source) test() bool {
	return strings.HasSuffix(s.name, "_test.go") || strings.HasSuffix(s.dir(), "test")
}

func (s source) in(top string) bool { return strings.HasPrefix(s.name, top+"/") }

// module says whether it is in one of the folders of modules.
func (s source) module() bool {
	return s.in("modules") && s.dir() != "modules/all" && s.dir() != "modules/fxmodule" || s.in("transports") || s.in("persistence")
}

// allCommands is for tests of what executes commands, those of the core included.
const allCommands = "modules/commands/allcommands"

// TestImportRules keeps the house as it was drawn: the core knows no module
// and no fx, a module knows the contract of its kind and no other module, fx stays
// in the composition and in modules that bring an option of their own, and unsafe in
// one package.
func TestImportRules(t *testing.T) {
	sources := readTree(t, "../..")
	modules := map[string]bool{} // import paths of packages that are modules: all that the shims import
	for _, s := range sources {
		if s.dir() == "modules/all" && !s.test() {
			for _, imp := range s.imports {
				modules[imp] = hasPrefix(imp, root) && !hasPrefix(imp, root+"/core")
			}
		}
	}
	if len(sources) < 20 || len(modules) == 0 {
		t.Fatalf("found only %d sources and %d modules: this test looks in the wrong place", len(sources), len(modules))
	}
	for _, s := range sources {
		for _, imp := range s.imports {
			if broken := rule(s, imp, modules); broken != "" {
				t.Errorf("%s imports %s: %s", s.name, imp, broken)
			}
		}
	}
}

// rule is the rule that the import breaks, if any.
func rule(s source, imp string, modules map[string]bool) string {
	own := imp == root+"/"+s.dir()
	switch {
	case imp == "unsafe" && s.dir() != "core/sys":
		return "unsafe belongs in core/sys"
	case imp == http && s.in("core") && s.dir() != contract && !s.test(),
		imp == root+"/"+contract && (s.in("core") || s.in("cmd")) && !s.test():
		return "net/http belongs in core/endpoint, which only the admin endpoint and what adds to it import"
	case hasPrefix(imp, fx) && !s.in("cmd/redistill/process") && s.dir() != "modules/fxmodule" && (s.in("core") || !slices.Contains(s.imports, fxmodule)):
		return "only cmd/redistill/process and modules that bring an option of their own, by modules/fxmodule, know fx"
	case imp == fxmodule && !s.in("cmd/redistill/process") && !s.in("modules"):
		return "modules/fxmodule is for modules and what composes them"
	case hasPrefix(imp, root+"/core") && !s.test() && s.in("modules/eviction") && !slices.Contains(ofPolicies, strings.TrimPrefix(imp, root+"/core/")):
		return "a policy imports core/eviction and core/queue"
	case modules[imp] && !own && s.dir() != "modules/all" && s.dir() != allCommands && (!s.test() || !s.in("modules/commands")):
		return "only modules/all imports a module, and for tests and documents " + allCommands
	case imp == root+"/"+allCommands && !s.test():
		return allCommands + " is for tests"
	case imp == root+"/"+allCommands && s.test():
		return ""
	case hasPrefix(imp, root+"/core/store") && !s.test() && s.module() && !s.in("modules/commands"):
		return "a module knows the contract of its kind and not the store"
	case s.in("core") && strings.HasPrefix(imp, root):
		if !strings.HasPrefix(imp, root+"/core/") {
			return "the core imports only the core"
		}
	case s.in("core") && strings.Contains(strings.Split(imp, "/")[0], "."):
		for _, leaf := range leaves {
			if hasPrefix(imp, leaf) {
				return ""
			}
		}
		for _, leaf := range testLeaves {
			if s.test() && hasPrefix(imp, leaf) {
				return ""
			}
		}
		return "the core imports only the standard library and a few leaf libraries"
	}
	return ""
}

// hasPrefix says whether imp is the package or one below it.
func hasPrefix(imp, pkg string) bool { return imp == pkg || strings.HasPrefix(imp, pkg+"/") }

func readTree(t *testing.T, top string) []source {
	t.Helper()
	var sources []source
	err := fs.WalkDir(os.DirFS(top), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && name != ".") {
			return fs.SkipDir
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(top, name), nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		s := source{name: name}
		for _, spec := range f.Imports {
			imp, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			s.imports = append(s.imports, imp)
		}
		sources = append(sources, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

// The rules themselves do bite.
func TestImportRulesBite(t *testing.T) {
	modules := map[string]bool{root + "/transports/tcp": true}
	for _, tt := range []struct {
		file, imp string
		broken    bool
	}{
		{"core/store/store.go", "unsafe", true},
		{"core/sys/sys.go", "unsafe", false},
		{"core/store/store.go", "github.com/cockroachdb/pebble/v2", true},
		{"core/resp/writer_test.go", "github.com/tidwall/redcon", false},
		{"core/resp/writer.go", "github.com/tidwall/redcon", true},
		{"core/resp/writer_test.go", "github.com/tidwall/redconx", true},
		{"core/store/store_test.go", "pgregory.net/rapid", false},
		{"core/store/store.go", "pgregory.net/rapid", true},
		{"core/snapshot/snapshottest/run.go", "pgregory.net/rapid", false},
		{"core/store/store.go", root + "/transports/tcp", true},
		{"modules/eviction/allkeyslru/allkeyslru.go", root + "/core/store", true},
		{"modules/eviction/allkeyslru/allkeyslru.go", root + "/core/eviction", false},
		{"core/store/store.go", root + "/core/stats", false},
		{"core/module/module.go", fx, true},
		{"modules/fxmodule/fxmodule.go", fx, false},
		{"core/settings/settings.go", fxmodule, true},
		{"cmd/redistill/process/part.go", fxmodule, false},
		{"modules/eviction/allkeyslru/allkeyslru.go", root + "/core/stats", true},
		{"transports/tcp/tcp.go", fx, true},
		{"transports/tls/tls.go", root + "/transports/tcp", true},
		{"transports/tcp/tcp_test.go", root + "/transports/tcp", false},
		{"cmd/redistill/process/compose.go", root + "/transports/tcp", true},
		{"cmd/redistill/process/compose.go", fx, false},
		{"cmd/redistill/replay/run.go", fx, true},
		{"core/endpoint/endpoint.go", http, false},
		{"core/part/part.go", http, true},
		{"modules/admin/admin.go", root + "/core/endpoint", false},
		{"cmd/redistill/process/adopt.go", root + "/core/endpoint", true},
		{"modules/all/transport_tcp.go", root + "/transports/tcp", false},
		{"modules/commands/hashes/getall.go", root + "/core/store", false},
		{"core/session/server_test.go", root + "/modules/commands/allcommands", false},
		{"core/session/session.go", root + "/modules/commands/allcommands", true},
		{"cmd/redistill/process/core.go", root + "/modules/commands/allcommands", true},
		{"integration/x_test.go", root + "/transports/tcp", true},
	} {
		if got := rule(source{name: tt.file}, tt.imp, modules); (got != "") != tt.broken {
			t.Errorf("%s importing %s: %q", tt.file, tt.imp, got)
		}
	}
}
