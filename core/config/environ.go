package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// environ is the process environment.
type environ map[string]string

func newEnviron(list []string) environ {
	e := environ{}
	for _, s := range list {
		if name, v, ok := strings.Cut(s, "="); ok {
			e[name] = v
		}
	}
	return e
}

func (e environ) get(name string) string { return e[name] }

// prefix is what the environment variables of this server's own keys begin
// with: memory.max is REDISTILL_MEMORY_MAX.
const prefix = "REDISTILL_"

// EnvName is the environment variable of a dotted key.
func EnvName(key string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// numberedVariable is the key of an environment variable for one of several sections,
// as REDISTILL_TRANSPORTS_TCP_2_LISTEN is for transports.tcp.2.listen.
func (s *schema) numberedVariable(name string) (key string, ok bool) {
	for base, all := range s.several {
		rest, ok := strings.CutPrefix(name, EnvName(base)+"_")
		if !ok {
			continue
		}
		n, last, _ := strings.Cut(rest, "_")
		if _, ok := number(n); !ok {
			continue
		}
		for _, key := range all.list[0].keys() {
			if EnvName(base+"."+key) == EnvName(base)+"_"+last {
				return base + "." + n + "." + key, true
			}
		}
	}
	return "", false
}

// serviceLink matches what Kubernetes and Docker put into the environment of a
// container that runs beside a service called redistill-something.
var serviceLink = regexp.MustCompile(`_SERVICE_(HOST|PORT)|_PORT_\d+_(TCP|UDP)`)

// loadEnviron applies the environment: first the names of Redistill, then ours.
func (l *loader) loadEnviron(env environ) {
	l.loadAliases(env)
	keys := map[string]string{}
	var names []string
	for _, key := range l.schema.keys() {
		keys[EnvName(key)] = key
		names = append(names, EnvName(key))
	}
	set := make([]string, 0, len(env))
	for name := range env {
		if strings.HasPrefix(name, prefix) && name != "REDISTILL_CONFIG" {
			set = append(set, name)
		}
	}
	slices.Sort(set)
	for _, name := range set {
		at := place{layer: layerEnv, name: "env " + name}
		key, ok := keys[name]
		if !ok {
			key, ok = l.schema.numberedVariable(name)
		}
		switch {
		case ok:
			l.set(at, key, text(env[name]))
		case serviceLink.MatchString(name) || strings.HasPrefix(env[name], "tcp://"):
		default:
			l.unknownVariable(at, name, env[name], names)
		}
	}
}

func (l *loader) unknownVariable(at place, name, value string, names []string) {
	for section, k := range l.schema.absent {
		if rest, ok := strings.CutPrefix(name, EnvName(section)+"_"); ok {
			if n, key, cut := strings.Cut(rest, "_"); cut {
				if _, numbered := number(n); numbered {
					section, rest = section+"."+n, key
				}
			}
			l.leftOut(at, k, section, strings.ToLower(rest), text(value))
			return
		}
	}
	fix := "unset it; names are REDISTILL_SECTION_KEY, as in " + EnvName("memory.max")
	if near, ok := Nearest(name, names); ok {
		fix = fmt.Sprintf("did you mean %s?", near)
	}
	l.report(at, "", "no key has this name", fix)
}
