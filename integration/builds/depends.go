package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/redistill-go/redistill/integration/harness"
)

// belongs is a package that builds have only with one of some modules.
type belongs struct {
	pkg string
	to  []string // IDs
}

var banned = []belongs{
	{pkg: "github.com/cockroachdb/pebble", to: []string{"persistence.pebble"}},
	// Pebble brings net/http along, in a reporter of crashes that it doesn't use.
	{pkg: "net/http", to: []string{"admin.http", "persistence.pebble"}},
	{pkg: "crypto/tls", to: []string{"transport.tls", "admin.http", "persistence.pebble"}},
}

// depends looks for packages that belong to modules which the build has not.
func (m matrix) depends(ctx context.Context, b build, modules []harness.Module) error {
	out, err := exec.CommandContext(ctx, m.builder.Program, append(b.args, "--source", m.builder.Source, "--packages")...).Output()
	if err != nil {
		return fmt.Errorf("redistill-build --packages: %w", err)
	}
	compiled := strings.Fields(string(out))
	var ids []string
	for _, m := range modules {
		ids = append(ids, m.ID)
	}
	return strange(ids, compiled)
}

// strange says which packages belong to modules that are not among these.
func strange(ids, compiled []string) error {
	var problems []error
	for _, x := range banned {
		if slices.ContainsFunc(x.to, func(id string) bool { return slices.Contains(ids, id) }) {
			continue
		}
		for _, pkg := range compiled {
			if pkg == x.pkg || strings.HasPrefix(pkg, x.pkg+"/") {
				problems = append(problems, fmt.Errorf("it has %s, which belongs to %s", pkg, strings.Join(x.to, ", ")))
			}
		}
	}
	return errors.Join(problems...)
}
