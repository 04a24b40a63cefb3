package main

import (
	"bytes"
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
	// linked says that it may be compiled and that none of its functions may be linked.
	linked bool
}

var banned = []belongs{
	{pkg: "github.com/cockroachdb/pebble", to: []string{"persistence.pebble"}},
	// Pebble brings net/http along, in a reporter of crashes that it doesn't use.
	{pkg: "net/http", to: []string{"admin.http", "persistence.pebble"}},
	// The core encodes replies with a package that could serve TLS as well, and so
	// compiles it in any case; net/http could too.
	{pkg: "crypto/tls", to: []string{"transport.tls", "admin.http", "persistence.pebble"}, linked: true},
}

// depends looks for packages that belong to modules which the build has not.
func (m matrix) depends(ctx context.Context, b build, binary string, modules []harness.Module) error {
	out, err := exec.CommandContext(ctx, m.builder.Program, append(b.args, "--source", m.builder.Source, "--packages")...).Output()
	if err != nil {
		return fmt.Errorf("redistill-build --packages: %w", err)
	}
	compiled := strings.Fields(string(out))
	linked, err := functions(ctx, binary)
	if err != nil {
		return err
	}
	if !linked["runtime"] {
		return errors.New("no function of the package runtime is found in the binary")
	}
	var ids []string
	for _, m := range modules {
		ids = append(ids, m.ID)
	}
	return strange(ids, compiled, linked)
}

// strange says which packages belong to modules that are not among these.
func strange(ids, compiled []string, linked map[string]bool) error {
	var problems []error
	for _, x := range banned {
		if slices.ContainsFunc(x.to, func(id string) bool { return slices.Contains(ids, id) }) {
			continue
		}
		for _, pkg := range compiled {
			if (pkg == x.pkg || strings.HasPrefix(pkg, x.pkg+"/")) && (!x.linked || linked[pkg]) {
				problems = append(problems, fmt.Errorf("it has %s, which belongs to %s", pkg, strings.Join(x.to, ", ")))
			}
		}
	}
	return errors.Join(problems...)
}

// functions are the packages that functions in the binary are of, beside those that
// initialise a package.
func functions(ctx context.Context, binary string) (map[string]bool, error) {
	out, err := exec.CommandContext(ctx, "go", "tool", "nm", binary).Output()
	if err != nil {
		return nil, fmt.Errorf("go tool nm: %w", err)
	}
	packages := map[string]bool{}
	for line := range bytes.Lines(out) {
		f := strings.Fields(string(line)) // address type name
		if len(f) < 3 || !strings.EqualFold(f[1], "t") || strings.Contains(f[2], ":") {
			continue
		}
		name, _, _ := strings.Cut(f[2], "[")
		slash := strings.LastIndexByte(name, '/') + 1
		pkg, function, _ := strings.Cut(name[slash:], ".")
		if !strings.HasPrefix(function, "init") {
			packages[name[:slash]+pkg] = true
		}
	}
	return packages, nil
}
