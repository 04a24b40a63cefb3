package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/redistill-go/redistill/integration/harness"
)

// compare compares the modules of the builds with the golden file, which has a
// paragraph for each build, or writes it.
func compare(path string, list []build, lists [][]harness.Module, update bool) error {
	var all strings.Builder
	paragraphs := make([]string, len(list))
	for i, b := range list {
		paragraphs[i] = paragraph(b, lists[i])
		all.WriteString(paragraphs[i])
	}
	if update {
		return os.WriteFile(path, []byte(all.String()), 0o644)
	}
	golden, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if len(list) == len(builds()) && string(golden) == all.String() {
		return nil
	}
	for i, p := range paragraphs {
		if !strings.Contains(string(golden), p) {
			return fmt.Errorf("%s: the build %s has\n%sin place of what is there; if that is right, run this with -update", path, list[i].name, p)
		}
	}
	if len(list) == len(builds()) {
		return fmt.Errorf("%s has builds that are not made any more; run this with -update", path)
	}
	return nil
}

func paragraph(b build, modules []harness.Module) string {
	var p strings.Builder
	fmt.Fprintf(&p, "%s:\n", b.name)
	for _, m := range modules {
		fmt.Fprintf(&p, "  %s %s\n", m.ID, m.Package)
	}
	return p.String() + "\n"
}
