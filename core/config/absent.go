package config

import (
	"cmp"
	"maps"
	"slices"
)

// Ignored is a section of a module that is left out of this build, which asks for
// nothing: what it holds has no effect.
type Ignored struct {
	Place   string // as in Problem
	Section string
	Module  string // its ID
}

// Ignored are the sections that have no effect because their modules are not in this
// build, in the order of the layers and of the lines in the file. A configuration that
// was written for a larger build has them.
func (c *Config) Ignored() []Ignored { return c.ignored }

// absentSection is what the layers say in the section of a module that is left out.
type absentSection struct {
	module Known
	at     place // where it was last spoken of, or where the module was switched on
	asks   bool  // for the module to do something
}

// absentFor is the module that a section, or one of several of it, belongs to, if it is
// one that is left out.
func (s *schema) absentFor(section string) (Known, bool) {
	k, ok := s.absent[section]
	if base, last := splitKey(section); !ok {
		if _, numbered := number(last); numbered {
			k, ok = s.absent[base]
		}
	}
	return k, ok
}

// leftOut notes what a layer says in a section of a module that is left out. Only the
// key that switches the module on asks for anything, and only if it is not what it is
// anyway: a configuration that was printed with all its defaults works here too. What
// is chosen by its name, as a policy is, is missed where it is named.
func (l *loader) leftOut(at place, k Known, section, key string, v any) {
	s := l.absent[section]
	if s == nil {
		s = &absentSection{module: k, at: at}
		l.absent[section] = s
	}
	if key == "" || key != k.Switch {
		return
	}
	s.at, s.asks = at, true
	if t, ok := v.(text); ok {
		v = string(t)
	}
	if v == "" || v == k.Default {
		s.asks = false
	}
}

// judgeAbsent reports the sections of left out modules that ask for something, and
// returns the others.
func (l *loader) judgeAbsent() (ignored []Ignored) {
	names := slices.SortedFunc(maps.Keys(l.absent), func(a, b string) int {
		at, than := l.absent[a].at, l.absent[b].at
		return cmp.Or(cmp.Compare(at.layer, than.layer), cmp.Compare(at.line, than.line), cmp.Compare(a, b))
	})
	for _, name := range names {
		if s := l.absent[name]; s.asks {
			l.reportLeftOut(s.at, name, "the section of module "+s.module.ID+", which is not in this build", "remove the section, or ", s.module.ID)
		} else {
			ignored = append(ignored, Ignored{s.at.name, name, s.module.ID})
		}
	}
	return ignored
}
