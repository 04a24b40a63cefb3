package allcommands_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/modules/commands/allcommands"
)

func TestLookup(t *testing.T) {
	table := allcommands.Table()
	for _, c := range table.Commands() {
		for _, name := range []string{c.Name, strings.ToUpper(c.Name), strings.ToUpper(c.Name[:1]) + c.Name[1:]} {
			if got := table.Lookup([]byte(name)); got == nil || got.Name != c.Name {
				t.Errorf("Lookup(%q) = %v, want %s", name, got, c.Name)
			}
		}
		// Each of these has a name's length, its ends, or differs from it only
		// in the bit that tells lower from upper case.
		for _, name := range []string{"", c.Name[1:], c.Name + "x", c.Name + "\x00", flipCaseBit(c.Name, '\x20'), flipCaseBit(c.Name, '\x60')} {
			if got := table.Lookup([]byte(name)); got != nil && got.Name != strings.ToLower(name) {
				t.Errorf("Lookup(%q) = %s, want nothing", name, got.Name)
			}
		}
		for _, s := range c.Subs() {
			if got := c.Sub([]byte(strings.ToUpper(s.Name))); got == nil || got.FullName != c.Name+"|"+s.Name {
				t.Errorf("%s.Sub(%q) = %v", c.Name, s.Name, got)
			}
			if got := table.LookupFull([]byte(s.FullName)); got == nil || got.Index != s.Index {
				t.Errorf("LookupFull(%q) = %v", s.FullName, got)
			}
		}
	}
	for _, name := range []string{"nosuch", "get|id", "client|nosuch", "client|", "|", "|id"} {
		if got := table.LookupFull([]byte(name)); got != nil {
			t.Errorf("LookupFull(%q) = %s, want nothing", name, got.FullName)
		}
	}
}

// flipCaseBit changes the last letter into a byte that is no letter but
// differs from one in the given bits only.
func flipCaseBit(name string, flip byte) string {
	b := []byte(name)
	b[len(b)-1] ^= flip
	if c := b[len(b)-1]; 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' {
		b[len(b)-1] = c ^ 0x40
	}
	return string(b)
}

func TestLookupOfNamesThatDifferInTheMiddle(t *testing.T) {
	table := command.MustTable(command.Family{Specs: []command.Spec{{Name: "abcdefghxijklmnop1"}, {Name: "abcdefghyijklmnop1"}, {Name: "a_b"}}})
	if got := table.Lookup([]byte("ABCDEFGHYIJKLMNOP1")); got == nil || got.Name != "abcdefghyijklmnop1" {
		t.Errorf("found %v", got)
	}
	if got := table.Lookup([]byte("abcdefghzijklmnop1")); got != nil {
		t.Errorf("found %s, want nothing", got.Name)
	}
	if got := table.Lookup([]byte("a\x7fb")); got != nil {
		t.Errorf("found %s, want nothing", got.Name)
	}
}

func TestIndices(t *testing.T) {
	table := allcommands.Table()
	for i := range table.Len() {
		if c := table.At(i); c.Index != i {
			t.Errorf("At(%d) is %s with index %d", i, c.FullName, c.Index)
		}
	}
	if !slices.IsSortedFunc(table.Commands(), func(a, b command.Command) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("Commands() is not sorted by name")
	}
}

func TestLookupDoesNotAllocate(t *testing.T) {
	table := allcommands.Table()
	name := []byte("INCRBYFLOAT")
	if n := testing.AllocsPerRun(100, func() {
		if table.Lookup(name) == nil {
			t.Fatal("not found")
		}
	}); n != 0 {
		t.Errorf("%v allocations per lookup", n)
	}
}

func BenchmarkLookup(b *testing.B) {
	table := allcommands.Table()
	for _, name := range []string{"GET", "set", "EXPIRE", "INCRBYFLOAT", "NOSUCH"} {
		b.Run(name, func(b *testing.B) {
			n := []byte(name)
			b.ReportAllocs()
			for b.Loop() {
				table.Lookup(n)
			}
		})
	}
}
