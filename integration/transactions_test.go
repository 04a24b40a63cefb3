package integration

import (
	"slices"
	"strings"
)

// compareAlone are commands whose replies are compared more loosely with those of
// a server of this version than the replies of EXEC, so that they stay outside
// transactions.
func compareAlone(version string) []string {
	names := append([]string{"WATCH", "EXEC", "DISCARD", "RESET"}, introspective...)
	for _, a := range slices.Concat(allowedDifferences, hashDifferences, newerDifferences, versionDifferences) {
		if a.concerns(version) {
			names = append(names, a.commands...)
		}
	}
	return names
}

// transaction is a transaction, mostly a whole one, with what may come before.
func (g *commandGenerator) transaction() [][]string {
	var all [][]string
	if g.r.IntN(2) == 0 {
		all = append(all, append([]string{g.anyCase("WATCH")}, g.someKeys()...))
	}
	for range g.r.IntN(3) {
		all = append(all, g.command()...)
	}
	all = append(all, []string{g.anyCase("MULTI")})
	for range g.r.IntN(8) {
		for _, args := range g.command() {
			if !slices.Contains(g.alone, strings.ToUpper(args[0])) {
				all = append(all, args)
			}
		}
	}
	switch g.r.IntN(24) {
	case 0:
		if g.nested {
			all = append(all, []string{"MULTI"})
		}
	case 1:
		if g.nested {
			all = append(all, []string{"WATCH", g.key()})
		}
	case 2:
		all = append(all, []string{"NOSUCH", g.key()})
	case 3:
		all = append(all, []string{"RESET"})
	case 4:
		all = append(all, []string{"UNWATCH"})
	}
	end := g.anyCase("EXEC")
	if g.r.IntN(8) == 0 {
		end = g.anyCase("DISCARD")
	}
	return append(all, []string{end})
}

// noArguments is for commands that take none.
func noArguments(g *commandGenerator) []string { return g.one([]string{}, []string{}, []string{"x"}) }

// transactionShapes are the shapes of commands about transactions and about
// what a single server doesn't have.
var transactionShapes = map[string]func(*commandGenerator) []string{
	"EXEC": noArguments, "DISCARD": noArguments, "UNWATCH": noArguments,
	"READONLY": noArguments, "READWRITE": noArguments, "ROLE": noArguments,
	"WATCH": (*commandGenerator).someKeys,
	"WAIT": func(g *commandGenerator) []string {
		return g.one([]string{"0", "0"}, []string{"0", "100"}, []string{"-1", "0"}, []string{"x", "0"}, []string{"0", "x"}, []string{"0", "-1"}, []string{"0"})
	},
	"CLUSTER": func(g *commandGenerator) []string {
		return g.one([]string{"INFO"}, []string{"slots"}, []string{"NODES"}, []string{})
	},
	"MODULE": func(g *commandGenerator) []string {
		return g.one([]string{"LIST"}, []string{"list", "x"}, []string{"NOPE"}, []string{})
	},
	"FUNCTION": func(g *commandGenerator) []string {
		return g.one([]string{"FLUSH"}, []string{"flush", "async"}, []string{"FLUSH", "x"}, []string{"FLUSH", "SYNC", "x"}, []string{"NOPE"})
	},
	"SHUTDOWN": func(g *commandGenerator) []string {
		return g.one([]string{"ABORT"}, []string{"x"}, []string{"SAVE", "NOSAVE"}, []string{"NOW", "abort"})
	},
}
