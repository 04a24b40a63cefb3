package commandtest

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
)

var (
	nameForm    = regexp.MustCompile(`^[a-z][a-z0-9._-]*$`)
	versionForm = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+$`)
)

// accessWords are those of key specifications.
var accessWords = []string{"RO", "RW", "OW", "RM", "access", "update", "insert", "delete", "not_key", "incomplete", "variable_flags"}

// checkRow checks what clients and the server rely on in a command's row.
func checkRow(t testing.TB, _ *Server, c *command.Command) {
	check := func(ok bool, rule string) {
		t.Helper()
		if !ok {
			t.Errorf("%s: %s", c.FullName, rule)
		}
	}
	check(nameForm.MatchString(c.Name), "the name is lower case")
	check(c.Handler != nil || len(c.Subs()) > 0, "has a handler or subcommands")
	check(c.Arity != 0, "has an arity")
	check(c.Summary != "" && !strings.HasSuffix(c.Summary, "."), "has a summary without a full stop")
	check(c.Complexity != "" && c.Since != "" && c.Group != "", "has complexity, version and group")
	check(versionForm.MatchString(c.Since), "Since is a version")
	check(!c.Flags.Has(command.Write|command.ReadOnly), "does not write and only read")
	check(!c.Flags.Has(command.DenyOOM) || c.Flags.Has(command.Write), "only writes are refused when memory is full")
	check(c.Grows == nil || c.Flags.Has(command.DenyOOM), "only of what is refused when memory is full is asked what it adds")
	check((c.FirstKey == 0) == (c.KeyAccess == "") && (c.FirstKey == 0) == (c.KeyStep == 0), "has key positions and key access, or neither")
	check((c.FirstKey != 0) == mentionsKey(c.Args), "has key positions exactly if its syntax has a key")
	check(c.FirstKey == 0 || !c.Keyless, "has keys or is without keys")
	check(!c.Keyless || c.Flags&(command.Write|command.ReadOnly) == 0, "reads or writes nothing if it is without keys")
	check((c.KeyCount > 0) == c.Flags.Has(command.MovableKeys), "has movable keys exactly if an argument counts them")
	for _, word := range strings.Fields(strings.ReplaceAll(c.KeyAccess, ";", " ")) {
		check(slices.Contains(accessWords, word), "key access is told in words of Redis, and "+word+" is none")
	}
	check(c.ACL().Has(command.CatFast) != c.ACL().Has(command.CatSlow), "is either fast or slow")
	least := strings.Count(c.FullName, "|") + 1 + required(c.Args)
	check(-c.Arity == least || c.Arity == least || len(c.Subcommands) > 0 || c.Arity < 0 && -c.Arity < least+2,
		"the arity fits the syntax")
	check(c.ArityOK(max(c.Arity, -c.Arity)), "accepts as many arguments as its arity")
	check(!c.ArityOK(max(c.Arity, -c.Arity)-1), "refuses fewer arguments than its arity")
	check(!c.Brief || c.LastKey == c.FirstKey && c.KeyCount == 0, "has one key or none if it is brief")
	check(c.Work.PerArgument >= 0, "takes work of 0 or more")
}

func mentionsKey(list []arg.Arg) bool {
	for _, a := range list {
		if a.Type == arg.TypeKey || mentionsKey(a.Args) {
			return true
		}
	}
	return false
}

// required counts the arguments that can't be left out.
func required(list []arg.Arg) int {
	n := 0
	for _, a := range list {
		switch {
		case a.Optional:
			continue
		case a.Type == arg.TypeBlock:
			n += required(a.Args)
		case a.Type == arg.TypeOneOf:
			n += required(a.Args[:1])
		default:
			n++
			if a.Token != "" && a.Type != arg.TypePureToken {
				n++
			}
		}
	}
	return n
}

// checkKeys checks that they are where the row says that they are, and that its functions
// take whatever the arity allows.
func checkKeys(t testing.TB, _ *Server, c *command.Command) {
	d := drawer{Rand: rand.New(rand.NewPCG(1, 2)), key: keyString}
	for range 4 * perKey {
		request, keys := d.draw(c)
		if !c.ArityOK(len(request)) || c.KeyCount > 0 || c.FirstKey == 0 {
			continue
		}
		var told []int
		first, last, step := c.KeyRange(Bytes(request...))
		for i := first; i <= last; i += step {
			told = append(told, i)
		}
		if !slices.Equal(told, keys) {
			t.Errorf("%.100q: the keys are arguments %v by the row, and %v by the syntax", request, told, keys)
		}
	}
	for _, request := range requests(c) {
		if b := Bytes(request...); c.ArityOK(len(b)) {
			c.KeyRange(b)
			c.Access(b)
			command.Redacted(c, b)
		}
	}
}
