package command

import (
	"fmt"
	"strings"
)

// Markdown returns the list of the table's commands as a table for each group,
// for the README.
func Markdown(t *Table) string {
	var b strings.Builder
	for _, g := range []struct{ name, title string }{
		{"string", "Strings and counters"},
		{"hash", "Hashes"},
		{"generic", "Keys and expiry"},
		{"transactions", "Transactions"},
		{"connection", "Connection"},
		{"pubsub", "Publish/subscribe"},
		{"server", "Server"},
		{"cluster", "Cluster"},
		{"scripting", "Functions"},
	} {
		fmt.Fprintf(&b, "### %s\n\n| Command | What it does |\n|---|---|\n", g.title)
		t.each(func(c *Command) {
			if c.Group == g.name && (c.Handler != nil || len(c.subs) == 0) {
				fmt.Fprintf(&b, "| `%s` | %s |\n", strings.ReplaceAll(Usage(c), "|", `\|`), c.Summary)
			}
		})
		b.WriteByte('\n')
	}
	return b.String()
}

// Usage returns how a command is written, as in "CLIENT SETNAME connection-name".
func Usage(c *Command) string {
	name := strings.ToUpper(strings.ReplaceAll(c.FullName, "|", " "))
	return strings.TrimRight(name+" "+Syntax(c.Args), " ")
}
