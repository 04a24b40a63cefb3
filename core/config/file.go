package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// loadFile applies the file to the schema.
func (l *loader) loadFile(path string) {
	at := place{layer: layerFile, name: path}
	data, err := ReadFile(path)
	if err != nil {
		l.report(at, "", fmt.Sprintf("cannot read the config file: %v", err), "check --config and REDISTILL_CONFIG")
		return
	}
	if data, err = plain(data); err != nil {
		l.report(at, "", fmt.Sprintf("cannot read the config file: %v", err), "save it as UTF-8")
		return
	}
	var tree map[string]any
	if err := toml.Unmarshal(data, &tree); err != nil {
		var syntax *toml.DecodeError
		if errors.As(err, &syntax) {
			at.line, _ = syntax.Position()
			at.name = fmt.Sprintf("%s:%d", path, at.line)
		}
		l.report(at, "", strings.TrimPrefix(err.Error(), "toml: "), "correct the TOML syntax")
		return
	}
	l.file = file{loader: l, path: path, lines: lines(data)}
	l.file.table(nil, tree)
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
		tables, isTable := tablesOf(v)
		_, isAbsent := f.schema.absent[name]
		switch {
		case !isTable:
			f.unknownKey(f.at(here), name)
		case isAbsent:
			f.absentTables(here, tables)
		case f.schema.several[name] != nil:
			f.instances(here, tables)
		case f.schema.section(name) == nil && !f.schema.within(name), f.schema.like(name) != f.schema.section(name):
			f.unknownSection(f.at(here), name)
		default:
			if _, one := v.(map[string]any); !one {
				f.report(f.at(here), name, "there can't be several of it", fmt.Sprintf("write [%s], once", name))
				continue
			}
			f.table(here, tables[0])
		}
	}
}

// tablesOf takes a table, or the tables of an array of nothing else.
func tablesOf(v any) (tables []map[string]any, ok bool) {
	if one, ok := v.(map[string]any); ok {
		return []map[string]any{one}, true
	}
	list, _ := v.([]any)
	for _, element := range list {
		one, ok := element.(map[string]any)
		if !ok {
			return nil, false
		}
		tables = append(tables, one)
	}
	return tables, len(tables) > 0
}

// instances applies the tables of a section that there may be several of.
func (f *file) instances(path []string, tables []map[string]any) {
	if len(tables) > maxInstances {
		f.report(f.at(path), strings.Join(path, "."), fmt.Sprintf("there are %d of it", len(tables)), fmt.Sprintf("use %d at most", maxInstances))
		return
	}
	for i, one := range tables {
		here := nth(path, i+1)
		f.schema.open(strings.Join(here, "."))
		f.table(here, one)
	}
}

// absentTables notes what stands in the section of a module that is left out.
func (f *file) absentTables(path []string, tables []map[string]any) {
	for i, one := range tables {
		here := nth(path, i+1)
		name := strings.Join(here, ".")
		k, _ := f.schema.absentFor(name)
		f.leftOut(f.at(here), k, name, "", nil)
		if v, ok := one[k.Switch]; ok {
			f.leftOut(f.at(append(here, k.Switch)), k, name, k.Switch, v)
		}
	}
}

// nth is the path of one of several tables.
func nth(path []string, n int) []string {
	if n == 1 {
		return path
	}
	return append(slices.Clone(path), strconv.Itoa(n))
}

// lines maps every key and table of a valid document to its line. The second of an array
// of tables has a number at the end of its path.
func lines(data []byte) map[string]int {
	found := map[string]int{}
	p := unstable.Parser{}
	p.Reset(data)
	var table []string
	count := map[string]int{}
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table:
			table, _ = keyOf(&p, e, nil, found)
		case unstable.ArrayTable:
			path, line := keyOf(&p, e, nil, found)
			count[joinKey(path)]++
			table = nth(path, count[joinKey(path)])
			if len(table) > len(path) {
				found[joinKey(table)] = line
			}
		case unstable.KeyValue:
			path, line := keyOf(&p, e, table, found)
			inline(&p, e.Value(), path, line, found)
		}
	}
	return found
}

// inline notes the line of all that stands in an inline table, or in an array of them:
// it is that of the key, since positions in them are not known.
func inline(p *unstable.Parser, v *unstable.Node, path []string, line int, found map[string]int) {
	switch v.Kind {
	case unstable.InlineTable:
		for it := v.Children(); it.Next(); {
			sub, _ := keyOf(p, it.Node(), path, found)
			found[joinKey(sub)] = line
		}
	case unstable.Array:
		n := 0
		for it := v.Children(); it.Next(); {
			n++
			if it.Node().Kind == unstable.InlineTable {
				here := nth(path, n)
				found[joinKey(here)] = line
				inline(p, it.Node(), here, line, found)
			}
		}
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
