package integration

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// commandGenerator makes random commands whose replies Redis's semantics
// determine. It therefore leaves out what depends on time, on identity or on
// chance: TIME, CLIENT ID, INFO and LIST, RANDOMKEY, the values of INFO and
// CONFIG GET, and the success of HELLO.
type commandGenerator struct {
	r      *rand.Rand
	alone  []string // commands that stay outside transactions
	nested bool     // MULTI and WATCH may come inside MULTI
	newer  []string // commands of newerShapes
}

// newGenerator is for comparing with a server of this version, which has these
// commands of newerShapes.
func newGenerator(version string, newer []string) *commandGenerator {
	return &commandGenerator{
		newer: newer,
		r:     rand.New(rand.NewPCG(*seedFlag, 2)),
		alone: compareAlone(version),
		// Valkey refuses them with another error, and all of the transaction.
		nested: !strings.HasPrefix(version, "valkey"),
	}
}

// shapes make the arguments of well-formed calls, or nearly so.
var shapes = map[string]func(g *commandGenerator) []string{
	"GET": (*commandGenerator).oneKey, "STRLEN": (*commandGenerator).oneKey, "GETDEL": (*commandGenerator).oneKey,
	"INCR": (*commandGenerator).oneKey, "DECR": (*commandGenerator).oneKey, "TYPE": (*commandGenerator).oneKey,
	"TTL": (*commandGenerator).oneKey, "PTTL": (*commandGenerator).oneKey, "PERSIST": (*commandGenerator).oneKey,
	"EXPIRETIME": (*commandGenerator).oneKey, "PEXPIRETIME": (*commandGenerator).oneKey,
	"DEL": (*commandGenerator).someKeys, "UNLINK": (*commandGenerator).someKeys, "EXISTS": (*commandGenerator).someKeys,
	"TOUCH": (*commandGenerator).someKeys, "MGET": (*commandGenerator).someKeys,
	"SET":         (*commandGenerator).set,
	"GETEX":       func(g *commandGenerator) []string { return append([]string{g.key()}, g.expiryOptions(true)...) },
	"GETSET":      func(g *commandGenerator) []string { return []string{g.key(), g.value()} },
	"SETNX":       func(g *commandGenerator) []string { return []string{g.key(), g.value()} },
	"APPEND":      func(g *commandGenerator) []string { return []string{g.key(), g.value()} },
	"SETEX":       func(g *commandGenerator) []string { return []string{g.relativeKey(), g.relative(1000), g.value()} },
	"PSETEX":      func(g *commandGenerator) []string { return []string{g.relativeKey(), g.relative(1_000_000), g.value()} },
	"MSET":        (*commandGenerator).pairs,
	"MSETNX":      (*commandGenerator).pairs,
	"GETRANGE":    func(g *commandGenerator) []string { return []string{g.key(), g.integer(), g.integer()} },
	"SETRANGE":    func(g *commandGenerator) []string { return []string{g.key(), g.offset(), g.value()} },
	"INCRBY":      func(g *commandGenerator) []string { return []string{g.key(), g.integer()} },
	"DECRBY":      func(g *commandGenerator) []string { return []string{g.key(), g.integer()} },
	"INCRBYFLOAT": func(g *commandGenerator) []string { return []string{g.key(), g.pick(edgeFloats, edgeIntegers)} },
	"KEYS":        func(g *commandGenerator) []string { return []string{g.pick(patterns)} },
	"EXPIRE":      func(g *commandGenerator) []string { return g.expire(g.relativeKey(), g.relative(1000)) },
	"PEXPIRE":     func(g *commandGenerator) []string { return g.expire(g.relativeKey(), g.relative(1_000_000)) },
	"EXPIREAT":    func(g *commandGenerator) []string { return g.expire(g.key(), g.absolute(4_000_000_000)) },
	"PEXPIREAT":   func(g *commandGenerator) []string { return g.expire(g.key(), g.absolute(4_000_000_000_000)) },
	"PING":        func(g *commandGenerator) []string { return g.some(g.value, 0, 1, 2) },
	"ECHO":        func(g *commandGenerator) []string { return g.some(g.value, 1) },
	"SELECT":      func(g *commandGenerator) []string { return []string{g.integer()} },
	"FLUSHDB": func(g *commandGenerator) []string {
		return g.one([]string{}, []string{"ASYNC"}, []string{"sync"}, []string{"x"}, []string{"SYNC", "SYNC"})
	},
	"FLUSHALL": func(g *commandGenerator) []string {
		return g.one([]string{}, []string{"async"}, []string{"SYNC"}, []string{"x"})
	},
	"SCAN": (*commandGenerator).wrongScan,
	"CLIENT": func(g *commandGenerator) []string {
		return g.one([]string{"GETNAME"}, []string{"GETNAME", "x"}, []string{"setname", "me"}, []string{"SETNAME", ""}, []string{"SETNAME", "a b"},
			[]string{"SETNAME", "a\nb"}, []string{"SETNAME"}, []string{"SETNAME", "a", "b"}, []string{"ID", "x"}, []string{"NOPE"}, []string{},
			[]string{"TRACKINGINFO"}, []string{"GETREDIR"}, []string{"TRACKING", "OFF", "BCAST", "PREFIX", "a"}, []string{"TRACKING", "ON", "OPTIN", "OPTOUT"},
			[]string{"TRACKING", "ON", "BCAST", "PREFIX", "a", "PREFIX", "ab"}, []string{"CACHING", "YES"}, []string{"NO-EVICT", "on"}, []string{"NO-EVICT", "OFF"},
			[]string{"UNBLOCK", "1000", "ERROR"}, []string{"UNBLOCK", "1000", "x"}, []string{"KILL", "ID", "1000"}, []string{"KILL", "TYPE", "pubsub"},
			[]string{"KILL", "USER", "x"}, []string{"KILL", "x"}, []string{"LIST", "TYPE", "pubsub"}, []string{"UNPAUSE"},
			[]string{"PAUSE", "x"}, []string{"PAUSE", "-1"}, []string{"PAUSE", "1", "x"}, []string{"REPLY", "x"}, []string{"REPLY", "ON"})
	},
	"CONFIG": func(g *commandGenerator) []string {
		return g.one([]string{"GET", "no-such-parameter"}, []string{"get", "nosuch*"}, []string{"GET"}, []string{"SET", "no-such-parameter", "1"},
			[]string{"SET", "a"}, []string{"SET"}, []string{"RESETSTAT"}, []string{"RESETSTAT", "x"}, []string{"NOPE"}, []string{})
	},
	"COMMAND": func(g *commandGenerator) []string {
		return g.one([]string{"INFO", "no-such-command"}, []string{"DOCS", "no-such-command"}, []string{"COUNT", "x"}, []string{"NOPE"},
			[]string{"LIST", "FILTERBY"}, []string{"LIST", "FILTERBY", "MODULE", "none"}, []string{"LIST", "x"},
			append([]string{"GETKEYS", "MSET"}, g.pairs()...), append([]string{"getkeys", "del"}, g.someKeys()...), []string{"GETKEYS", "GET", "a", "b"},
			append([]string{"GETKEYSANDFLAGS", "SET"}, g.set()...), append([]string{"GETKEYSANDFLAGS", "mget"}, g.someKeys()...),
			[]string{"GETKEYS", "OBJECT", "ENCODING", "a"}, []string{"GETKEYS", "PING", "x"}, []string{"GETKEYS", "NOPE", "x"}, []string{"GETKEYS"})
	},
	"HELLO": func(g *commandGenerator) []string {
		return g.one([]string{"1"}, []string{"4"}, []string{"abc"}, []string{""}, []string{"3", "NOPE"}, []string{"3", "AUTH", "x"}, []string{"2", "SETNAME"}, []string{"2", "SETNAME", "a b"})
	},
	"AUTH": func(g *commandGenerator) []string {
		return g.one([]string{"x"}, []string{""}, []string{"nobody", "x"}, []string{"default", "x"}, []string{"a", "b", "c"})
	},
	"OBJECT": func(g *commandGenerator) []string {
		return g.one([]string{"ENCODING", g.key()}, []string{"encoding", g.key()}, []string{"FREQ", g.key()}, []string{"IDLETIME", "no-such-key"},
			[]string{"REFCOUNT", "no-such-key"}, []string{"ENCODING"}, []string{"NOPE", g.key()}, []string{"FREQ", g.key(), "x"}, []string{})
	},
	"MEMORY": func(g *commandGenerator) []string {
		return g.one([]string{"USAGE", "no-such-key"}, []string{"usage", "no-such-key", "SAMPLES", g.integer()}, []string{"USAGE", g.key(), "samples"},
			[]string{"USAGE", g.key(), "NOPE", "1"}, []string{"USAGE"}, []string{"PURGE"}, []string{"NOPE"}, []string{"STATS", "x"}, []string{})
	},
	"SLOWLOG": func(g *commandGenerator) []string {
		return g.one([]string{"RESET"}, []string{"GET", "-2"}, []string{"GET", "x"}, []string{"GET", "1", "2"}, []string{"LEN", "x"}, []string{"NOPE"}, []string{})
	},
	"LATENCY": func(g *commandGenerator) []string {
		return g.one([]string{"LATEST"}, []string{"HISTORY", "command"}, []string{"HISTORY"}, []string{"RESET"}, []string{"reset", "a", "b"},
			[]string{"GRAPH", "x\x00y"}, []string{"GRAPH"}, []string{"HISTOGRAM", "no-such-command"}, []string{"NOPE"}, []string{})
	},
	"DEBUG": func(g *commandGenerator) []string {
		return g.one([]string{"SLEEP", "0"}, []string{"OBJECT", g.key()}, []string{"NOPE"}, []string{})
	},
	"INFO":        func(g *commandGenerator) []string { return g.one([]string{"no-such-section"}) },
	"TIME":        func(*commandGenerator) []string { return []string{"x"} },
	"RANDOMKEY":   func(*commandGenerator) []string { return []string{"x"} },
	"DBSIZE":      func(g *commandGenerator) []string { return g.one([]string{}, []string{"x"}) },
	"RESET":       func(g *commandGenerator) []string { return g.one([]string{"x"}, []string{"x"}, []string{}) },
	"QUITTER":     (*commandGenerator).someKeys,
	"no\r\nsuch ": (*commandGenerator).pairs,
}

