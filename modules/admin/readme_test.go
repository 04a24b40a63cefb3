package admin

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The manual's list of metrics is what the tables say. UPDATE=1 rewrites it.
func TestReadme(t *testing.T) {
	const readme, begin, end = "../../cmd/redistill/manual/metrics.md", "<!-- metrics:begin -->\n", "<!-- metrics:end -->"
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	want.WriteString("| metric | type | label | what it is |\n|---|---|---|---|\n")
	for _, d := range Metrics() {
		label := ""
		if d.Label != "" {
			label = "`" + d.Label + "`"
		}
		fmt.Fprintf(&want, "| `%s` | %s | %s | %s |\n", d.Name, d.Type, label, d.Help)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	got, after, closed := strings.Cut(rest, end)
	switch {
	case !ok || !closed:
		t.Fatalf("%s has no list of metrics", readme)
	case got == want.String():
		return
	case os.Getenv("UPDATE") == "":
		t.Fatalf("the list of metrics in %s is out of date; run UPDATE=1 go test ./modules/admin", readme)
	}
	if err := os.WriteFile(readme, []byte(before+begin+want.String()+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
