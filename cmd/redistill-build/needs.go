package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/redistill-go/redistill/core/config"
)

// needs are the modules that a configuration file needs: those whose sections it has
// or that it names, those that are on unless it says otherwise, and all commands,
// since a configuration doesn't tell what clients will send. What the environment and
// --set add is not known here. The file is checked when the server reads it.
func needs(file string, catalogue []config.Known) ([]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--from-config: %w", err)
	}
	var tree map[string]any
	if err := toml.Unmarshal(text, &tree); err != nil {
		return nil, fmt.Errorf("--from-config %s: %w", file, err)
	}
	var names []string
	for _, k := range catalogue {
		kind, name, _ := strings.Cut(k.ID, ".")
		section, there := lookup(tree, k.Section)
		needed := false
		switch {
		case kind == "commands":
			needed = true
		case kind == "eviction" && stringAt(tree, "memory.eviction") == name, kind == "persistence" && stringAt(tree, "persistence.backend") == name:
			needed = true
		case k.Switch != "" && off(section, k.Switch):
		case k.Section != "":
			needed = there || k.Default != ""
		}
		if needed {
			names = append(names, k.ID)
		}
	}
	return names, nil
}

// off says whether a section, or each table of an array of them, sets the key that
// switches its module on to nothing.
func off(section any, key string) bool {
	switch s := section.(type) {
	case map[string]any:
		v, there := s[key]
		return there && v == ""
	case []any:
		return len(s) > 0 && !slices.ContainsFunc(s, func(one any) bool { return !off(one, key) })
	}
	return false
}

// lookup follows a dotted key.
func lookup(tree map[string]any, key string) (v any, there bool) {
	v = tree
	for part := range strings.SplitSeq(key, ".") {
		table, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		if v, ok = table[part]; !ok {
			return nil, false
		}
	}
	return v, true
}

func stringAt(tree map[string]any, key string) string {
	v, _ := lookup(tree, key)
	s, _ := v.(string)
	return s
}