// introspective commands stay as their shapes make them: a mutant could be a
// call whose reply is the server's own.
var introspective = []string{"CLIENT", "COMMAND", "CONFIG", "DEBUG", "HELLO", "INFO", "LATENCY", "MEMORY", "OBJECT", "RANDOMKEY", "SCAN", "SLOWLOG", "TIME", "HRANDFIELD", "HSCAN",
	"CLUSTER", "FUNCTION", "MODULE", "SHUTDOWN", "WAIT"}

var shapeNames = func() []string {
	maps.Copy(shapes, transactionShapes)
	maps.Copy(shapes, stringShapes)
	maps.Copy(shapes, hashShapes)
	var names []string
	for name := range shapes {
		names = append(names, name)
	}
	slices.Sort(names)
	maps.Copy(shapes, newerShapes)
	return names
}()

// command returns the next command, or a few that belong together.
func (g *commandGenerator) command() [][]string {
	name := shapeNames[g.r.IntN(len(shapeNames))]
	if g.r.IntN(3) == 0 {
		name = g.pick([]string{"SET", "GET", "INCR", "APPEND", "DEL", "GETEX", "PEXPIREAT", "PEXPIRETIME", "HSET", "HGET", "HDEL"})
	}
	if len(g.newer) > 0 && g.r.IntN(5) == 0 {
		name = g.pick(g.newer)
	}
	// Flushing often would leave little to look at.
	if strings.HasPrefix(name, "FLUSH") && g.r.IntN(10) != 0 {
		name = "EXISTS"
	}
	args := append([]string{name}, shapes[name](g)...)
	if g.r.IntN(8) == 0 && !slices.Contains(introspective, name) {
		args = g.mutate(args)
	}
	args[0] = g.anyCase(args[0])
	if name == "DBSIZE" {
		// Redis counts an expired key until a command meets it.
		return [][]string{append(append([]string{"EXISTS"}, otherKeys...), relativeKeys...), args}
	}
	return [][]string{args}
}

