package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/redistill-go/redistill/core/command/arg"
)

// groupTitles are the groups of the core's families in the order and with the
// titles that documents give them. A group that isn't here comes after them under
// its own name.
var groupTitles = []struct{ name, title string }{
	{"string", "Strings and counters"},
	{"bitmap", "Bitmaps"},
	{"hash", "Hashes"},
	{"generic", "Keys and expiry"},
	{"transactions", "Transactions"},
	{"connection", "Connection"},
	{"pubsub", "Publish/subscribe"},
	{"server", "Server"},
	{"cluster", "Cluster"},
	{"scripting", "Functions"},
}

// Markdown returns the list of the table's commands as a table for each group,
// for documents.
func Markdown(t *Table) string {
	groups := map[string][]*Command{}
	t.Each(func(c *Command) {
		if c.Handler != nil || len(c.Subs()) == 0 {
			groups[c.Group] = append(groups[c.Group], c)
		}
	})
	var b strings.Builder
	write := func(name, title string) {
		if len(groups[name]) == 0 {
			return
		}
		fmt.Fprintf(&b, "### %s\n\n| Command | What it does |\n|---|---|\n", title)
		for _, c := range groups[name] {
			fmt.Fprintf(&b, "| `%s` | %s |\n", strings.ReplaceAll(Usage(c), "|", `\|`), c.Summary)
		}
		b.WriteByte('\n')
		delete(groups, name)
	}
	for _, g := range groupTitles {
		write(g.name, g.title)
	}
	others := make([]string, 0, len(groups))
	for name := range groups {
		others = append(others, name)
	}
	slices.Sort(others)
	for _, name := range others {
		write(name, strings.ToUpper(name[:1])+name[1:])
	}
	return b.String()
}

// Usage returns how a command is written, as in "CLIENT SETNAME connection-name".
func Usage(c *Command) string {
	name := strings.ToUpper(strings.ReplaceAll(c.FullName, "|", " "))
	return strings.TrimRight(name+" "+arg.Syntax(c.Args), " ")
}
