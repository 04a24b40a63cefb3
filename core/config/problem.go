package config

import (
	"cmp"
	"errors"
	"slices"
	"strings"
)

// FieldError is one thing that is wrong with one key of a section. Modules
// return it from Validate (several with errors.Join); the config package adds
// the section, the file and the line.
type FieldError struct {
	// Key is the key inside the module's own section, as in "listen".
	Key string
	// Problem says what is wrong: "port 99999 is not in the range 0 to 65535".
	Problem string
	// Fix says what to do: "use host:port, as in 127.0.0.1:6379".
	Fix string
}

func (e *FieldError) Error() string {
	var b strings.Builder
	b.WriteString(e.Key)
	b.WriteString(": ")
	b.WriteString(e.Problem)
	if e.Fix != "" {
		b.WriteString("; ")
		b.WriteString(e.Fix)
	}
	return b.String()
}

// fieldErrors takes an error of Validate apart. What is no FieldError becomes
// one without a key.
func fieldErrors(err error) []FieldError {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []FieldError
		for _, e := range joined.Unwrap() {
			all = append(all, fieldErrors(e)...)
		}
		return all
	}
	var f *FieldError
	if errors.As(err, &f) {
		return []FieldError{*f}
	}
	return []FieldError{{Problem: err.Error()}}
}

// Problem is one thing that is wrong with the configuration.
type Problem struct {
	// Place is where the value came from: "redistill.toml:12",
	// "env REDIS_PORT", "--set" or "default".
	Place string
	// Key is the dotted key or section, as in "memory.max"; empty if the
	// problem is with the place itself.
	Key string
	// Problem says what is wrong, Fix what to do.
	Problem, Fix string

	order   place
	leftOut string // ID of a module that would solve it, if this build had it
}

// String is the problem in one line: place: section.key: problem; fix.
func (p Problem) String() string {
	var b strings.Builder
	for _, s := range []string{p.Place, p.Key} {
		if s != "" {
			b.WriteString(s)
			b.WriteString(": ")
		}
	}
	b.WriteString(p.Problem)
	if p.Fix != "" {
		b.WriteString("; ")
		b.WriteString(p.Fix)
	}
	// One problem is one line, whatever bytes the user's value held.
	return strings.NewReplacer("\n", `\n`, "\r", `\r`).Replace(b.String())
}

// Problems is the error that Load returns: all that is wrong, in the order of
// the layers and of the lines in the file.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

func (ps Problems) sorted() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.order.layer, b.order.layer),
			cmp.Compare(a.order.line, b.order.line), cmp.Compare(a.Key, b.Key))
	})
	return ps
}

// layer orders the places that values come from.
type layer int

const (
	layerFile layer = iota
	layerEnv
	layerSet
	layerDefault
)

// place is where a value came from.
type place struct {
	layer layer
	line  int
	name  string
}

var defaultPlace = place{layer: layerDefault, name: "default"}
