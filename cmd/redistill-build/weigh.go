package main

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"strings"
)

// added is a module of a binary and about how many bytes the binary would be smaller
// without it: the code and data of the packages that nothing else in it needs.
type added struct {
	built
	bytes int64
}

// weigh finds out what each module added to a binary with symbols.
func (w workspace) weigh(ctx context.Context, binary string, modules []built) ([]added, error) {
	sizes, err := w.packageSizes(ctx, binary)
	if err != nil {
		return nil, err
	}
	// Who needs a package: the modules, or the process itself, which is the last.
	needs := map[string][]int{}
	for i, m := range append(slices.Clone(modules), built{Package: root + "/cmd/redistill/process"}) {
		deps, err := w.output(ctx, "list", "-deps", m.Package)
		if err != nil {
			return nil, err
		}
		for p := range strings.FieldsSeq(string(deps)) {
			if needs[p] = append(needs[p], i); len(needs[p]) > 1 && needs[p][len(needs[p])-2] == i {
				needs[p] = needs[p][:len(needs[p])-1]
			}
		}
	}
	list := make([]added, len(modules))
	for i, m := range modules {
		list[i].built = m
	}
	for p, by := range needs {
		if len(by) == 1 && by[0] < len(list) {
			list[by[0]].bytes += sizes[p]
		}
	}
	return list, nil
}

// packageSizes are the bytes of the symbols of each package.
func (w workspace) packageSizes(ctx context.Context, binary string) (map[string]int64, error) {
	out, err := w.output(ctx, "tool", "nm", "-size", binary)
	if err != nil {
		return nil, err
	}
	sizes := map[string]int64{}
	for line := range bytes.Lines(out) {
		// address size type name
		f := strings.Fields(string(line))
		if len(f) < 4 || strings.EqualFold(f[2], "b") || strings.EqualFold(f[2], "u") {
			continue
		}
		n, err := strconv.ParseInt(f[1], 10, 64)
		if err != nil {
			continue
		}
		sizes[packageOf(f[3])] += n
	}
	return sizes, nil
}

// packageOf is the import path in the name of a symbol, as in
// "type:.eq.example.org/lru%2ev2.Policy" or "example.org/lru.(*Policy).Rank".
func packageOf(symbol string) string {
	symbol = strings.TrimPrefix(strings.TrimPrefix(symbol, "type:"), ".eq.")
	if i := strings.IndexAny(symbol, "[({"); i >= 0 {
		symbol = symbol[:i]
	}
	slash := strings.LastIndexByte(symbol, '/') + 1
	name, _, _ := strings.Cut(symbol[slash:], ".")
	return symbol[:slash] + strings.ReplaceAll(name, "%2e", ".")
}
