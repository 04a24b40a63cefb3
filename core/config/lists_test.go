package config_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/module"
)

// lists is a section with a list of each type.
type lists struct {
	Names   []string          `toml:"names" doc:"names"`
	Numbers []int             `toml:"numbers" doc:"numbers"`
	Waits   []config.Duration `toml:"waits" doc:"times"`
	Flags   []bool            `toml:"flags" doc:"flags"`
}

func withLists(t *testing.T, toml string) config.Source {
	src := source(t, toml)
	src.Modules = append(slices.Clone(src.Modules), module.Descriptor{ID: "x.lists", Doc: "lists", Section: "lists", NewConfig: func() any {
		return &lists{Names: []string{"a", "b \"c\""}, Waits: []config.Duration{config.Duration(time.Second)}}
	}})
	return src
}

func TestLists(t *testing.T) {
	second := config.Duration(time.Second)
	defaults := lists{Names: []string{"a", `b "c"`}, Waits: []config.Duration{second}}
	for name, tt := range map[string]struct {
		file, env, set string
		want           func(*lists)
	}{
		"defaults": {want: func(*lists) {}},
		"file": {file: "names = ['x', 'y,z']\nnumbers = [1, 2]\nwaits = [5, '5m']\nflags = [true]", want: func(l *lists) {
			*l = lists{[]string{"x", "y,z"}, []int{1, 2}, []config.Duration{5 * second, 300 * second}, []bool{true}}
		}},
		"empty in a file":  {file: "names = []", want: func(l *lists) { l.Names = []string{} }},
		"environment":      {env: "NAMES=x, y", want: func(l *lists) { l.Names = []string{"x", "y"} }},
		"empty":            {env: "NAMES=", want: func(l *lists) { l.Names = []string{} }},
		"command line":     {set: "numbers=1,2", want: func(l *lists) { l.Numbers = []int{1, 2} }},
		"in brackets":      {set: `names=["x, y", 'z']`, want: func(l *lists) { l.Names = []string{"x, y", "z"} }},
		"the later layer":  {file: "names = ['x', 'y']", set: "names=z", want: func(l *lists) { l.Names = []string{"z"} }},
		"of units as text": {set: "waits=1s,5m", want: func(l *lists) { l.Waits = []config.Duration{second, 300 * second} }},
	} {
		t.Run(name, func(t *testing.T) {
			src := withLists(t, "[lists]\n"+tt.file)
			if tt.env != "" {
				src.Environ = []string{"REDISTILL_LISTS_" + tt.env}
			}
			if tt.set != "" {
				src.Set = []string{"lists." + tt.set}
			}
			want := defaults
			tt.want(&want)
			if got := load(t, src).Module("x.lists"); !reflect.DeepEqual(got, &want) {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
}

func TestListsInTheReference(t *testing.T) {
	src := withLists(t, "")
	reference := config.Reference(src.Modules)
	for _, line := range []string{`names = ["a", "b \"c\""]`, "numbers = []", `waits = ["1s"]`} {
		if !strings.Contains(reference, line+"\n") {
			t.Errorf("no line %s in\n%s", line, reference)
		}
	}
	load(t, withLists(t, reference))
}

func TestListsThatAreWrong(t *testing.T) {
	for set, want := range map[string]string{
		"file names = 'a'":      `is a string; write a list of strings, as in ["a", "b"], without quotes`,
		"file names = ['a', 1]": `element 2: is a number; write a string, in quotes`,
		"file names = [['a']]":  `element 1: is a list; write a string, in quotes`,
		"file names = [{a=1}]":  `element 1: is a table; write a string, in quotes`,
		"file numbers = 3":      "is a number; write a list, in brackets, of which each element is a whole number",
		"numbers=1,x":           `element 2: "x" is not a whole number; correct the value`,
		"numbers=1,":            `element 2: "" is not a whole number; correct the value`,
		"waits=1s,-5s":          `element 2: "-5s" is negative; write a duration, as in 300s or 5m`,
		`names=["a`:             `"[\"a" is not a list as a file writes it; write a list of strings, as in ["a", "b"], or the elements with commas between them`,
		"flags=[1]":             "element 1: is a number; write true or false",
	} {
		src := withLists(t, "")
		if inFile, ok := strings.CutPrefix(set, "file "); ok {
			src = withLists(t, "[lists]\n"+inFile)
		} else {
			src.Set = []string{"lists." + set}
		}
		if _, err := config.Load(src); err == nil || !strings.HasSuffix(err.Error(), ": "+want) {
			t.Errorf("%s: error %v\nwant %s", set, err, want)
		}
	}
}

// A list of what no value can be is a mistake in the module, as a field of it is.
func TestListOfNothingPossiblePanics(t *testing.T) {
	for name, section := range map[string]any{
		"channels": &struct {
			X []chan int `toml:"x"`
		}{},
		"lists": &struct {
			X [][]string `toml:"x"`
		}{},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if r := fmt.Sprint(recover()); !strings.Contains(r, "x.bad") || !strings.Contains(r, "X") {
					t.Errorf("panic %q does not name the module and the field", r)
				}
			}()
			d := module.Descriptor{ID: "x.bad", Section: "x", NewConfig: func() any { return section }}
			_, err := config.Load(config.Source{Modules: []module.Descriptor{d}})
			t.Errorf("no panic; error %v", err)
		})
	}
}
