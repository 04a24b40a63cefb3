package settings

import (
	"errors"
	"strings"
	"testing"
)

// word is a parameter that keeps what it is set to.
func word(name string, value *string) Parameter {
	return Parameter{
		Name: name, Doc: "a word", Get: func() string { return *value },
		Set: func(to string) (func(), error) {
			if to == "" {
				return nil, errors.New("argument must not be empty")
			}
			return func() { *value = to }, nil
		},
	}
}

// A name has one owner, and an error names both who want it.
func TestAddRefuses(t *testing.T) {
	value := "x"
	for name, tt := range map[string]struct {
		list []Parameter
		want string
	}{
		"of another": {[]Parameter{word("new", &value), word("taken", &value)},
			`eviction.mine: the CONFIG parameter "taken" is one of core already; rename it, or leave one of the two modules out`},
		"of its own": {[]Parameter{word("twice", &value), word("twice", &value)},
			`eviction.mine: has two CONFIG parameters with the name "twice"; rename one of them`},
		"upper case": {[]Parameter{word("Mine", &value)},
			`eviction.mine: the CONFIG parameter "Mine" has no name in lower case and without spaces; this is a mistake in the module`},
		"no name": {[]Parameter{word("", &value)},
			`eviction.mine: the CONFIG parameter "" has no name in lower case and without spaces; this is a mistake in the module`},
		"no Doc": {[]Parameter{Fixed("mine", "", "x")},
			`eviction.mine: the CONFIG parameter "mine" lacks a Doc or a Get; this is a mistake in the module`},
		"no Get": {[]Parameter{{Name: "mine", Doc: "a word"}},
			`eviction.mine: the CONFIG parameter "mine" lacks a Doc or a Get; this is a mistake in the module`},
	} {
		t.Run(name, func(t *testing.T) {
			var r Registry
			if err := r.Add("core", word("taken", &value)); err != nil {
				t.Fatal(err)
			}
			if err := r.Add("eviction.mine", tt.list...); err == nil || err.Error() != tt.want {
				t.Errorf("error %v, want %s", err, tt.want)
			}
			if got := names(&r); got != "taken" {
				t.Errorf("afterwards there are %s", got)
			}
		})
	}
}

func names(r *Registry) string {
	var names []string
	r.Get(func(string) bool { return true }, func(name, _ string) { names = append(names, name) })
	return strings.Join(names, " ")
}

// What several owners add is one list in order, and is set all at once or not at all.
func TestParametersOfSeveralOwners(t *testing.T) {
	var r Registry
	b, c := "1", "2"
	if err := errors.Join(r.Add("core", word("c", &c)), r.Add("module.b", word("b", &b), Fixed("d", "fixed", "no"))); err != nil {
		t.Fatal(err)
	}
	if got := names(&r); got != "b c d" {
		t.Errorf("parameters %s", got)
	}
	if err := r.Set([][2]string{{"B", "new"}, {"c", ""}}); err == nil || b != "1" {
		t.Errorf("error %v; b is %s", err, b)
	}
	if err := r.Set([][2]string{{"B", "new"}, {"d", "no"}}); err != nil || b != "new" {
		t.Errorf("error %v; b is %s", err, b)
	}
	if !strings.Contains(r.Markdown(), "| `d` | fixed | fixed |\n") {
		t.Errorf("table:\n%s", r.Markdown())
	}
}
