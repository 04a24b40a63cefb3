package integration

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/redistill-go/redistill/integration/harness"
)

// tableFields are the lines of a command's entry in the recorded tables, in
// their order.
var tableFields = []string{"arity", "flags", "keys", "categories", "tips", "key specs", "subcommands", "since", "group", "arguments"}

// documentation are the fields that come from COMMAND DOCS: Redis's, where it
// has the command, as Valkey's tell of what Valkey alone takes.
var documentation = []string{"since", "group", "arguments"}

// tableEntry is what COMMAND INFO says of one command, by field.
type tableEntry map[string]string

// What COMMAND INFO says of a command is what clients route and pool by. For
// every command, and in every field, it is what the newest Redis and the newest
// Valkey say, but for the differences that are listed with their reasons.
func TestCommandTable(t *testing.T) {
	ours := newClient(t, &redis.Options{Addr: harness.Redistill(t, harness.Options{}).TCP})
	names, err := ours.Do(t.Context(), "COMMAND", "LIST").StringSlice()
	if err != nil {
		t.Fatal(err)
	}
	checkCount(t, ours, names)
	here := readTable(t, ours, names)
	used := map[string]bool{}
	tables := map[string]map[string]tableEntry{}
	for _, peer := range peerNames {
		there := peerTable(t, peer, names)
		tables[peer] = there
		for _, name := range names {
			if there[name] == nil {
				continue
			}
			for _, field := range tableFields {
				if slices.Contains(documentation, field) && peer != "redis" && tables["redis"][name] != nil {
					continue
				}
				x, y := here[name][field], there[name][field]
				if x == y {
					continue
				}
				if reason := differenceOf(name, field, peer); reason != "" {
					used[reason+name+peer] = true
					continue
				}
				t.Errorf("%s, %s:\n here  %s\n %-6s %s", name, field, x, peer, y)
			}
		}
	}
	for _, d := range tableDifferences {
		for _, name := range d.commands {
			for _, peer := range d.peers {
				if compareRecorded() && !used[d.reason+name+peer] {
					t.Errorf("%s, %s: the same as %s's, but listed as different", name, d.field, peer)
				}
			}
		}
	}
}

// Every command is one of Redis's or Valkey's, or is known to be newer than
// what was recorded.
func TestCommandsAreKnown(t *testing.T) {
	ours := newClient(t, &redis.Options{Addr: harness.Redistill(t, harness.Options{}).TCP})
	names, err := ours.Do(t.Context(), "COMMAND", "LIST").StringSlice()
	if err != nil {
		t.Fatal(err)
	}
	redisTable, valkeyTable := peerTable(t, "redis", names), peerTable(t, "valkey", names)
	for _, name := range names {
		known := redisTable[name] != nil || valkeyTable[name] != nil
		newer := slices.Contains(newerCommands, name)
		if !known && !newer || known && newer && compareRecorded() {
			t.Errorf("%s: known to Redis or Valkey: %t; listed as newer: %t", name, known, newer)
		}
	}
}

// checkCount checks the number of commands. A list of commands names their
// subcommands too; the count does not.
func checkCount(t *testing.T, c *redis.Client, names []string) {
	t.Helper()
	count, err := c.Do(t.Context(), "COMMAND", "COUNT").Int()
	if err != nil {
		t.Fatal(err)
	}
	top := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return strings.Contains(n, "|") })
	if count != len(top) || count < 52 {
		t.Errorf("COMMAND COUNT is %d; COMMAND LIST has %d", count, len(top))
	}
}

