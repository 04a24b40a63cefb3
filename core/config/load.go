package config

import (
	"fmt"
	"path/filepath"
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
	modules map[string]any
}

// File is the path of the configuration file as an absolute path, empty if
// there is none.
func (c *Config) File() string { return c.file }

// Line is the line of the configuration file at which a section is first written;
// 0: the file does not have it.
func (c *Config) Line(section string) int { return c.lines[joinKey(strings.Split(section, "."))] }

// Module returns the config struct of the module with this ID: what its
// NewConfig returned, filled in. Nil if the module has no config.
func (c *Config) Module(id string) any { return c.modules[id] }

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
}

// Load reads all layers. Its error is of type Problems and holds all that is
// wrong, including what an upper layer overrides. It panics if a module's
// NewConfig returns something that can't be a config section.
func Load(src Source) (*Config, error) {
	c := defaults()
	l := &loader{
		schema: newSchema(c, src.Modules, src.Known),
		places: map[string]place{},
		broken: map[string]bool{},
	}
	env := newEnviron(src.Environ)
	if path := orElse(src.File, env.get("REDISTILL_CONFIG")); path != "" {
		c.lines = l.loadFile(path)
		c.file = path
		if absolute, err := filepath.Abs(path); err == nil {
			c.file = absolute
		}
	}
	l.loadEnviron(env)
	for _, s := range src.Set {
		l.loadSet(s)
	}
	l.validate()
	l.check("auth", CheckPassword("password", c.Auth.Password, c.Server.MaxBulkLength))
	l.check("memory", selectModule("eviction", c.Memory.Eviction, module.Eviction, NoEviction, src.Modules, src.Known))
	l.check("persistence", selectModule("backend", c.Persistence.Backend, module.Persistence, NoBackend, src.Modules, src.Known))
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
	schema   *schema
	places   map[string]place // where each key was set last
	broken   map[string]bool  // keys that have a problem already
	problems Problems
}

func (l *loader) report(at place, key, problem, fix string) {
	if key != "" {
		l.broken[key] = true
	}
	l.problems = append(l.problems, Problem{at.name, key, problem, fix, at})
}

// set decodes a value into the field with this dotted key, which may not
// exist.
func (l *loader) set(at place, key string, v any) {
	name, last := splitKey(key)
	sec := l.schema.section(name)
	if sec == nil {
		l.unknownKey(at, key)
		return
	}
	f, ok := sec.field(last)
	if !ok {
		l.unknownKey(at, key)
		return
	}
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
		at, ok := l.places[key]
		if !ok {
			at = defaultPlace
		}
		l.report(at, key, e.Problem, e.Fix)
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
