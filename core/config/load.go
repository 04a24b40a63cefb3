package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/redistill-go/redistill/core/module"
)

// Config is the whole configuration, decoded and validated.
type Config struct {
	Server      Server
	Auth        Auth
	Memory      Memory
	Persistence Persistence
	Log         Log

	file    string
	lines   map[string]int // of the file, by joinKey
	modules map[string][]Instance
	source  Source
	ignored []Ignored
	binds   []Bound
}

// File is the path of the configuration file as an absolute path, empty if
// there is none.
func (c *Config) File() string { return c.file }

// Line is the line of the configuration file at which a section is first written;
// 0: the file does not have it.
func (c *Config) Line(section string) int { return c.lines[joinKey(strings.Split(section, "."))] }

// Module returns the config struct of the module with this ID, of several instances
// that of the first: what its NewConfig returned, filled in. Nil if the module has no
// config.
func (c *Config) Module(id string) any {
	if all := c.modules[id]; len(all) > 0 {
		return all[0].Config
	}
	return nil
}

// Source is where a configuration comes from and what it may configure.
type Source struct {
	// File is the path of a TOML file. Empty: the path in REDISTILL_CONFIG if
	// Environ has it, else no file at all.
	File string
	// Environ is the environment in the form of os.Environ.
	Environ []string
	// Set are overrides in the form section.key=value.
	Set []string
	// Modules are those of this build; Known are those of the whole tree, so
	// that a key of a module that was left out can be told from a mistake.
	Modules []module.Descriptor
	Known   []Known
	// Foreign says how redistill-build takes the packages of those modules that are not
	// of the tree, by import path: example.org/policy@v1.2.3 or example.org/policy=/its/folder.
	// Without a word here it is the latest version.
	Foreign map[string]string
}

// Load reads all layers. Its error is of type Problems and holds all that is
// wrong, including what an upper layer overrides. It panics if a module's
// NewConfig returns something that can't be a config section.
func Load(src Source) (*Config, error) {
	c := defaults()
	c.source = src
	l := &loader{
		source: src,
		schema: newSchema(c, src.Modules, src.Known),
		places: map[string]place{},
		broken: map[string]bool{},
		absent: map[string]*absentSection{},
	}
	env := newEnviron(src.Environ)
	if path := orElse(src.File, env.get("REDISTILL_CONFIG")); path != "" {
		l.loadFile(path)
		c.lines = l.file.lines
		c.file = path
		if absolute, err := filepath.Abs(path); err == nil {
			c.file = absolute
		}
	}
	l.loadEnviron(env)
	for _, s := range src.Set {
		l.loadSet(s)
	}
	l.checkNumbers()
	l.validate()
	l.check("auth", CheckPassword("password", c.Auth.Password, c.Server.MaxBulkLength))
	l.selectModule("memory.eviction", c.Memory.Eviction, module.Eviction, NoEviction)
	l.selectModule("persistence.backend", c.Persistence.Backend, module.Persistence, NoBackend)
	c.ignored = l.judgeAbsent()
	c.binds = l.checkAddresses()
	l.tellBuild()
	if len(l.problems) > 0 {
		return nil, l.problems.sorted()
	}
	return c, nil
}

func orElse(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

// loader applies layers to the schema and gathers problems.
type loader struct {
	source   Source
	schema   *schema
	file     file
	absent   map[string]*absentSection // by name, with the number of one of several
	places   map[string]place          // where each key was set last
	broken   map[string]bool           // keys that have a problem already
	problems Problems
}

func (l *loader) report(at place, key, problem, fix string) {
	if key != "" {
		l.broken[key] = true
	}
	l.problems = append(l.problems, Problem{Place: at.name, Key: key, Problem: problem, Fix: fix, order: at})
}

// placeOf is where a key was set last; of one that nobody has set, where the file has
// its section.
func (l *loader) placeOf(key string) place {
	if at, ok := l.places[key]; ok {
		return at
	}
	section, _ := splitKey(key)
	for _, name := range []string{key, section} {
		path := strings.Split(name, ".")
		if _, ok := l.file.lines[joinKey(path)]; ok && l.schema.section(name) != nil {
			return l.file.at(path)
		}
	}
	return defaultPlace
}

// set decodes a value into the field with this dotted key, which may not
// exist.
func (l *loader) set(at place, key string, v any) {
	name, last := splitKey(key)
	if k, ok := l.schema.absentFor(name); ok {
		l.leftOut(at, k, name, last, v)
		return
	}
	sec := l.schema.like(name)
	if sec == nil || !slices.Contains(sec.keys(), last) {
		l.unknownKey(at, key)
		return
	}
	sec = l.schema.open(name)
	f, _ := sec.field(last)
	key = sec.name + "." + last
	l.places[key] = at
	if err := assign(f.value, v); err != nil {
		l.report(at, key, err.Problem, err.Fix)
	}
}

// loadSet applies one section.key=value of the command line.
func (l *loader) loadSet(s string) {
	at := place{layer: layerSet, name: "--set"}
	key, v, ok := strings.Cut(s, "=")
	key = strings.TrimSpace(key)
	if name, last := splitKey(key); !ok || name == "" || last == "" {
		l.report(at, "", fmt.Sprintf("%q is not of the form section.key=value", orElse(key, s)), "write it as in --set memory.max=2gb")
		return
	}
	l.set(at, key, text(v))
}

// validate asks each section for what is wrong with its values.
func (l *loader) validate() {
	for _, sec := range l.schema.sections {
		if v, ok := sec.config.(interface{ Validate() error }); ok {
			l.check(sec.name, v.Validate())
		}
	}
}

// check reports the field errors in err at the places of their fields. A field
// that could not be decoded holds an older value: it is not judged again.
func (l *loader) check(section string, err error) {
	for _, e := range fieldErrors(err) {
		key := section
		if e.Key != "" {
			key += "." + e.Key
		}
		if l.broken[key] {
			continue
		}
		l.report(l.placeOf(key), key, e.Problem, e.Fix)
	}
}

// splitKey cuts a dotted key at its last dot.
func splitKey(key string) (section, last string) {
	i := strings.LastIndexByte(key, '.')
	if i < 0 {
		return "", key
	}
	return key[:i], key[i+1:]
}
