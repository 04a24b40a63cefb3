package strings

import (
	"bytes"
	"fmt"

	"github.com/zeebo/xxh3"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/store"
)

func compareSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "delex", Handler: cmdDelEx, Arity: -2, Flags: command.Write | command.Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW delete variable_flags",
			Categories: command.CatString, Group: "string", Since: "8.4.0",
			Summary:    "Delete a key, only if its value or the digest of it is as expected",
			Complexity: "O(1) for IFEQ and IFNE, O(N) for IFDEQ and IFDNE with N being the length of the value",
			Args:       arg.List(arg.Key("key"), arg.Optional(arg.OneOf("condition", comparisonOptions()...))),
		}, {
			Name: "delifeq", Handler: cmdDelIfEq, Arity: 3, Flags: command.Write | command.Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RM delete",
			Categories: command.CatString, Group: "string", Since: "9.0.0",
			Summary:    "Delete a key, only if its value is the given one",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.String("value")),
		}, {
			Name: "digest", Handler: cmdDigest, Arity: 2, Flags: command.ReadOnly | command.Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: command.CatString, Group: "string", Since: "8.4.0",
			Summary:    "Return the XXH3 hash of the value of a key",
			Complexity: "O(N) with N being the length of the value",
			Args:       arg.List(arg.Key("key")),
		},
	}
}

// condition is what a value must be like for a command to change it.
type condition struct {
	kind    conditionKind
	operand []byte
}

type conditionKind uint8

const (
	always      conditionKind = iota
	ifEqual                   // the value is the operand
	ifNotEqual                // the value is not the operand, or there is none
	ifDigest                  // the value's digest is the operand
	ifNotDigest               // the value's digest is not the operand, or there is no value
)

func parseCondition(a []byte) conditionKind {
	switch {
	case command.EqualFold(a, "ifeq"):
		return ifEqual
	case command.EqualFold(a, "ifne"):
		return ifNotEqual
	case command.EqualFold(a, "ifdeq"):
		return ifDigest
	case command.EqualFold(a, "ifdne"):
		return ifNotDigest
	}
	return always
}

const (
	digestLength = 16
	errDigest    = "ERR must be exactly 16 hexadecimal characters"
)

// valid says whether the operand is one. Redis asks no more than this of a
// digest, and only where there is a value to compare it with.
func (w condition) valid() bool {
	return w.kind != ifDigest && w.kind != ifNotDigest || len(w.operand) == digestLength
}

// holds says whether the condition is met by the value.
func (w condition) holds(value []byte) bool {
	switch w.kind {
	case ifEqual:
		return bytes.Equal(value, w.operand)
	case ifNotEqual:
		return !bytes.Equal(value, w.operand)
	case ifDigest:
		return command.EqualFold(w.operand, digest(value))
	case ifNotDigest:
		return !command.EqualFold(w.operand, digest(value))
	}
	return true
}

// holdsForNone says whether the condition is met where there is no value.
func (w condition) holdsForNone() bool { return w.kind != ifEqual && w.kind != ifDigest }

// digest is the 64-bit XXH3 hash of a value in hexadecimal digits.
func digest(value []byte) string { return fmt.Sprintf("%016x", xxh3.Hash(value)) }

func cmdDigest(c *command.Ctx) {
	switch l, found, ok := c.BorrowString(c.Key(1)); {
	case ok:
		text := digest(l.Value)
		c.GiveBack(l)
		c.W.BulkString(text)
	case !found:
		c.W.Null()
	}
}

func cmdDelEx(c *command.Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	switch {
	case len(c.Args) == 2:
		c.ReplyBool(sh.Delete(k, c.Now))
		return
	case len(c.Args) != 4:
		c.W.Error(command.ArityError(c.Cmd))
		return
	}
	e, found := sh.Peek(k, c.Now)
	when := condition{parseCondition(c.Args[2]), c.Args[3]}
	switch {
	case !found:
		c.W.Int(0)
	case e.Type() != store.String:
		c.W.Error("ERR Key should be of string type if conditions are specified")
	case when.kind == always:
		c.W.Error("ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE")
	case !when.valid():
		c.W.Error(errDigest)
	case when.holds(e.Value()):
		sh.Remove(e)
		c.W.Int(1)
	default:
		c.W.Int(0)
	}
}

func cmdDelIfEq(c *command.Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, found := sh.Peek(k, c.Now)
	if found && c.WrongType(e, store.String) {
		return
	}
	if !found || !bytes.Equal(e.Value(), c.Args[2]) {
		c.W.Int(0)
		return
	}
	sh.Remove(e)
	c.W.Int(1)
}

// comparisonOptions are the conditions on a value that SET and DELEX share.
func comparisonOptions() []arg.Arg {
	return []arg.Arg{
		arg.After("IFEQ", arg.String("ifeq-value")), arg.After("IFNE", arg.String("ifne-value")),
		arg.After("IFDEQ", arg.String("ifdeq-digest")), arg.After("IFDNE", arg.String("ifdne-digest")),
	}
}
