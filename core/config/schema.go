package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/redistill-go/redistill/core/module"
)

// section is a config struct with its fields by key.
type section struct {
	name   string
	owner  module.Descriptor // without an ID: the core
	config any               // pointer to the struct
	fields []field
}

// field is one key of a section.
type field struct {
	key   string
	doc   string
	value reflect.Value // the struct's own field, settable
}

func (s *section) field(key string) (field, bool) {
	i := slices.IndexFunc(s.fields, func(f field) bool { return f.key == key })
	if i < 0 {
		return field{}, false
	}
	return s.fields[i], true
}

func (s *section) keys() []string {
	keys := make([]string, len(s.fields))
	for i, f := range s.fields {
		keys[i] = f.key
	}
	return keys
}

// schema is every section that this build knows, in the order of the
// reference: the core's own, then the modules' by ID.
type schema struct {
	config   *Config
	sections []*section
	// several has the instances of each section that there may be several of, by the
	// section's name.
	several map[string]*instances
	// absent maps the section of a module that is left out of this build to
	// that module.
	absent map[string]Known
}

// newSchema lays the sections out over c, filling in the modules' defaults.
func newSchema(c *Config, modules []module.Descriptor, known []Known) *schema {
	s := &schema{config: c, several: map[string]*instances{}, absent: map[string]Known{}}
	core := module.Descriptor{}
	s.add("server", core, &c.Server)
	s.add("auth", core, &c.Auth)
	s.add("memory", core, &c.Memory)
	s.add("persistence", core, &c.Persistence)
	s.add("log", core, &c.Log)
	for _, d := range modules {
		if d.Section == "" {
			continue
		}
		first := s.addInstance(d, module.Place{ID: d.ID, Section: d.Section})
		if d.Several {
			s.several[d.Section] = &instances{list: []*section{first}, asked: []bool{true}}
		}
	}
	for _, k := range known {
		if k.Section != "" && s.section(k.Section) == nil {
			s.absent[k.Section] = k
		}
	}
	return s
}

// add takes a config struct apart. A struct that can't be a section is a
// mistake in the program that names its owner.
func (s *schema) add(name string, of module.Descriptor, config any) *section {
	owner := orElse(of.ID, "core")
	v := reflect.ValueOf(config)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		panic(fmt.Sprintf("config of %s: NewConfig returned a %T, not a pointer to a struct", owner, config))
	}
	if s.section(name) != nil {
		panic(fmt.Sprintf("config of %s: the section [%s] has another owner already", owner, name))
	}
	sec := &section{name: name, owner: of, config: config}
	for i := range v.Elem().NumField() {
		f := v.Elem().Type().Field(i)
		key := f.Tag.Get("toml")
		if !f.IsExported() || key == "" || key == "-" {
			continue
		}
		if wanted(v.Elem().Field(i)) == "" {
			panic(fmt.Sprintf("config of %s: the field %s has a type that no config value can have: %s", owner, f.Name, f.Type))
		}
		sec.fields = append(sec.fields, field{key, f.Tag.Get("doc"), v.Elem().Field(i)})
	}
	s.sections = append(s.sections, sec)
	return sec
}

// section is the one with this name; nil if there is none. The first of several has two
// names, one of them with its number.
func (s *schema) section(name string) *section {
	if base, n, ok := s.numbered(name); ok && n == 1 {
		name = base
	}
	i := slices.IndexFunc(s.sections, func(sec *section) bool { return sec.name == name })
	if i < 0 {
		return nil
	}
	return s.sections[i]
}

// names are all section names, those of absent modules included.
func (s *schema) names() []string {
	var names []string
	for _, sec := range s.sections {
		names = append(names, sec.name)
	}
	for name := range s.absent {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// keys are all dotted keys of this build.
func (s *schema) keys() []string {
	var keys []string
	for _, sec := range s.sections {
		for _, f := range sec.fields {
			keys = append(keys, sec.name+"."+f.key)
		}
	}
	return keys
}

// within says whether some section is below this one: "transports" is above
// "transports.tcp".
func (s *schema) within(name string) bool {
	return slices.ContainsFunc(s.names(), func(n string) bool { return strings.HasPrefix(n, name+".") })
}

// wanted describes the values a field takes; empty if it can take none.
func wanted(v reflect.Value) string {
	switch v.Addr().Interface().(type) {
	case *Size:
		return "a size, as in 512mb or 2gb"
	case *Duration:
		return "a duration, as in 300s or 5m"
	case *ClientMemory:
		return "a size, as in 256mb, or a percentage, as in 25%"
	case *OutputLimit:
		return "a size, as in 64mb, or two sizes and a duration, as in 64mb 16mb 60s"
	case encoding.TextUnmarshaler:
		return "a string, in quotes"
	}
	switch v.Kind() {
	case reflect.Slice:
		return wantedList(v.Type())
	case reflect.String:
		return "a string, in quotes"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number"
	case reflect.Float32, reflect.Float64:
		return "a number"
	}
	return ""
}