// readTable asks a server for what it says of commands. Those it doesn't know
// are left out.
func readTable(t *testing.T, c *redis.Client, names []string) map[string]tableEntry {
	t.Helper()
	request := []any{"COMMAND", "INFO"}
	for _, n := range names {
		request = append(request, n)
	}
	reply, err := c.Do(t.Context(), request...).Slice()
	if err != nil || len(reply) != len(names) {
		t.Fatalf("COMMAND INFO: %d entries for %d commands, %v", len(reply), len(names), err)
	}
	table := map[string]tableEntry{}
	for i, name := range names {
		if reply[i] == nil {
			continue
		}
		entry, ok := reply[i].([]any)
		if !ok || len(entry) < 10 {
			t.Fatalf("COMMAND INFO %s: unexpected entry %v", name, reply[i])
		}
		table[name] = tableEntry{
			"arity": fmt.Sprint(entry[1]), "flags": words(entry[2]), "keys": fmt.Sprint(entry[3], entry[4], entry[5]),
			"categories": words(entry[6]), "tips": words(entry[7]), "key specs": keySpecs(entry[8]), "subcommands": subcommands(entry[9]),
		}
	}
	for i := range names {
		addDocs(t, c, names[i], table[names[i]])
	}
	return table
}

// addDocs adds what COMMAND DOCS says of a command, but for the prose.
func addDocs(t *testing.T, c *redis.Client, name string, entry tableEntry) {
	t.Helper()
	if entry == nil {
		return
	}
	reply, err := c.Do(t.Context(), "COMMAND", "DOCS", name).Result()
	docs := sortedPairs(reply)
	if err != nil || len(docs) != 1 {
		t.Fatalf("COMMAND DOCS %s: %v, %v", name, reply, err)
	}
	for _, p := range sortedPairs(docs[0][1]) {
		switch field := fmt.Sprint(p[0]); field {
		case "since", "group":
			entry[field] = fmt.Sprint(p[1])
		case "arguments":
			entry[field] = syntaxText(p[1])
		}
	}
}

// syntaxText writes the arguments of a command on one line.
func syntaxText(list any) string {
	args, _ := list.([]any)
	var all []string
	for _, a := range args {
		m := map[string]any{}
		for _, p := range sortedPairs(a) {
			m[fmt.Sprint(p[0])] = p[1]
		}
		text := fmt.Sprint(m["type"])
		for _, detail := range []string{"token", "key_spec_index"} {
			if v, ok := m[detail]; ok {
				text += fmt.Sprint(" ", v)
			}
		}
		if flags := words(m["flags"]); flags != "" {
			text += " " + flags
		}
		if inner := syntaxText(m["arguments"]); inner != "" {
			text += " (" + inner + ")"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// words are the elements of a set in order.
func words(set any) string {
	list, _ := set.([]any)
	items := make([]string, 0, len(list))
	for _, item := range list {
		items = append(items, fmt.Sprint(item))
	}
	slices.Sort(items)
	return strings.Join(items, " ")
}

func subcommands(list any) string {
	entries, _ := list.([]any)
	names := make([]any, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.([]any)[0])
	}
	return words(names)
}

// keySpecs writes key specifications on one line.
func keySpecs(list any) string {
	specs, _ := list.([]any)
	var all []string
	for _, s := range specs {
		var parts []string
		for _, p := range sortedPairs(s) {
			if p[0] == "flags" {
				parts = append(parts, "flags "+words(p[1]))
				continue
			}
			parts = append(parts, fmt.Sprint(p[0], " ", flat(p[1])))
		}
		all = append(all, strings.Join(parts, ", "))
	}
	return strings.Join(all, "; ")
}

// flat writes a map of a key specification, and what is in it.
func flat(v any) string {
	pairs := sortedPairs(v)
	if pairs == nil {
		return fmt.Sprint(v)
	}
	var parts []string
	for _, p := range pairs {
		parts = append(parts, fmt.Sprint(p[0], "=", flat(p[1])))
	}
	return "(" + strings.Join(parts, " ") + ")"
}

// sortedPairs are a map's keys with their values, in the order of the keys; nil
// if it isn't one.
func sortedPairs(v any) [][2]any {
	var pairs [][2]any
	switch m := v.(type) {
	case map[any]any:
		for k, e := range m {
			pairs = append(pairs, [2]any{k, e})
		}
	case []any:
		for i := 0; i+1 < len(m); i += 2 {
			pairs = append(pairs, [2]any{m[i], m[i+1]})
		}
	}
	slices.SortFunc(pairs, func(a, b [2]any) int { return strings.Compare(fmt.Sprint(a[0]), fmt.Sprint(b[0])) })
	return pairs
}
