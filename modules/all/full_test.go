//go:build !custom

package all

import (
	"reflect"
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

// What the catalogue says of how a module is switched on is so: a build without it judges
// by that what a configuration asks for.
func TestSwitchesAreAsTheCatalogueSays(t *testing.T) {
	for _, k := range catalogue.Tree {
		d, _ := module.Lookup(k.ID)
		if binds := d.Kind() == module.Transport || d.Kind() == module.Admin; binds != (k.Switch != "") {
			t.Errorf("%s: switched by the key %q", k.ID, k.Switch)
		}
		if k.Switch == "" {
			continue
		}
		section := reflect.ValueOf(d.NewConfig()).Elem()
		found := false
		for i := range section.NumField() {
			if section.Type().Field(i).Tag.Get("toml") == k.Switch {
				found = true
				if got := section.Field(i).String(); got != k.Default {
					t.Errorf("%s: %s is %q by default, and %q in the catalogue", k.ID, k.Switch, got, k.Default)
				}
			}
		}
		if !found {
			t.Errorf("%s has no key %s", k.ID, k.Switch)
		}
		// It is the key of what is bound, if anything is.
		if b := section.Addr().Interface().(config.Binder).Binds(); (len(b) > 0) != (k.Default != "") || len(b) > 0 && b[0].Key != k.Switch {
			t.Errorf("%s binds %v by default, and is switched on by %s", k.ID, b, k.Switch)
		}
	}
}
