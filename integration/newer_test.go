package integration

import (
	"slices"
	"strconv"
	"strings"
)

// newerShapes are of the commands that came after Redis 7.0. They are sent to the
// servers that know them.
var newerShapes = map[string]func(g *commandGenerator) []string{
	"HEXPIRE":   func(g *commandGenerator) []string { return g.fieldExpiry(g.relativeKey(), g.relative(1000)) },
	"HPEXPIRE":  func(g *commandGenerator) []string { return g.fieldExpiry(g.relativeKey(), g.relative(1_000_000)) },
	"HEXPIREAT": func(g *commandGenerator) []string { return g.fieldExpiry(g.key(), g.absolute(4_000_000_000)) },
	"HPEXPIREAT": func(g *commandGenerator) []string {
		return g.fieldExpiry(g.key(), g.absolute(4_000_000_000_000))
	},
	"HTTL":         (*commandGenerator).keyAndFields,
	"HPTTL":        (*commandGenerator).keyAndFields,
	"HEXPIRETIME":  (*commandGenerator).keyAndFields,
	"HPEXPIRETIME": (*commandGenerator).keyAndFields,
	"HPERSIST":     (*commandGenerator).keyAndFields,
	"HGETDEL":      (*commandGenerator).keyAndFields,
	"HGETEX": func(g *commandGenerator) []string {
		return g.withRelativeKey(append(g.expiryOptions(true), g.listedFields()...))
	},
	"HSETEX": func(g *commandGenerator) []string {
		options := append(g.one([]string{}, []string{}, []string{"FNX"}, []string{"fxx"}), g.one([]string{}, []string{"KEEPTTL"}, g.expiryOptions(false))...)
		return g.withRelativeKey(append(options, g.listedPairs("FIELDS")...))
	},
	"MSETEX": func(g *commandGenerator) []string {
		n := 1 + g.r.IntN(3)
		args := []string{g.count(n)}
		for range n {
			args = append(args, g.key(), g.value())
		}
		args = append(args, g.one([]string{}, []string{}, []string{"NX"}, []string{"xx"})...)
		return append(args, g.one([]string{}, []string{"KEEPTTL"}, []string{"EXAT", g.absolute(4_000_000_000)}, []string{"pxat", g.absolute(4_000_000_000_000)})...)
	},
	"DELIFEQ": func(g *commandGenerator) []string { return []string{g.key(), g.value()} },
}

// fieldExpiry gives some fields of a hash an expiry.
func (g *commandGenerator) fieldExpiry(key, when string) []string {
	args := append([]string{key, when}, g.one([]string{}, []string{}, []string{"NX"}, []string{"xx"}, []string{"GT"}, []string{"lt"}, []string{"NX", "XX"})...)
	return append(args, g.listedFields()...)
}

func (g *commandGenerator) keyAndFields() []string {
	return append([]string{g.key()}, g.listedFields()...)
}

// listedFields is FIELDS with the number of those that follow, mostly the right one.
func (g *commandGenerator) listedFields() []string {
	fields := g.some(g.field, 1, 1, 2, 5)
	return append([]string{g.anyCase("FIELDS"), g.count(len(fields))}, fields...)
}

func (g *commandGenerator) listedPairs(word string) []string {
	n := 1 + g.r.IntN(3)
	args := []string{g.anyCase(word), g.count(n)}
	for range n {
		args = append(args, g.field(), g.value())
	}
	return args
}

func (g *commandGenerator) count(n int) string {
	if g.r.IntN(12) == 0 {
		return g.integer()
	}
	return strconv.Itoa(n)
}

// withRelativeKey puts a key before options: one for relative times if there is one.
func (g *commandGenerator) withRelativeKey(args []string) []string {
	if slices.ContainsFunc(args, func(a string) bool { return strings.EqualFold(a, "EX") || strings.EqualFold(a, "PX") }) {
		return append([]string{g.relativeKey()}, args...)
	}
	return append([]string{g.key()}, args...)
}

// newerDifferences are the allowed differences of those commands.
var newerDifferences = []allowed{
	{
		reason:   "an error quotes no more than the beginning of an argument",
		commands: []string{"HSETEX", "HGETEX"},
		same: func(_ []string, ours, theirs string) bool {
			return strings.HasPrefix(ours, "-ERR unknown argument: ") && strings.HasPrefix(theirs, strings.TrimSuffix(ours, "\r\n"))
		},
	},
	{
		reason:   "the two clocks are read at different instants",
		commands: []string{"HTTL", "HPTTL", "HEXPIRETIME", "HPEXPIRETIME"},
		same: func(args []string, ours, theirs string) bool {
			within := int64(60)
			if strings.HasPrefix(strings.ToUpper(args[0]), "HP") {
				within = 60_000
			}
			at := strings.HasSuffix(strings.ToUpper(args[0]), "TIME")
			if at && !strings.HasPrefix(args[1], relativePrefix) {
				return false
			}
			a, b := strings.SplitAfter(ours, "\r\n"), strings.SplitAfter(theirs, "\r\n")
			return slices.EqualFunc(a, b, func(x, y string) bool { return x == y || closeTogether(x, y, within) })
		},
	},
}
