package integration

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// fieldNames are many enough for a hash to outgrow its compact form.
var fieldNames = func() []string {
	names := []string{"", "f", "F", "1", "-1", "bin\x00\r\n\xff", "\xfd", "\xfe", "\xff", strings.Repeat("n", 252), strings.Repeat("n", 253), strings.Repeat("n", 5000)}
	for i := range 300 {
		names = append(names, "field:"+strconv.Itoa(i))
	}
	return names
}()

// hashShapes are of the commands for hashes that Redis 7.0 has.
var hashShapes = map[string]func(g *commandGenerator) []string{
	"HSET":    (*commandGenerator).hashPairs,
	"HMSET":   (*commandGenerator).hashPairs,
	"HSETNX":  func(g *commandGenerator) []string { return []string{g.key(), g.field(), g.value()} },
	"HGET":    func(g *commandGenerator) []string { return []string{g.key(), g.field()} },
	"HEXISTS": func(g *commandGenerator) []string { return []string{g.key(), g.field()} },
	"HSTRLEN": func(g *commandGenerator) []string { return []string{g.key(), g.field()} },
	"HMGET":   func(g *commandGenerator) []string { return append([]string{g.key()}, g.some(g.field, 1, 2, 10)...) },
	"HDEL":    func(g *commandGenerator) []string { return append([]string{g.key()}, g.some(g.field, 1, 1, 5, 200)...) },
	"HLEN":    (*commandGenerator).oneKey,
	"HGETALL": (*commandGenerator).oneKey,
	"HKEYS":   (*commandGenerator).oneKey,
	"HVALS":   (*commandGenerator).oneKey,
	"HINCRBY": func(g *commandGenerator) []string { return []string{g.key(), g.field(), g.integer()} },
	"HINCRBYFLOAT": func(g *commandGenerator) []string {
		return []string{g.key(), g.field(), g.pick(edgeFloats, edgeIntegers)}
	},
	// All fields or none, the choice of others being each server's own.
	"HRANDFIELD": func(g *commandGenerator) []string {
		return append([]string{g.key()}, g.one([]string{"1000000"}, []string{"1000000", "withvalues"}, []string{"4611686018427387903", "WITHVALUES"},
			[]string{"0"}, []string{"0", "WITHVALUES"}, []string{"x"}, []string{"1", "x"}, []string{"x", "x"}, []string{"1", "WITHVALUES", "x"},
			[]string{"-9223372036854775808"}, []string{"-9223372036854775809"}, []string{"4611686018427387904", "WITHVALUES"})...)
	},
	"HSCAN": func(g *commandGenerator) []string {
		options := append([]string{g.key(), "0", g.anyCase("COUNT"), "1000000"},
			g.one([]string{}, []string{"MATCH", g.pick(patterns)}, []string{"match", "field:1*"}, []string{"MATCH"}, []string{"TYPE", "hash"}, []string{"x"})...)
		return g.one(options, options, []string{g.key(), "x"}, []string{g.key(), "0", "COUNT", "0"}, []string{g.key(), "0", "COUNT", "x"})
	},
}

func (g *commandGenerator) field() string {
	if g.r.IntN(3) > 0 {
		return fieldNames[g.r.IntN(20)]
	}
	return g.pick(fieldNames)
}

func (g *commandGenerator) hashPairs() []string {
	args := []string{g.key()}
	most := []int{1, 3, 3, 200}[g.r.IntN(4)]
	for range 1 + g.r.IntN(most) {
		args = append(args, g.field(), g.value())
	}
	return args
}

// hashDifferences are the allowed differences of hashes.
var hashDifferences = []allowed{
	{
		reason:   "the order of a hash's fields is each server's own once it is not small",
		commands: []string{"HGETALL", "HKEYS", "HVALS", "HSCAN", "HRANDFIELD"},
		same: func(args []string, ours, redis string) bool {
			pairs := strings.EqualFold(args[0], "HGETALL") || strings.EqualFold(args[0], "HSCAN") || len(args) == 4
			a, errA := sortedFields(ours, pairs)
			b, errB := sortedFields(redis, pairs)
			return errA == nil && errB == nil && len(a) > 0 && slices.Equal(a, b)
		},
	}, {
		reason:   "a hash leaves its compact form at each server's own size",
		commands: []string{"OBJECT"},
		same: func(args []string, ours, redis string) bool {
			const compact, table = "$8\r\nlistpack\r\n", "$9\r\nhashtable\r\n"
			return ours == compact && redis == table || ours == table && redis == compact
		},
	},
}

// sortedFields are the first line of a reply and its strings in order, those
// of a hash with their values if pairs is set.
func sortedFields(reply string, pairs bool) ([]string, error) {
	items, err := bulkStrings(reply)
	if err != nil {
		return nil, err
	}
	head, _, _ := strings.Cut(reply, "\r\n")
	if pairs {
		if len(items)%2 == 1 { // the cursor of HSCAN
			head += items[0]
			items = items[1:]
		}
		joined := make([]string, 0, len(items)/2)
		for i := 0; i+1 < len(items); i += 2 {
			joined = append(joined, fmt.Sprintf("%q %q", items[i], items[i+1]))
		}
		items = joined
	}
	slices.Sort(items)
	return append(items, head), nil
}
