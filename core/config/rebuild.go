package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/redistill-go/redistill/core/module"
)

// BuildCommand is that of the source.
func (c *Config) BuildCommand(more ...string) string { return c.source.BuildCommand(more...) }

// BuildCommand is the command that builds what this build has and other modules of the
// tree, by their IDs. It names a kind in place of its modules where it is all of them.
func (s Source) BuildCommand(more ...string) string {
	in, foreign := map[string]bool{}, []string{}
	for _, d := range s.Modules {
		if s.ofTree(d) {
			in[d.ID] = true
		} else {
			foreign = append(foreign, " --with "+orElse(s.Foreign[d.Package], d.Package+"@latest"))
		}
	}
	for _, id := range more {
		in[id] = true
	}
	kinds := map[string][]string{}
	for _, k := range s.Known {
		kind, _, _ := strings.Cut(k.ID, ".")
		kinds[kind] = append(kinds[kind], k.ID)
	}
	var names []string
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		chosen := slices.DeleteFunc(slices.Clone(kinds[kind]), func(id string) bool { return !in[id] })
		if len(chosen) > 1 && len(chosen) == len(kinds[kind]) {
			chosen = []string{kind}
		}
		names = append(names, chosen...)
	}
	slices.Sort(foreign)
	return "redistill-build --only " + strings.Join(names, ",") + strings.Join(slices.Compact(foreign), "")
}

// ofTree says whether a module is one of the tree, rather than one from elsewhere that
// may have the name of one that is left out.
func (s Source) ofTree(d module.Descriptor) bool {
	return slices.ContainsFunc(s.Known, func(k Known) bool { return k.ID == d.ID && k.Package == d.Package })
}

// reportLeftOut reports a problem that a build with one more module does not have. fix
// is what goes before how to get that, as in "remove the section, or ".
func (l *loader) reportLeftOut(at place, key, problem, fix, id string) {
	l.report(at, key, problem, fix)
	l.problems[len(l.problems)-1].leftOut = id
}

// tellBuild adds the command that builds what is missing to all problems that other
// modules solve. It builds all of these, so that who follows it has none of them left.
func (l *loader) tellBuild() {
	var missing []string
	for _, p := range l.problems {
		if p.leftOut != "" {
			missing = append(missing, p.leftOut)
		}
	}
	for i := range l.problems {
		if p := &l.problems[i]; p.leftOut != "" {
			p.Fix += "rebuild with " + l.source.BuildCommand(missing...)
		}
	}
}
