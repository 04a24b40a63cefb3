package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/integration/harness"
	"github.com/redistill-go/redistill/modules/catalogue"
)

// Each module has one build of its own.
func TestEachModuleAlone(t *testing.T) {
	alone := map[string]int{}
	for _, b := range builds() {
		alone[b.alone]++
	}
	for _, k := range catalogue.Tree {
		if alone[k.ID] != 1 {
			t.Errorf("%d builds are there for %s", alone[k.ID], k.ID)
		}
	}
	if presets := alone[""]; presets != 4 || len(alone) != len(catalogue.Tree)+1 {
		t.Errorf("%d builds besides, for %d modules", presets, len(alone)-1)
	}
}

func TestStrangePackages(t *testing.T) {
	for _, x := range banned {
		for _, id := range x.to {
			if !slices.ContainsFunc(catalogue.Tree, func(k config.Known) bool { return k.ID == id }) {
				t.Errorf("%s belongs to %s, which there is not", x.pkg, id)
			}
		}
	}
	compiled := []string{"crypto/tls", "net", "net/http", "net/http/internal"}
	for _, x := range []struct {
		ids  []string
		want string
	}{
		{[]string{"admin.http", "transport.tcp"}, ""},
		{[]string{"transport.tcp"}, "net/http,net/http/internal,crypto/tls"},
		{[]string{"transport.tls"}, "net/http,net/http/internal"},
	} {
		var got []string
		if err := strange(x.ids, compiled); err != nil {
			for line := range strings.Lines(err.Error()) {
				pkg, _, _ := strings.Cut(strings.TrimPrefix(line, "it has "), ",")
				got = append(got, pkg)
			}
		}
		if strings.Join(got, ",") != x.want {
			t.Errorf("%v: %v, want %s", x.ids, got, x.want)
		}
	}
}

func TestGolden(t *testing.T) {
	list := builds()
	lists := make([][]harness.Module, len(list))
	for i := range lists {
		lists[i] = []harness.Module{{ID: "a.b", Package: list[i].name}}
	}
	path := filepath.Join(t.TempDir(), "golden")
	if err := compare(path, list, lists, true); err != nil {
		t.Fatal(err)
	}
	if err := compare(path, list, lists, false); err != nil {
		t.Error(err)
	}
	if err := compare(path, list[2:3], lists[2:3], false); err != nil {
		t.Error(err)
	}
	lists[2] = append(lists[2], harness.Module{ID: "c.d"})
	if err := compare(path, list, lists, false); err == nil || !strings.Contains(err.Error(), "the build "+list[2].name) {
		t.Errorf("another module: %v", err)
	}
}
