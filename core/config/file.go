package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// loadFile applies the file to the schema and returns the lines of its keys and tables.
func (l *loader) loadFile(path string) map[string]int {
	at := place{layer: layerFile, name: path}
	data, err := ReadFile(path)
	if err != nil {
		l.report(at, "", fmt.Sprintf("cannot read the config file: %v", err), "check --config and REDISTILL_CONFIG")
		return nil
	}
	if data, err = plain(data); err != nil {
		l.report(at, "", fmt.Sprintf("cannot read the config file: %v", err), "save it as UTF-8")
		return nil
	}
	var tree map[string]any
	if err := toml.Unmarshal(data, &tree); err != nil {
		var syntax *toml.DecodeError
		if errors.As(err, &syntax) {
			at.line, _ = syntax.Position()
			at.name = fmt.Sprintf("%s:%d", path, at.line)
		}
		l.report(at, "", strings.TrimPrefix(err.Error(), "toml: "), "correct the TOML syntax")
		return nil
	}
	f := file{loader: l, path: path, lines: lines(data)}
	f.table(nil, tree)
	return f.lines
}

// file walks the decoded tree. Values come from the decoder, lines from the
// parser below it, which knows positions but not the whole language.
type file struct {
	*loader
	path  string
	lines map[string]int
}

// at is the place of a key, or of the nearest table above it that the file
// writes out.
func (f *file) at(path []string) place {
	for n := len(path); n > 0; n-- {
		if line, ok := f.lines[joinKey(path[:n])]; ok {
			return place{layerFile, line, fmt.Sprintf("%s:%d", f.path, line)}
		}
	}
	return place{layerFile, 0, f.path}
}

func (f *file) table(path []string, tree map[string]any) {
	for key, v := range tree {
		here := append(slices.Clone(path), key)
		name := strings.Join(here, ".")
		if sec := f.schema.section(strings.Join(path, ".")); sec != nil {
			if _, ok := sec.field(key); ok {
				f.set(f.at(here), name, v)
				continue
			}
		}
		sub, isTable := v.(map[string]any)
		if isTable && (f.schema.section(name) != nil || f.schema.within(name) && !f.isAbsent(name)) {
			f.table(here, sub)
			continue
		}
		if isTable {
			f.unknownSection(f.at(here), name)
			continue
		}
		f.unknownKey(f.at(here), name)
	}
}

// lines maps every key and table of a valid document to its line.
func lines(data []byte) map[string]int {
	found := map[string]int{}
	p := unstable.Parser{}
	p.Reset(data)
	var table []string
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			table, _ = keyOf(&p, e, nil, found)
		case unstable.KeyValue:
			keyValue(&p, e, table, found)
		}
	}
	return found
}

func keyValue(p *unstable.Parser, e *unstable.Node, table []string, found map[string]int) {
	path, line := keyOf(p, e, table, found)
	if e.Value().Kind != unstable.InlineTable {
		return
	}
	for it := e.Value().Children(); it.Next(); {
		sub, _ := keyOf(p, it.Node(), path, found)
		found[joinKey(sub)] = line
	}
}

// keyOf is the full path of an expression's key and its line, which it notes
// for the path and for every table above it that has no line yet.
func keyOf(p *unstable.Parser, e *unstable.Node, table []string, found map[string]int) ([]string, int) {
	path, line := slices.Clone(table), 0
	for it := e.Key(); it.Next(); {
		if line == 0 {
			line = p.Shape(it.Node().Raw).Start.Line
		}
		path = append(path, string(it.Node().Data))
		if _, ok := found[joinKey(path)]; !ok {
			found[joinKey(path)] = line
		}
	}
	return path, line
}

// joinKey is a map key for a path whose parts may hold dots themselves.
func joinKey(path []string) string { return strings.Join(path, "\x00") }
