package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/redistill-go/redistill/core/module"
)

// Reference is a TOML file with every key of a build that has these modules:
// its meaning as a comment and its default as the value. It loads, and changes
// nothing.
func Reference(modules []module.Descriptor) string {
	var b strings.Builder
	for i, sec := range newSchema(defaults(), modules, nil).sections {
		if i > 0 {
			b.WriteByte('\n')
		}
		if d := sec.owner; d.ID != "" {
			fmt.Fprintf(&b, "# module %s: %s\n", d.ID, d.Doc)
			if d.Several {
				fmt.Fprintf(&b, "# for several, write [[%s]] before the keys of each\n", d.Section)
			}
		}
		fmt.Fprintf(&b, "[%s]\n", sec.name)
		for _, f := range sec.fields {
			fmt.Fprintf(&b, "# %s\n%s = %s\n", f.doc, f.key, literal(f.value))
		}
	}
	return b.String()
}

// literal is a field's value as TOML writes it.
func literal(v reflect.Value) string {
	if m, ok := v.Addr().Interface().(encoding.TextMarshaler); ok {
		if text, err := m.MarshalText(); err == nil {
			return strconv.Quote(string(text))
		}
	}
	switch v.Kind() {
	case reflect.String:
		return strconv.Quote(v.String())
	case reflect.Slice:
		return listLiteral(v)
	}
	return fmt.Sprint(v.Interface())
}

// AliasTable is the table of the REDIS_* variables in Markdown.
func AliasTable() string {
	var b strings.Builder
	b.WriteString("| variable | key | note |\n|---|---|---|\n")
	for _, a := range Aliases {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", a.Name, a.Key, a.Doc)
	}
	return b.String()
}
