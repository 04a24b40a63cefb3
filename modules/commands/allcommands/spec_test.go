package allcommands_test

import (
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/modules/commands/allcommands"
)

// The table's rows keep the rules that clients rely on.
func TestSpecsAreConsistent(t *testing.T) {
	allcommands.Table().Each(func(c *command.Command) {
		check := func(ok bool, rule string) {
			t.Helper()
			if !ok {
				t.Errorf("%s: %s", c.FullName, rule)
			}
		}
		check(c.Name == strings.ToLower(c.Name) && c.Name != "", "the name is lower case")
		check(c.Arity != 0, "has an arity")
		check(c.Summary != "" && !strings.HasSuffix(c.Summary, "."), "has a summary without a full stop")
		check(c.Complexity != "" && c.Since != "" && c.Group != "", "has complexity, version and group")
		check(!c.Flags.Has(command.Write|command.ReadOnly), "does not write and only read")
		check(!c.Flags.Has(command.DenyOOM) || c.Flags.Has(command.Write), "only writes are refused when memory is full")
		check((c.FirstKey == 0) == (c.KeyAccess == "") && (c.FirstKey == 0) == (c.KeyStep == 0), "has key positions and key access, or neither")
		check((c.FirstKey != 0) == mentionsKey(c.Args), "has key positions exactly if its syntax has a key")
		check(c.ACL().Has(command.CatFast) != c.ACL().Has(command.CatSlow), "is either fast or slow")
		least := strings.Count(c.FullName, "|") + 1 + required(c.Args)
		check(-c.Arity == least || c.Arity == least || len(c.Subcommands) > 0 || c.Arity < 0 && -c.Arity < least+2,
			"the arity fits the syntax")
		check(c.ArityOK(max(c.Arity, -c.Arity)), "accepts as many arguments as its arity")
		check(!c.ArityOK(max(c.Arity, -c.Arity)-1), "refuses fewer arguments than its arity")
	})
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

func TestUsage(t *testing.T) {
	table := allcommands.Table()
	for name, want := range map[string]string{
		"time":           "TIME",
		"get":            "GET key",
		"mset":           "MSET key value [key value ...]",
		"set":            "SET key value [NX | XX | IFEQ ifeq-value | IFNE ifne-value | IFDEQ ifdeq-digest | IFDNE ifdne-digest] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]",
		"hello":          "HELLO [protover [AUTH username password] [SETNAME clientname]]",
		"info":           "INFO [section [section ...]]",
		"scan":           "SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]",
		"client|setinfo": "CLIENT SETINFO <LIB-NAME libname | LIB-VER libver>",
		"client|list":    "CLIENT LIST [TYPE <NORMAL | MASTER | REPLICA | PUBSUB>] [ID client-id [client-id ...]]",
		"command|list":   "COMMAND LIST [FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]",
	} {
		if got := command.Usage(table.LookupFull([]byte(name))); got != want {
			t.Errorf("Usage(%s)\n got %s\nwant %s", name, got, want)
		}
	}
}

func TestFlagAndCategoryNames(t *testing.T) {
	get := allcommands.Table().Lookup([]byte("get"))
	if got := strings.Join(get.Flags.Names(), " "); got != "readonly fast" {
		t.Errorf("flags of GET: %s", got)
	}
	if got := strings.Join(get.ACL().Names(), " "); got != "@read @string @fast" {
		t.Errorf("categories of GET: %s", got)
	}
	if c, ok := command.CategoryNamed([]byte("DANGEROUS")); !ok || c != command.CatDangerous {
		t.Errorf("CategoryNamed(DANGEROUS) = %v, %v", c, ok)
	}
	if _, ok := command.CategoryNamed([]byte("@read")); ok {
		t.Error("CategoryNamed takes a name with @")
	}
}
