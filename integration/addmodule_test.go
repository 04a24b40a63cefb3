package integration

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/redistill-go/redistill/integration/harness"
)

const newestPolicy = `// Package allkeysnewest is the policy that evicts the newest key.
package allkeysnewest

import "github.com/redistill-go/redistill/core/eviction"

func init() {
	eviction.RegisterPlain("eviction.allkeys-newest", "Full memory evicts the newest key, by sampling", func() policy { return policy{} })
}

type policy struct{}

func (policy) Name() string                                             { return "allkeys-newest" }
func (policy) Samples() int                                             { return 10 }
func (policy) ReadSampling() uint32                                     { return 0 }
func (policy) Insert(now int64) eviction.Recency                        { return eviction.Recency(now/1000) & eviction.RecencyMask }
func (policy) Touch(r eviction.Recency, _ int64) eviction.Recency       { return r }
func (policy) Rank(c eviction.Candidate, _ int64) (rank uint64, ok bool) { return uint64(c.Recency), true }
`

// Adding a module to the tree touches its own directory, its shim and the catalogue,
// and nothing else: the three are laid over the tree here, and all parts of the program
// know the module.
func TestAddingAModuleToTheTree(t *testing.T) {
	const id, tag, row = "eviction.allkeys-newest", "eviction.allkeys_newest", "\t{ID: \"eviction.allkeys-random\","
	catalogue, err := os.ReadFile("../modules/catalogue/catalogue.go")
	if err != nil {
		t.Fatal(err)
	}
	const pkg = "github.com/redistill-go/redistill/modules/eviction/allkeysnewest"
	added := map[string]string{
		"modules/all/eviction_allkeys_newest.go": "//go:build !custom || eviction || " + tag + "\n\npackage all\n\nimport _ \"" + pkg + "\" // " + id + "\n",
		"modules/catalogue/catalogue.go": strings.Replace(string(catalogue), row,
			"\t{ID: \""+id+"\", Tag: \""+tag+"\", Package: \""+pkg+"\"},\n"+row, 1),
		"modules/eviction/allkeysnewest/policy.go": newestPolicy,
	}
	overlay := overlaid(t, added)

	dir := t.TempDir()
	whole, err := harness.Build(t.Context(), dir, "-overlay", overlay)
	if err != nil {
		t.Fatal(err)
	}
	before, after := moduleIDs(t, harness.Binary(t)), moduleIDs(t, whole)
	want := append(slices.Clone(before), id)
	if slices.Sort(want); !slices.Equal(after, want) {
		t.Errorf("modules %v, want %v", after, want)
	}
	s := harness.Custom(t, whole, harness.Options{Set: []string{"memory.eviction=allkeys-newest", "memory.max=64mb"}})
	c := newClient(t, &redis.Options{Addr: s.TCP})
	check(t, "CONFIG GET", "allkeys-newest")(configValue(t, c, "maxmemory-policy"), nil)
	s.MustStop(t)

	// A build by hand has it or has it not, and who asks for it then is told what to do.
	alone, err := harness.Build(t.Context(), t.TempDir(), "-overlay", overlay, "-tags", "custom,transport.tcp,"+tag)
	if err != nil {
		t.Fatal(err)
	}
	if ids := moduleIDs(t, alone); !slices.Equal(ids, []string{id, "transport.tcp"}) {
		t.Errorf("modules %v", ids)
	}
	without, err := harness.Build(t.Context(), t.TempDir(), "-overlay", overlay, "-tags", "custom,transport.tcp")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), without, "check", "--set", "memory.eviction=allkeys-newest").CombinedOutput()
	if err == nil || !strings.Contains(string(out), id) || !strings.Contains(string(out), "redistill-build") {
		t.Errorf("%v\n%s", err, out)
	}
}

// overlaid writes files that the go command takes for some of the tree, and returns the
// file that tells it so.
func overlaid(t *testing.T, files map[string]string) string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	replace := map[string]string{}
	for i, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(dir, string(rune('a'+i))+".go")
		if err := os.WriteFile(path, []byte(files[name]), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(root, name)] = path
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func moduleIDs(t *testing.T, binary string) (ids []string) {
	t.Helper()
	modules, err := harness.Modules(t.Context(), binary)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range modules {
		ids = append(ids, m.ID)
	}
	return ids
}
