package all

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/modules/catalogue"
)

// Every module of the catalogue has its shim, and there is no other shim.
func TestShimsMatchTheCatalogue(t *testing.T) {
	var want []string
	for _, k := range catalogue.Tree {
		kind, _, _ := strings.Cut(k.ID, ".")
		if k.Tag != strings.ReplaceAll(k.ID, "-", "_") {
			t.Errorf("%s: tag %s is not its ID with underscores", k.ID, k.Tag)
		}
		name := strings.ReplaceAll(k.Tag, ".", "_") + ".go"
		want = append(want, name)
		shim, err := os.ReadFile(name)
		if err != nil {
			t.Errorf("%s has no shim: %v", k.ID, err)
			continue
		}
		head := fmt.Sprintf("//go:build !custom || %s || %s\n\npackage all\n\nimport _ %q // %s\n", kind, k.Tag, k.Package, k.ID)
		if string(shim) != head {
			t.Errorf("%s is\n%swant\n%s", name, shim, head)
		}
	}
	want = append(want, "all.go")
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f, "_test.go") && !slices.Contains(want, f) {
			t.Errorf("%s belongs to no module of the catalogue", f)
		}
	}
}

func TestCatalogueIsSorted(t *testing.T) {
	for i := 1; i < len(catalogue.Tree); i++ {
		if catalogue.Tree[i-1].ID >= catalogue.Tree[i].ID {
			t.Errorf("%s stands before %s", catalogue.Tree[i-1].ID, catalogue.Tree[i].ID)
		}
	}
}
