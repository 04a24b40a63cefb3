package process

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.uber.org/dig"
	"go.uber.org/fx"
)

// findFault says which module keeps the graph from holding together, and with which
// others it does not get along; nil if it does hold together, and something fails for
// another reason. Constructors are not called.
//
// The graph's own errors name functions, which for most parts is one of the
// reflection's. So modules are added to the core one by one, in several rounds since
// one may need another. At fault is one of those that can't be added: the first that
// fails as the whole does.
func (g graph) findFault(invoke []fx.Option) error {
	whole := g.fails(invoke)
	if whole.err == nil {
		return nil
	}
	sound, left := graph{base: g.base}, g.modules
	for {
		var refused []graphModule
		var first graphModule
		var why failure
		for _, m := range left {
			with := graph{base: g.base, modules: append(slices.Clip(sound.modules), m)}
			f := with.fails(invoke)
			if f.err == nil {
				sound = with
				continue
			}
			if len(refused) == 0 || f.kind == whole.kind && why.kind != whole.kind {
				first, why = m, f
			}
			refused = append(refused, m)
		}
		switch len(refused) {
		case 0: // the core itself
			return nil
		case len(left):
			return why.of(first.id, sound.without(first, why, invoke))
		}
		left = refused
	}
}

// without are the modules but for any one of which the new one would not fail as it
// does.
func (g graph) without(added graphModule, as failure, invoke []fx.Option) (ids []string) {
	for i, m := range g.modules {
		rest := slices.Concat(g.modules[:i], g.modules[i+1:], []graphModule{added})
		if f := (graph{base: g.base, modules: rest}).fails(invoke); f.kind != as.kind {
			ids = append(ids, m.id)
		}
	}
	return ids
}

// fails tries the graph without calling anything of it.
func (g graph) fails(invoke []fx.Option) failure {
	err := fx.ValidateApp(fx.Logger(quiet{}), g.options(invoke...))
	if err == nil {
		return failure{}
	}
	for _, kind := range failureKinds {
		if found := kind.pattern.FindStringSubmatch(err.Error()); found != nil {
			f := failure{err: err, kind: kind}
			if len(found) > 1 {
				f.what = found[1]
			}
			return f
		}
	}
	return failure{err: err}
}

// failure is why a graph does not hold together.
type failure struct {
	err  error
	kind *failureKind // nil: another
	what string       // the type that it is about, if it is about one
}

// failureKind is how the library words a failure, and how it is told here: by the
// module at fault, the type, and what the module does not get along with.
type failureKind struct {
	pattern *regexp.Regexp
	text    func(id, what, others string) string
}

var failureKinds = []*failureKind{
	{
		regexp.MustCompile(`missing types?: (.+)`),
		func(id, what, _ string) string {
			return fmt.Sprintf("%s: needs %s, which no part of this build provides; build it with the module that does, or without %s", id, what, id)
		},
	},
	{
		regexp.MustCompile(`cannot provide (\S+) from \S+ already provided`),
		func(id, what, others string) string {
			return fmt.Sprintf("%s: provides %s, and so does %s, but there can be only one; build without one of the two", id, what, others)
		},
	},
	{
		regexp.MustCompile(`cannot decorate using function .*: (\S+) already decorated`),
		func(id, what, others string) string {
			return fmt.Sprintf("%s: decorates %s, and so does %s, but only one can; build without one of the two", id, what, others)
		},
	},
	{
		regexp.MustCompile(`cycle detected`),
		func(id, _, others string) string {
			return fmt.Sprintf("%s: its parts and those of %s need each other, so that neither can be made first; build without one of the two", id, others)
		},
	},
}

// of is the error of the module's that fails so, beside these others.
func (f failure) of(id string, others []string) error {
	if f.kind == nil {
		return blamed(id, fmt.Errorf("%w; this is a mistake in the module", dig.RootCause(f.err)))
	}
	if len(others) == 0 {
		others = []string{"the core"}
	}
	return errors.New(f.kind.text(id, f.what, strings.Join(others, " and ")))
}