// mutate drops, repeats, appends or replaces an argument. The key stays, and so
// do relative times, so that a mutant expires no key a little later.
func (g *commandGenerator) mutate(args []string) []string {
	if args = slices.Clone(args); slices.Contains(args, "ABSTTL") {
		return args // without it the time would be a relative one
	}
	switch last := len(args) - 1; g.r.IntN(4) {
	case 0:
		if last > 0 {
			args = args[:last]
		}
	case 1:
		args = append(args, g.pick([]string{"x", "NX", "GET", "KEEPTTL", "EX", ""}))
	case 2:
		return args[:1]
	default:
		if last >= 2 && !isRelative(args) {
			args[2+g.r.IntN(last-1)] = g.pick(edgeIntegers, values)
		}
	}
	return args
}

func isRelative(args []string) bool {
	// MSETEX may have its keys where others have values: one of another name that
	// has expired counts in DBSIZE until somebody meets it.
	if slices.Contains([]string{"EXPIRE", "PEXPIRE", "SETEX", "PSETEX", "HEXPIRE", "HPEXPIRE", "MSETEX"}, args[0]) {
		return true
	}
	return slices.ContainsFunc(args, func(a string) bool { return strings.EqualFold(a, "EX") || strings.EqualFold(a, "PX") })
}

func (g *commandGenerator) pick(from ...[]string) string {
	list := from[g.r.IntN(len(from))]
	return list[g.r.IntN(len(list))]
}

func (g *commandGenerator) one(from ...[]string) []string {
	return slices.Clone(from[g.r.IntN(len(from))])
}

func (g *commandGenerator) some(of func() string, counts ...int) []string {
	list := []string{}
	for range counts[g.r.IntN(len(counts))] {
		list = append(list, of())
	}
	return list
}

