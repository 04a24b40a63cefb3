//go:build !custom

package all

import (
	"slices"
	"testing"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/module"
)

// A build without tags has every module of the catalogue, and no other.
func TestFullBuildIsTheCatalogue(t *testing.T) {
	var got []config.Known
	for _, d := range module.All() {
		i := slices.IndexFunc(Catalogue, func(k config.Known) bool { return k.ID == d.ID })
		if i < 0 {
			t.Errorf("%s is registered but not in the catalogue", d.ID)
			continue
		}
		got = append(got, config.Known{ID: d.ID, Tag: Catalogue[i].Tag, Section: d.Section})
		if d.Doc == "" {
			t.Errorf("%s has no Doc", d.ID)
		}
	}
	if !slices.Equal(got, Catalogue) {
		t.Errorf("registered: %v\ncatalogue:  %v", got, Catalogue)
	}
}

// The reference of the full build is a config file that loads.
func TestDefaultsOfEveryModuleAreValid(t *testing.T) {
	c, err := config.Load(config.Source{Modules: module.All(), Known: Catalogue})
	if err != nil {
		t.Fatalf("the defaults have problems:\n%v", err)
	}
	for _, k := range Catalogue {
		if (c.Module(k.ID) == nil) != (k.Section == "") {
			t.Errorf("%s: section %q, config %v", k.ID, k.Section, c.Module(k.ID))
		}
	}
}
