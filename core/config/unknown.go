package config

import (
	"fmt"
	"strings"
)

// unknownSection reports a section that no module owns.
func (l *loader) unknownSection(at place, name string) {
	if hint, ok := l.numberHint(at, name); ok {
		l.report(at, name, "there is no such section", hint)
		return
	}
	near, ok := NearestModule(name, l.schema.names())
	if !ok {
		l.report(at, name, "there is no such section", "the sections are: "+strings.Join(l.schema.names(), ", "))
		return
	}
	if k, absent := l.schema.absent[near]; absent {
		l.reportLeftOut(at, name, "there is no such section", fmt.Sprintf("did you mean [%s]? Its module %s is not in this build; ", near, k.ID), k.ID)
		return
	}
	l.report(at, name, "there is no such section", fmt.Sprintf("did you mean [%s]?", near))
}

// unknownKey reports a dotted key that no section has.
func (l *loader) unknownKey(at place, key string) {
	name, last := splitKey(key)
	sec := l.schema.like(name)
	switch {
	case l.schema.like(key) != nil || l.schema.within(key):
		l.report(at, key, "is a section and has no value itself", fmt.Sprintf("set one of its keys in [%s]", key))
	case l.schema.absent[key].ID != "":
		l.report(at, key, "is a section and has no value itself", "remove it")
	case sec == nil && name != "" && !l.schema.within(name):
		l.unknownSection(at, name)
	default:
		l.report(at, key, "there is no such key", l.keyHint(sec, last, key))
	}
}

// keyHint looks for what was meant: a key of the same section, the same key in
// another section, or, outside of any section, a near name; failing that it
// lists what there is.
func (l *loader) keyHint(sec *section, last, key string) string {
	if sec != nil {
		if near, ok := Nearest(last, sec.keys()); ok {
			return fmt.Sprintf("did you mean %s?", near)
		}
	}
	for _, k := range l.schema.keys() {
		if _, other := splitKey(k); other == last {
			return fmt.Sprintf("did you mean %s?", k)
		}
	}
	if sec != nil {
		return fmt.Sprintf("the keys of [%s] are: %s", sec.name, strings.Join(sec.keys(), ", "))
	}
	if near, ok := Nearest(key, l.schema.keys()); ok {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "keys stand in a section, one of: " + strings.Join(l.schema.names(), ", ")
}