func (g *commandGenerator) anyCase(s string) string {
	switch g.r.IntN(3) {
	case 0:
		return strings.ToLower(s)
	case 1:
		return strings.Map(func(c rune) rune {
			if g.r.IntN(2) == 0 && c < 128 {
				return []rune(strings.ToLower(string(c)))[0]
			}
			return c
		}, s)
	}
	return s
}

func (g *commandGenerator) relativeKey() string { return g.pick(relativeKeys) }

func (g *commandGenerator) key() string {
	if g.r.IntN(8) == 0 {
		return g.relativeKey()
	}
	return g.pick(otherKeys)
}

func (g *commandGenerator) oneKey() []string   { return []string{g.key()} }
func (g *commandGenerator) someKeys() []string { return g.some(g.key, 1, 2, 3, 6) }

func (g *commandGenerator) value() string { return g.pick(values, values, edgeIntegers, edgeFloats) }

func (g *commandGenerator) integer() string { return g.pick(edgeIntegers) }

// offset is an integer that does not make SETRANGE write half a gibibyte.
func (g *commandGenerator) offset() string {
	for {
		if s := g.integer(); s != "536870911" {
			return s
		}
	}
}

func (g *commandGenerator) pairs() []string {
	var args []string
	for range 1 + g.r.IntN(4) {
		args = append(args, g.key(), g.value())
	}
	return args
}

// relative is a time far enough from now, in units of which so many are at
// least a quarter of an hour.
func (g *commandGenerator) relative(least int) string {
	if g.r.IntN(3) == 0 {
		return g.pick(pastOrWrong)
	}
	return strconv.Itoa(least * (1 + g.r.IntN(1_000_000)))
}

// absolute is a time after the year 2090, or a wrong one, or one in the past.
func (g *commandGenerator) absolute(base int64) string {
	if g.r.IntN(4) == 0 {
		return g.pick(edgeIntegers)
	}
	return fmt.Sprint(base + g.r.Int64N(base/100))
}

func (g *commandGenerator) expire(key, when string) []string {
	args := []string{key, when}
	for range g.r.IntN(3) {
		args = append(args, g.anyCase(g.pick([]string{"NX", "XX", "GT", "LT"})))
	}
	return args
}

func (g *commandGenerator) set() []string {
	args := []string{g.key(), g.value()}
	options := [][]string{g.expiryOptions(false)}
	for _, o := range []string{"NX", "XX", "GET", "KEEPTTL"} {
		if g.r.IntN(6) == 0 {
			options = append(options, []string{g.anyCase(o)})
		}
	}
	g.r.Shuffle(len(options), func(i, j int) { options[i], options[j] = options[j], options[i] })
	for _, o := range options {
		args = append(args, o...)
	}
	if isRelative(args) {
		args[0] = g.relativeKey()
	}
	return args
}

// expiryOptions are the options of SET and GETEX that set an expiry. GETEX
// takes PERSIST, and here only absolute times, as its key is already chosen.
func (g *commandGenerator) expiryOptions(getex bool) []string {
	switch n := g.r.IntN(10); {
	case n < 2:
		return []string{g.anyCase("EXAT"), g.absolute(4_000_000_000)}
	case n < 4:
		return []string{g.anyCase("PXAT"), g.absolute(4_000_000_000_000)}
	case n == 4 && getex:
		return []string{g.anyCase("PERSIST")}
	case n == 5 && getex:
		return []string{"PERSIST", "PXAT", g.absolute(4_000_000_000_000)}
	case n == 4:
		return []string{g.anyCase("EX"), g.relative(1000)}
	case n == 5:
		return []string{g.anyCase("PX"), g.relative(1_000_000)}
	}
	return nil
}

// scanOptions are for a whole iteration.
func (g *commandGenerator) scanOptions() []string {
	options := [][]string{{}, {}, {}}
	if g.r.IntN(2) == 0 {
		options[0] = []string{g.anyCase("MATCH"), g.pick(patterns)}
	}
	if g.r.IntN(2) == 0 {
		options[1] = []string{g.anyCase("COUNT"), strconv.Itoa(1 + g.r.IntN(100))}
	}
	if g.r.IntN(2) == 0 {
		options[2] = []string{g.anyCase("TYPE"), g.pick([]string{"string", "STRING", "hash", "nope"})}
	}
	g.r.Shuffle(3, func(i, j int) { options[i], options[j] = options[j], options[i] })
	return slices.Concat(options...)
}

// wrongScan is a SCAN whose reply is an error, since that of a right one is
// each server's own.
func (g *commandGenerator) wrongScan() []string {
	return g.one([]string{"abc"}, []string{"18446744073709551616"}, []string{"1.5"}, []string{"0", "COUNT", "0"},
		[]string{"0", "COUNT", "-1"}, []string{"0", "COUNT", "x"}, []string{"0", "MATCH"}, []string{"0", "NOPE", "x"}, []string{"0", "TYPE"}, []string{})
}
