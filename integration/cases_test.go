package integration

import (
	"slices"
	"strings"

	"github.com/redistill-go/redistill/core/command/arg"
)

// What follows makes requests out of the syntax that every command declares, so
// that a new command or option is tested as soon as it is there: well-formed
// ones, and those in which one thing is wrong, or two are.

// word is one argument of a request, with the element of the syntax that it
// stands for; a keyword that only leads to another argument has none.
type word struct {
	text string
	arg  *arg.Arg
}

// syntaxForms are requests that follow the syntax: first the shortest, then one
// for every option and alternative, with nothing else that can be left out.
func syntaxForms(list []arg.Arg) [][]word {
	shortest := make([][]word, len(list))
	for i := range list {
		if !list[i].Optional {
			shortest[i] = alternatives(&list[i])[0]
		}
	}
	forms := [][]word{slices.Concat(shortest...)}
	for i := range list {
		others := alternatives(&list[i])
		if !list[i].Optional {
			others = others[1:]
		}
		for _, form := range others {
			forms = append(forms, slices.Concat(slices.Concat(shortest[:i]...), form, slices.Concat(shortest[i+1:]...)))
		}
	}
	return forms
}

// alternatives are the forms of an element that is not left out.
func alternatives(a *arg.Arg) (forms [][]word) {
	switch a.Type {
	case arg.TypePureToken:
		return [][]word{{{a.Token, a}}}
	case arg.TypeOneOf:
		for i := range a.Args {
			forms = append(forms, alternatives(&a.Args[i])...)
		}
	case arg.TypeBlock:
		forms = syntaxForms(a.Args)
	default:
		forms = [][]word{{{usualValue(a), a}}}
	}
	if a.Token != "" {
		for i := range forms {
			forms[i] = append([]word{{text: a.Token}}, forms[i]...)
		}
	}
	return forms
}

// twoOptions are requests with two things that can be left out, in both orders:
// they may exclude each other, or one may win.
func twoOptions(list []arg.Arg) (requests [][]word) {
	var options [][]word
	var before, after []word
	for i := range list {
		switch {
		case list[i].Optional:
			options = append(options, alternatives(&list[i])...)
		case len(options) == 0:
			before = append(before, alternatives(&list[i])[0]...)
		default:
			after = append(after, alternatives(&list[i])[0]...)
		}
	}
	for _, x := range options {
		for _, y := range options {
			requests = append(requests, slices.Concat(before, x, y, after))
		}
	}
	return requests
}

// usualValue is an argument that most commands accept.
func usualValue(a *arg.Arg) string {
	if v, ok := usualValues[a.Name]; ok {
		return v
	}
	switch a.Type {
	case arg.TypeKey:
		return keyWord
	case arg.TypePattern:
		return "*"
	case arg.TypeDouble:
		return "1.5"
	case arg.TypeInteger, arg.TypeUnixTime:
		return "1"
	}
	return "v"
}

// keyWord stands for a key until the request is put together.
const keyWord = "key"

var usualValues = map[string]string{
	"seconds": "1000", "milliseconds": "1000000", "unix-time-seconds": "4000000000", "unix-time-milliseconds": "4000000000000",
	"cursor": "0", "index": "0", "start": "0", "end": "-1", "ttl": "0", "destination-db": "0", "numreplicas": "0", "protover": "2",
	"client-id": "1000000", "maxage": "1000", "field": "f", "value": "5", "encoding": "u8", "type": "string",
	"ifeq-value": "10", "ifne-value": "10", "ifdeq-digest": "0123456789abcdef", "ifdne-digest": "0123456789abcdef",
	// Of Redis 7.0, for a string "abc".
	"serialized-value": "\x00\x03abc\x0a\x00\xd9\xac0=Ar\xa2\xe2",
	// A name of a command with the arguments that it takes.
	"command": "GET",
}

// Edges of what C and Go take for integers and floats.
var (
	integerEdges = []string{"0", "-1", "2", "9223372036854775807", "9223372036854775806", "-9223372036854775808",
		"9007199254740991", "9007199254740993", "9223372036854775808", "-9223372036854775809", "18446744073709551615",
		"18446744073709551616", "2147483648", "-2147483649", "4294967296", "+1", " 1", "1 ", "01", "-0", "1.0", "1e3", "0x1", "", "x", "1\x00"}
	floatEdges = append(slices.Clone(integerEdges), "inf", "-inf", "nan", "1e400", "1e4932", "-1.5", ".5", "5.", "0x1p3")
	otherEdges = []string{"", "x"}
)

// wrongRequests are the requests for one command, as described above.
func wrongRequests(name string, list []arg.Arg) [][]string {
	var all [][]string
	add := func(words []word, with map[int]string) {
		request := assemble(name, words, with)
		if !slices.ContainsFunc(all, func(r []string) bool { return slices.Equal(r, request) }) {
			all = append(all, request)
		}
	}
	seen := map[*arg.Arg]bool{}
	for _, words := range syntaxForms(list) {
		add(words, nil)
		add(append(slices.Clone(words), word{text: "x"}), nil)
		for n := range words {
			add(words[:n], nil)
		}
		wrong := map[int]string{}
		for i, w := range words {
			if w.arg == nil || w.arg.Type == arg.TypeKey {
				continue
			}
			wrong[i] = "x"
			if seen[w.arg] {
				continue
			}
			seen[w.arg] = true
			for _, edge := range edgesOf(w.arg) {
				add(words, map[int]string{i: edge})
			}
		}
		add(words, wrong)
		for i := range wrong {
			// All wrong but one, of which the last errors may be told.
			rest := map[int]string{}
			for j := range wrong {
				if j != i {
					rest[j] = "x"
				}
			}
			add(words, rest)
		}
	}
	for _, words := range twoOptions(list) {
		add(words, nil)
	}
	slices.SortStableFunc(all, func(a, b []string) int { return slices.Compare(a, b) })
	return all
}

func edgesOf(a *arg.Arg) []string {
	switch a.Type {
	case arg.TypeInteger, arg.TypeUnixTime:
		return integerEdges
	case arg.TypeDouble:
		return floatEdges
	}
	return otherEdges
}

// assemble makes a request of words, some of them replaced.
func assemble(name string, words []word, with map[int]string) []string {
	request := strings.Split(strings.ToUpper(name), "|")
	keys := 0
	for i, w := range words {
		text, replaced := with[i]
		switch {
		case replaced:
		case w.text == keyWord && w.arg != nil && w.arg.Type == arg.TypeKey:
			text = testKeys[min(keys, len(testKeys)-1)]
			keys++
		default:
			text = w.text
		}
		request = append(request, text)
	}
	return request
}
