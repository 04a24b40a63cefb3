package allcommands_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/modules/commands/allcommands"
)

const (
	readme      = "../../../cmd/redistill/manual/commands.md"
	beginMarker = "<!-- commands:begin -->\n"
	endMarker   = "<!-- commands:end -->"
)

// The manual's command list is what the table says. UPDATE=1 rewrites it.
func TestReadmeListsTheCommands(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := bytes.Cut(text, []byte(beginMarker))
	if !ok {
		t.Fatalf("%s has no line %q", readme, beginMarker)
	}
	got, after, ok := bytes.Cut(rest, []byte(endMarker))
	if !ok {
		t.Fatalf("%s has no line %q", readme, endMarker)
	}
	want := command.Markdown(allcommands.Table())
	if string(got) == want {
		return
	}
	if os.Getenv("UPDATE") == "" {
		t.Fatalf("the command list in %s is out of date; run UPDATE=1 go test ./modules/commands/allcommands", readme)
	}
	updated := string(before) + beginMarker + want + endMarker + string(after)
	if err := os.WriteFile(readme, []byte(updated), 0o644); err != nil {
		t.Fatal(err)
	}
}

// No command is left out of the list, whatever its group.
func TestMarkdownHasEveryCommand(t *testing.T) {
	odd := command.Family{ID: "geo", Specs: []command.Spec{{
		Name: "geoadd", Group: "geo", Handler: func(*command.Ctx) {}, Arity: 2, Summary: "Add a place",
	}}}
	table := command.MustTable(append(allcommands.Families(), odd)...)
	list := command.Markdown(table)
	table.Each(func(c *command.Command) {
		row := "| `" + strings.ReplaceAll(command.Usage(c), "|", `\|`) + "` | " + c.Summary + " |\n"
		if want := c.Handler != nil || len(c.Subs()) == 0; strings.Contains(list, row) != want {
			t.Errorf("%s is in the list: %v", c.FullName, !want)
		}
	})
	if !strings.Contains(list, "### Geo\n") {
		t.Error("a group without a title of its own is missing")
	}
}
