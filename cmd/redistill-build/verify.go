package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// built is a module as a binary tells of it.
type built struct {
	ID      string `json:"id"`
	Package string `json:"package"`
	Version string `json:"version"`
}

// modulesOf asks a binary for its modules.
func modulesOf(ctx context.Context, binary string) ([]built, error) {
	ask := exec.CommandContext(ctx, binary, "modules", "--json")
	ask.Stderr = os.Stderr
	out, err := ask.Output()
	if err != nil {
		return nil, fmt.Errorf("the new binary doesn't tell its modules: %w", err)
	}
	var list []built
	if err := json.Unmarshal(out, &list); err != nil {
		return nil, fmt.Errorf("the new binary doesn't tell its modules: %w", err)
	}
	return list, nil
}

// verify compares what a binary has with what it is to have.
func verify(s selection, got []built) error {
	var tree []string
	elsewhere := map[string]int{}
	for _, m := range got {
		if strings.HasPrefix(m.Package, root+"/") {
			tree = append(tree, m.ID)
		} else {
			elsewhere[m.Package]++
		}
	}
	slices.Sort(tree)
	if want := s.ids(); !slices.Equal(tree, want) {
		return fmt.Errorf("the binary has the modules %s and not %s; this is a mistake in redistill-build, please report it",
			strings.Join(tree, ", "), strings.Join(want, ", "))
	}
	for _, f := range s.foreign {
		if elsewhere[f.path] == 0 {
			return fmt.Errorf("--with: the package %s registers no module; it needs an init function that calls Register of its kind's contract", f.path)
		}
	}
	if !slices.ContainsFunc(got, func(m built) bool { return strings.HasPrefix(m.ID, "transport.") }) {
		return fmt.Errorf("the build has no transport, so that no client could connect; add one, as in --with transport.tcp")
	}
	return nil
}
