package config

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// wantedList describes the lists that a field takes; empty if its elements are
// nothing that a config value can be, or lists.
func wantedList(list reflect.Type) string {
	if list.Elem().Kind() == reflect.Slice {
		return ""
	}
	if list.Elem().Kind() == reflect.String {
		return `a list of strings, as in ["a", "b"]`
	}
	one := wanted(reflect.New(list.Elem()).Elem())
	if one == "" {
		return ""
	}
	return "a list, in brackets, of which each element is " + one
}

// assignList replaces a list, or says which of its elements can't be one.
func assignList[T any](to reflect.Value, from []T) *FieldError {
	list := reflect.MakeSlice(to.Type(), len(from), len(from))
	for i, v := range from {
		if err := assign(list.Index(i), v); err != nil {
			err.Problem = fmt.Sprintf("element %d: %s", i+1, err.Problem)
			return err
		}
	}
	to.Set(list)
	return nil
}

// assignListText reads a list from the environment or from --set: its elements with
// commas between them, or as a file writes it, in brackets, which elements with commas
// need. Nothing is the empty list.
func assignListText(to reflect.Value, s string) *FieldError {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "[") {
		var tree map[string]any
		if err := toml.Unmarshal([]byte("list = "+s), &tree); err != nil {
			return &FieldError{Problem: fmt.Sprintf("%q is not a list as a file writes it", s), Fix: "write " + wanted(to) + ", or the elements with commas between them"}
		}
		return assign(to, tree["list"])
	}
	var elements []text
	if s != "" {
		for one := range strings.SplitSeq(s, ",") {
			elements = append(elements, text(strings.TrimSpace(one)))
		}
	}
	return assignList(to, elements)
}

// listLiteral is a list as TOML writes it.
func listLiteral(v reflect.Value) string {
	elements := make([]string, v.Len())
	for i := range elements {
		elements[i] = literal(v.Index(i))
	}
	return "[" + strings.Join(elements, ", ") + "]"
}
