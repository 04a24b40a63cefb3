package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/resp"
)

// parameter is one name of CONFIG GET and SET.
type parameter struct {
	name string
	doc  string // what it is, in Markdown, for the README
	get  func() string
	// set judges a value and returns what applies it. Nil: the parameter is
	// fixed, and what can be set is only the value that it has.
	set func(value string) (apply func(), err error)
}

// parameters is the configuration under Redis's names, as clients and tools
// ask for it. It may be used from any goroutine.
type parameters struct {
	mu   sync.Mutex // one CONFIG SET at a time
	list []parameter
}

var _ command.Config = (*parameters)(nil)

// names are the policies of this build.
func (p policies) names() []string {
	names := []string{config.NoEviction}
	for _, policy := range p.All {
		names = append(names, policy.Name())
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// integer judges a whole number from low to high.
func integer(low, high int, apply func(int)) func(string) (func(), error) {
	return func(value string) (func(), error) {
		number, ok := resp.ParseInt([]byte(value))
		if !ok {
			return nil, errors.New("argument couldn't be parsed into an integer")
		}
		n := int(number)
		if n < low || n > high {
			return nil, fmt.Errorf("argument must be between %d and %d inclusive", low, high)
		}
		return func() { apply(n) }, nil
	}
}

// bytesOf judges a number of bytes.
func bytesOf(apply func(int64)) func(string) (func(), error) {
	return func(value string) (func(), error) {
		n, ok := memoryValue(value)
		switch {
		case !ok:
			return nil, errNotMemory
		case n > math.MaxInt64:
			return nil, fmt.Errorf("argument must be between %d and %d inclusive", 0, math.MaxInt64)
		}
		return func() { apply(int64(n)) }, nil
	}
}

var errNotMemory = errors.New("argument must be a memory value")

// memoryUnits are those of redis.conf, and tb.
var memoryUnits = map[string]uint64{
	"": 1, "b": 1, "k": 1000, "kb": 1 << 10, "m": 1000_000, "mb": 1 << 20, "g": 1000_000_000, "gb": 1 << 30,
	"t": 1000_000_000_000, "tb": 1 << 40,
}

// memoryValue reads a number of bytes as Redis does: digits, which may be none,
// and a unit, up to a zero byte. What is too large is the largest number.
func memoryValue(value string) (n uint64, ok bool) {
	value, _, _ = strings.Cut(value, "\x00")
	digits := value[:len(value)-len(strings.TrimLeft(value, "0123456789"))]
	unit, ok := memoryUnits[strings.ToLower(value[len(digits):])]
	if !ok || digits == "" {
		return 0, ok
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || n > math.MaxUint64/unit {
		return math.MaxUint64, true
	}
	return n * unit, true
}

// Get implements command.Config.
func (ps *parameters) Get(match func(name string) bool, f func(name, value string)) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for _, p := range ps.list {
		if match(p.name) {
			f(p.name, p.get())
		}
	}
}

// Set implements command.Config.
func (ps *parameters) Set(pairs [][2]string) error {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	chosen := make([]parameter, len(pairs))
	for i, pair := range pairs {
		at := slices.IndexFunc(ps.list, func(p parameter) bool { return strings.EqualFold(p.name, pair[0]) })
		if at < 0 {
			return fmt.Errorf("ERR Unknown option or number of arguments for CONFIG SET - '%s'", pair[0])
		}
		chosen[i] = ps.list[at]
		if slices.ContainsFunc(chosen[:i], func(p parameter) bool { return p.name == chosen[i].name }) {
			return setError(pair[0], "duplicate parameter")
		}
	}
	var applies []func()
	for i, p := range chosen {
		value := pairs[i][1]
		if p.set == nil {
			if value != p.get() {
				return setError(pairs[i][0], "can't set immutable config")
			}
			continue
		}
		apply, err := p.set(value)
		if err != nil {
			return setError(pairs[i][0], err.Error())
		}
		applies = append(applies, apply)
	}
	for _, apply := range applies {
		apply()
	}
	return nil
}

// markdown is the list of the parameters for the README.
func (ps *parameters) markdown() string {
	var b strings.Builder
	b.WriteString("| parameter | CONFIG SET | what it is |\n|---|---|---|\n")
	for _, p := range ps.list {
		can := "yes"
		if p.set == nil {
			can = "fixed"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", p.name, can, p.doc)
	}
	return b.String()
}

func setError(name, why string) error {
	return fmt.Errorf("ERR CONFIG SET failed (possibly related to argument '%s') - %s", name, why)
}
