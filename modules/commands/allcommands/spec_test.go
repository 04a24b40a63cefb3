package allcommands_test

import (
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/modules/commands/allcommands"
)

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
