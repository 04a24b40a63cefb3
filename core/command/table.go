package command

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
)

// Command is a command in a Table.
type Command struct {
	Spec
	// Index numbers the commands of a table from 0, subcommands included, and
	// is what statistics are kept under.
	Index int
	// FullName is the name in error texts, COMMAND and statistics: "get",
	// "client|id".
	FullName string

	subs []Command
	sub  names
}

// Touches says whether the command works on keys, and so may have a long reply.
func (c *Command) Touches() bool {
	return c.FirstKey > 0 || c.Flags&(ReadOnly|Write) != 0 || c.RunsQueue
}

// Sub finds a subcommand by its name in any case; nil if there is none.
func (c *Command) Sub(name []byte) *Command { return c.sub.find(name) }

// Subs are the subcommands sorted by name. The caller must not change them.
func (c *Command) Subs() []Command { return c.subs }

// Table is an immutable set of commands.
type Table struct {
	commands []Command // sorted by name
	byIndex  []*Command
	top      names
}

// NewTable makes the table of some families. It fails if two of them have a command
// of one name, or if one adds subcommands to a command that none has.
func NewTable(families ...Family) (*Table, error) {
	specs, err := join(families)
	if err != nil {
		return nil, err
	}
	t := &Table{}
	t.commands, t.top = t.build(specs, "")
	t.byIndex = make([]*Command, t.number(0))
	t.Each(func(c *Command) { t.byIndex[c.Index] = c })
	return t, nil
}

// MustTable is NewTable for families that are known to go together, as those of
// tests. It panics if they don't.
func MustTable(families ...Family) *Table {
	t, err := NewTable(families...)
	if err != nil {
		panic(err)
	}
	return t
}

func (t *Table) build(specs []Spec, prefix string) ([]Command, names) {
	list := make([]Command, len(specs))
	for i, s := range specs {
		list[i] = Command{Spec: s, FullName: prefix + s.Name}
	}
	slices.SortFunc(list, func(a, b Command) int { return cmp.Compare(a.Name, b.Name) })
	for i := range list {
		list[i].subs, list[i].sub = t.build(list[i].Subcommands, list[i].Name+"|")
	}
	return list, newNames(list)
}

// number hands out the indices, a container before its subcommands.
func (t *Table) number(next int) int {
	t.Each(func(c *Command) { c.Index = next; next++ })
	return next
}

// Each calls f for every command, a container before its subcommands.
func (t *Table) Each(f func(*Command)) {
	for i := range t.commands {
		f(&t.commands[i])
		for j := range t.commands[i].subs {
			f(&t.commands[i].subs[j])
		}
	}
}

// Lookup finds a command by its name in any case; nil if there is none. It
// does not allocate.
func (t *Table) Lookup(name []byte) *Command { return t.top.find(name) }

// LookupFull finds a command by its full name, as in "get" or "client|id".
func (t *Table) LookupFull(name []byte) *Command {
	i := slices.Index(name, '|')
	if i < 0 {
		return t.Lookup(name)
	}
	if c := t.Lookup(name[:i]); c != nil {
		return c.Sub(name[i+1:])
	}
	return nil
}

// Commands are the commands sorted by name, without subcommands. The caller
// must not change them.
func (t *Table) Commands() []Command { return t.commands }

// Len is how many indices there are: commands and subcommands.
func (t *Table) Len() int { return len(t.byIndex) }

// At returns the command with the given index, 0 to Len()-1.
func (t *Table) At(index int) *Command { return t.byIndex[index] }

// names is a hash set of commands with open addressing. The hash folds the
// first and the last eight bytes of the name, which finds most names in one
// probe and needs no loop over the name.
type names struct {
	slots []slot // a power of two, at most half full; nil: empty set
	shift int
}

type slot struct {
	head, tail uint64
	cmd        *Command
}

func newNames(list []Command) names {
	if len(list) == 0 {
		return names{}
	}
	log := bits.Len(uint(2 * len(list)))
	n := names{slots: make([]slot, 1<<log), shift: 64 - log}
	for i := range list {
		name := []byte(list[i].Name)
		if n.find(name) != nil {
			panic(fmt.Sprintf("command %q is in the table twice", list[i].FullName))
		}
		head, tail := ends(name)
		at := n.home(head, tail)
		for n.slots[at].cmd != nil {
			at = (at + 1) & (len(n.slots) - 1)
		}
		n.slots[at] = slot{head, tail, &list[i]}
	}
	return n
}

func (n *names) home(head, tail uint64) int {
	return int((head ^ bits.RotateLeft64(tail, 29)) * 0x9e3779b97f4a7c15 >> n.shift)
}

func (n *names) find(name []byte) *Command {
	if len(n.slots) == 0 {
		return nil
	}
	head, tail := ends(name)
	for at := n.home(head, tail); ; at++ {
		s := &n.slots[at&(len(n.slots)-1)]
		if s.cmd == nil {
			return nil
		}
		if s.head == head && s.tail == tail && EqualFold(name, s.cmd.Name) {
			return s.cmd
		}
	}
}

// ends returns the first and the last eight bytes of a name, which overlap in
// a short one, with the bit set that tells lower from upper case.
func ends(b []byte) (head, tail uint64) {
	n := len(b)
	switch {
	case n >= 8:
		head, tail = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[n-8:])
	case n >= 4:
		head, tail = uint64(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[n-4:]))
	case n > 0:
		head = uint64(b[0]) | uint64(b[n/2])<<8 | uint64(b[n-1])<<16
	}
	const lower = 0x2020202020202020
	return head | lower, tail | lower
}

// EqualFold says whether b is the lower-case name in any case of ASCII letters.
func EqualFold(b []byte, name string) bool {
	if len(b) != len(name) {
		return false
	}
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != name[i] {
			return false
		}
	}
	return true
}
