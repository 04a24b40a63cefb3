package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redistill-go/redistill/core/module"
)

// maxInstances is how many of one module there can be. It is a bound for mistakes:
// who sets a key of the hundredth has not told the ninety-nine before it.
const maxInstances = 64

// Instance is a module's config and where it stands. The first instance of a module
// stands under the module's own names; the second of transport.tcp is transport.tcp.2,
// with the section transports.tcp.2.
type Instance struct {
	module.Place
	Config any // what NewConfig returned, filled in; nil if the module has no config
}

// Instances are the instances of a module in their order, of which there is at least
// one: that of the defaults.
func (c *Config) Instances(d module.Descriptor) []Instance {
	if all := c.modules[d.ID]; len(all) > 0 {
		return all
	}
	return []Instance{{Place: module.Place{ID: d.ID, Section: d.Section}}}
}

// instances are the sections of a module that there may be several of.
type instances struct {
	list  []*section
	asked []bool // whether a layer has spoken of it, rather than of one behind it
}

// numbered takes the name of one of several sections apart, as in transports.tcp.2.
// ok is false for any other name.
func (s *schema) numbered(name string) (base string, n int, ok bool) {
	base, last := splitKey(name)
	if s.several[base] == nil {
		return "", 0, false
	}
	n, ok = number(last)
	return base, n, ok
}

// number reads the number of an instance.
func number(s string) (n int, ok bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 1 && n <= maxInstances && strconv.Itoa(n) == s
}

// like is the section with this name, or one that is like it: the first of several.
func (s *schema) like(name string) *section {
	if base, _, ok := s.numbered(name); ok {
		name = base
	}
	return s.section(name)
}

// open is the section with this name. One of several begins to exist when a layer
// speaks of it, with the defaults, and so do those before it, which validate finds if
// nothing speaks of them.
func (s *schema) open(name string) *section {
	base, n, ok := s.numbered(name)
	if !ok {
		return s.section(name)
	}
	all := s.several[base]
	for len(all.list) < n {
		d, i := all.list[0].owner, strconv.Itoa(len(all.list)+1)
		all.list = append(all.list, s.addInstance(d, module.Place{ID: d.ID + "." + i, Section: base + "." + i}))
		all.asked = append(all.asked, false)
	}
	all.asked[n-1] = true
	return all.list[n-1]
}

// addInstance adds a section with a module's defaults.
func (s *schema) addInstance(d module.Descriptor, at module.Place) *section {
	config := d.NewConfig()
	s.config.modules[d.ID] = append(s.config.modules[d.ID], Instance{at, config})
	return s.add(at.Section, d, config)
}

// checkNumbers reports instances that are missing before others.
func (l *loader) checkNumbers() {
	for base, all := range l.schema.several {
		missing := slices.Index(all.asked, false)
		if missing < 0 {
			continue
		}
		next := all.list[missing+1+slices.Index(all.asked[missing+1:], true)]
		at := defaultPlace
		for _, key := range next.keys() {
			if set, ok := l.places[next.name+"."+key]; ok {
				at = set
			}
		}
		for i, sec := range all.list { // those that nobody wants are not judged
			for _, key := range sec.keys() {
				l.broken[sec.name+"."+key] = l.broken[sec.name+"."+key] || !all.asked[i]
			}
		}
		l.report(at, next.name, fmt.Sprintf("there is no %s.%d before it", base, missing+1), "number them from 1 without a gap")
	}
}

// numberHint says what is wrong with the number at the end of a section's name, if it
// looks like that of one of several.
func (l *loader) numberHint(at place, name string) (hint string, ok bool) {
	base, last := splitKey(name)
	sec := l.schema.like(base)
	switch {
	case strings.Trim(last, "0123456789") != "" || sec == nil:
		return "", false
	case !sec.owner.Several:
		return fmt.Sprintf("there is one [%s] alone, without a number", sec.name), true
	case at.layer == layerFile:
		return fmt.Sprintf("write [[%s]] before the keys of each", sec.owner.Section), true
	}
	return fmt.Sprintf("number them from 1 to %d, as in %s.2", maxInstances, sec.owner.Section), true
}
