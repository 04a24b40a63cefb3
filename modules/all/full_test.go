//go:build !custom

package all

import (
	"slices"
	"testing"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/modules/catalogue"
)

// A build without tags has every module of the catalogue, and no other.
func TestFullBuildIsTheCatalogue(t *testing.T) {
	var got []config.Known
	for _, d := range module.All() {
		i := slices.IndexFunc(catalogue.Tree, func(k config.Known) bool { return k.ID == d.ID })
		if i < 0 {
			t.Errorf("%s is registered but not in the catalogue", d.ID)
			continue
		}
		k := catalogue.Tree[i]
		k.Section, k.Package = d.Section, d.Package
		got = append(got, k)
		if d.Doc == "" {
			t.Errorf("%s has no Doc", d.ID)
		}
	}
	if !slices.Equal(got, catalogue.Tree) {
		t.Errorf("registered: %v\ncatalogue:  %v", got, catalogue.Tree)
	}
}

// The reference of the full build is a config file that loads.
func TestDefaultsOfEveryModuleAreValid(t *testing.T) {
	c, err := config.Load(config.Source{Modules: module.All(), Known: catalogue.Tree})
	if err != nil {
		t.Fatalf("the defaults have problems:\n%v", err)
	}
	for _, k := range catalogue.Tree {
		if (c.Module(k.ID) == nil) != (k.Section == "") {
			t.Errorf("%s: section %q, config %v", k.ID, k.Section, c.Module(k.ID))
		}
	}
}
