package commandtest

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
)

// The keys that requests are about, named after what they hold.
const (
	keyString  = "string"
	keyNumber  = "number"
	keyHash    = "hash"
	keyLarge   = "large"   // a hash of many fields
	keyExpired = "expired" // a string whose time is over
	keyNone    = "none"    // nothing
)

var keyNames = []string{keyString, keyNumber, keyHash, keyLarge, keyExpired, keyNone}

// perKey is how many requests are drawn from the syntax for each kind of key.
const perKey = 5

// requests are those that a command is tried with: of any number of arguments, and of
// its syntax. They are always the same.
func requests(c *command.Command) (all [][]string) {
	if c.Handler == nil {
		return nil
	}
	name := strings.Split(c.FullName, "|")
	for n := range max(c.Arity, -c.Arity) + 4 {
		for _, word := range []string{keyString, keyHash, keyNone, "1", "", "x y"} {
			words := slices.Repeat([]string{word}, n)
			all = append(all, slices.Concat(name, words))
			if n > 1 && word == "1" {
				all = append(all, slices.Concat(name, []string{keyNumber}, words[1:]), slices.Concat(name, []string{keyHash}, words[1:]))
			}
		}
	}
	for i, key := range keyNames {
		d := drawer{Rand: rand.New(rand.NewPCG(uint64(i), uint64(len(c.FullName)))), key: key}
		for range perKey {
			request, _ := d.draw(c)
			all = append(all, request)
		}
	}
	some := all[:0]
	for i := 0; i < len(all); i += oneIn {
		some = append(some, all[i])
	}
	return some
}

// drawer draws requests whose keys are all the same one.
type drawer struct {
	*rand.Rand
	key     string
	request []string
	keys    []int // the positions of keys in the request
}

func (d *drawer) draw(c *command.Command) (request []string, keys []int) {
	d.request, d.keys = strings.Split(c.FullName, "|"), nil
	d.list(c.Args)
	return d.request, d.keys
}

func (d *drawer) list(args []arg.Arg) {
	for _, a := range args {
		if a.Optional && d.IntN(2) == 0 {
			continue
		}
		times := 1
		if a.Multiple {
			times += d.IntN(3)
		}
		for i := range times {
			if a.Token != "" && (i == 0 || a.EachToken) {
				d.request = append(d.request, a.Token)
			}
			d.one(a)
		}
	}
}

func (d *drawer) one(a arg.Arg) {
	word := ""
	switch a.Type {
	case arg.TypePureToken:
		return
	case arg.TypeOneOf:
		if len(a.Args) > 0 {
			choice := a.Args[d.IntN(len(a.Args))]
			choice.Optional = false
			d.list([]arg.Arg{choice})
		}
		return
	case arg.TypeBlock:
		d.list(a.Args)
		return
	case arg.TypeKey:
		d.keys = append(d.keys, len(d.request))
		word = d.key
	case arg.TypeInteger:
		word = d.pick("1", "1", "2", "0", "-1", "1000")
	case arg.TypeDouble:
		word = d.pick("1.5", "-1")
	case arg.TypeUnixTime:
		word = d.pick("1800000000", "1800000000000", "1")
	case arg.TypePattern:
		word = d.pick("*", "s*")
	default:
		word = d.pick(field, field, "1", "text")
	}
	d.request = append(d.request, word)
}

func (d *drawer) pick(words ...string) string { return words[d.IntN(len(words))] }
