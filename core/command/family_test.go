package command

import (
	"strings"
	"testing"
)

func row(name string, subs ...string) Spec {
	s := Spec{Name: name, Arity: -1}
	for _, sub := range subs {
		s.Subcommands = append(s.Subcommands, Spec{Name: sub, Arity: 2})
	}
	return s
}

// A family may add subcommands to the container of another, whichever comes first.
func TestFamiliesShareContainers(t *testing.T) {
	client, adds := Family{"core", []Spec{row("client", "id", "list")}}, Family{"commands.tracking", []Spec{{
		Name: "client", Subcommands: []Spec{{Name: "tracking", Arity: -3}},
	}}}
	for _, families := range [][]Family{{client, adds}, {adds, client}} {
		table, err := NewTable(families...)
		if err != nil {
			t.Fatal(err)
		}
		if table.Len() != 4 || len(table.Commands()) != 1 {
			t.Errorf("%d names, %d commands", table.Len(), len(table.Commands()))
		}
		if c := table.LookupFull([]byte("client|tracking")); c == nil || c.FullName != "client|tracking" || c.Arity != -3 {
			t.Errorf("found %v", c)
		}
	}
	if n := len(client.Specs[0].Subcommands); n != 2 {
		t.Errorf("the family has %d subcommands now", n)
	}
}

// Families that don't go together are refused, and the error says which and why.
func TestFamiliesThatClash(t *testing.T) {
	core := Family{"core", []Spec{row("get"), row("client", "id")}}
	for want, f := range map[string]Family{
		`the command "get" is in both core and x.y: leave one of them out`:       {"x.y", []Spec{row("get")}},
		`the command "client" is in both core and x.y: leave one of them out`:    {"x.y", []Spec{row("client", "id")}},
		`the command "client|id" is in both core and x.y: leave one of them out`: {"x.y", []Spec{{Name: "client", Subcommands: []Spec{{Name: "id"}}}}},
		`x.y adds to the command "memory", which this build lacks`:               {"x.y", []Spec{{Name: "memory", Subcommands: []Spec{{Name: "usage"}}}}},
		`x.y adds to the command "get", which this build lacks`:                  {"x.y", []Spec{{Name: "get", Subcommands: []Spec{{Name: "usage"}}}}},
	} {
		if _, err := NewTable(core, f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	if _, err := NewTable(Family{"x.y", []Spec{row("get"), row("get")}}); err == nil {
		t.Error("a family that has a command twice is taken")
	}
}
