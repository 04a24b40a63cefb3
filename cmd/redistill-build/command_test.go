package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/modules/catalogue"
)

// The command that a server prints for what it lacks is one that this program takes, and
// chooses all that the server has and what it lacks.
func TestCommandThatServersPrint(t *testing.T) {
	for have, more := range map[string]string{
		"transport.tcp":                                  "eviction.allkeys-lru",
		"transport.tcp eviction.allkeys-lru":             "persistence.pebble",
		"transport.tcp transport.tls":                    "transport.unix", // all of a kind
		"commands.strings":                               "transport.tcp",
		"admin.http persistence.file persistence.pebble": "transport.tcp eviction.volatile-ttl",
	} {
		src := config.Source{Known: catalogue.Tree, Foreign: map[string]string{"example.org/mine": "example.org/mine@v1.2.3"}}
		for _, k := range catalogue.Tree {
			if slices.Contains(strings.Fields(have), k.ID) {
				src.Modules = append(src.Modules, module.Descriptor{ID: k.ID, Package: k.Package})
			}
		}
		src.Modules = append(src.Modules, module.Descriptor{ID: "eviction.mine", Package: "example.org/mine"})
		args := strings.Fields(src.BuildCommand(strings.Fields(more)...))
		var r request
		cmd := &cobra.Command{}
		r.flags(cmd)
		if args[0] != "redistill-build" || cmd.ParseFlags(args[1:]) != nil || len(cmd.Flags().Args()) > 0 {
			t.Fatalf("%q can't be given", args)
		}
		s, err := choose(r, catalogue.Tree)
		if err != nil {
			t.Fatalf("%q: %v", args, err)
		}
		want := strings.Fields(have + " " + more)
		slices.Sort(want)
		if !slices.Equal(s.ids(), want) || len(s.foreign) != 1 || s.foreign[0].path != "example.org/mine" || s.foreign[0].version != "v1.2.3" {
			t.Errorf("%q chooses %v and %v, want %v", args, s.ids(), s.foreign, want)
		}
	}
}

// Names that are nearly right are found by their words too.
func TestNamesThatAreNearlyRight(t *testing.T) {
	for name, want := range map[string]string{"eviction.lru": "eviction.allkeys-lru", "lru": "eviction.allkeys-lru", "pebbel": "persistence.pebble", "transports.tcp": "transport.tcp"} {
		_, err := choose(request{only: []string{"transport.unix", name}}, catalogue.Tree)
		if err == nil || !strings.Contains(err.Error(), `did you mean "`+want+`"?`) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
