package bitmaps

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/store"
)

func bitopSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "bitop", Grows: growsBitOp, Handler: cmdBitOp, Arity: -4, Flags: command.Write | command.DenyOOM,
			Work:     command.Work{PerArgument: 2 * command.KeyWork},
			FirstKey: 2, LastKey: -1, KeyStep: 1, KeyAccess: "OW update; RO access",
			Categories: command.CatBitmap, Group: "bitmap", Since: "2.6.0",
			Summary:    "Combine strings bit by bit and store the result",
			Complexity: "O(N) with N being the length of all strings",
			Args: arg.List(arg.OneOf("operation", arg.Token("AND"), arg.Token("OR"), arg.Token("XOR"), arg.Token("NOT"),
				arg.Token("DIFF"), arg.Token("DIFF1"), arg.Token("ANDOR"), arg.Token("ONE")),
				arg.Key("destkey"), arg.Multiple(arg.Key("key"))),
		},
	}
}

// bitOp is an operation of BITOP.
type bitOp uint8

// X is the first source, the others are those after it.
const (
	opAnd   bitOp = iota // in every source
	opOr                 // in any source
	opXor                // in an odd number of sources
	opNot                // not in X
	opDiff               // in X and none of the others
	opDiff1              // in any of the others and not in X
	opAndOr              // in X and any of the others
	opOne                // in exactly one source
)

var bitOps = [...]struct{ lower, upper string }{
	opAnd: {"and", "AND"}, opOr: {"or", "OR"}, opXor: {"xor", "XOR"}, opNot: {"not", "NOT"},
	opDiff: {"diff", "DIFF"}, opDiff1: {"diff1", "DIFF1"}, opAndOr: {"andor", "ANDOR"}, opOne: {"one", "ONE"},
}

func findBitOp(name []byte) (bitOp, bool) {
	for op, n := range bitOps {
		if command.EqualFold(name, n.lower) {
			return bitOp(op), true
		}
	}
	return 0, false
}

func cmdBitOp(c *command.Ctx) {
	op, ok := findBitOp(c.Args[1])
	switch {
	case !ok:
		c.W.Error(command.TextSyntax)
		return
	case op == opNot && len(c.Args) != 4:
		c.W.Error("ERR BITOP NOT must be called with a single source key.")
		return
	case op >= opDiff && op <= opAndOr && len(c.Args) < 5:
		c.W.Error("ERR BITOP " + bitOps[op].upper + " must be called with at least two source keys.")
		return
	}
	for try := 0; !tryBitOp(c, op, try == command.ApartTries); try++ {
	}
}

// bitOp is BITOP. A long result is made while the shards are free, of values that
// are pinned, and is good if the sources still have them when it is to be stored:
// otherwise bitOp fails, unless it is told to keep the shards locked.
func tryBitOp(c *command.Ctx, op bitOp, locked bool) (done bool) {
	keys := c.LockKeys(2, 1)
	defer c.UnlockKeys()
	sources := make([][]byte, len(keys)-1)
	longest := 0
	for i, k := range keys[1:] {
		e, found := c.Store.Locked(k).Get(k, c.Now)
		c.Count(found)
		if !found {
			continue
		}
		if c.WrongType(e, store.String) {
			return true
		}
		sources[i] = e.Value()
		longest = max(longest, e.Len())
	}
	to := keys[0]
	sh := c.Store.Locked(to)
	if longest == 0 {
		sh.Delete(to, c.Now)
		c.W.Int(0)
		return true
	}
	var err error
	if longest < store.PinMin || locked || c.InExec() {
		// The target may be one of the sources, so that it is written only when
		// the result is complete.
		err = putBuilt(c, sh, to, longest, func(dst []byte) { op.combine(dst, sources) })
	} else if done, err = combineApart(c, op, keys, sources, longest); !done && err == nil {
		return false
	}
	if err != nil {
		c.Fail(err)
		return true
	}
	c.W.Int(int64(longest))
	return true
}

// combineApart makes the result of the sources, which are those of the keys after
// the first one of keys, and stores it under that one, if they are still the
// same then. The shards are locked, but not all the time.
func combineApart(c *command.Ctx, op bitOp, keys []store.Key, sources [][]byte, longest int) (done bool, err error) {
	refs := make([]uint64, len(sources))
	defer func() {
		for _, ref := range refs {
			if ref != 0 {
				c.Store.Unpin(ref)
			}
		}
	}()
	for i, k := range keys[1:] {
		if len(sources[i]) == 0 {
			continue
		}
		sh := c.Store.Locked(k)
		if e, found := sh.Peek(k, c.Now); found {
			if _, ref, ok := sh.Pin(e); ok {
				refs[i] = ref
				continue
			}
		}
		sources[i] = bytes.Clone(sources[i])
	}
	c.UnlockKeys()
	staged, err := c.Store.Stage(len(c.Args[2]), longest)
	gone := err == nil && !op.combineWhole(staged.Bytes(), sources, c.Step)
	keys = c.LockKeys(2, 1)
	if gone {
		staged.Free()
		return true, nil // nobody reads the reply, and nothing has changed
	}
	if err != nil {
		return false, err
	}
	for i, k := range keys[1:] {
		if !c.StillHas(k, sources[i], refs[i]) {
			staged.Free()
			return false, nil
		}
	}
	if err := c.Store.Locked(keys[0]).PutStaged(keys[0], staged, 0, c.Now); err != nil {
		staged.Free()
		return false, err
	}
	return true, nil
}

// putBuilt makes the key hold a string of n bytes that build writes; until it
// returns, no entry changes. The shard is locked.
func putBuilt(c *command.Ctx, sh *store.Shard, k store.Key, n int, build func(dst []byte)) error {
	if n < store.PinMin {
		c.Scratch = append(c.Scratch[:0], make([]byte, n)...)
		build(c.Scratch)
		return sh.Set(k, c.Scratch, 0, c.Now)
	}
	s, err := c.Store.Stage(len(k.Bytes), n)
	if err != nil {
		return err
	}
	build(s.Bytes())
	if err := sh.PutStaged(k, s, 0, c.Now); err != nil {
		s.Free()
		return err
	}
	return nil
}

// combineStep is how many bytes of the sources are read between two looks whether the
// client is still there.
const combineStep = 1 << 20

// combineWhole is combine that fails when the client has gone meanwhile.
func (op bitOp) combineWhole(dst []byte, sources [][]byte, gone func() bool) bool {
	step := max(combineStep/len(sources)&^7, 8)
	rest := slices.Clone(sources)
	for len(dst) > step {
		if op.combine(dst[:step], rest); gone() {
			return false
		}
		dst = dst[step:]
		for i, s := range rest {
			rest[i] = s[min(step, len(s)):]
		}
	}
	op.combine(dst, rest)
	return true
}

// combine writes the operation's result to dst, which is as long as the
// longest source; shorter ones count as if zeros followed.
func (op bitOp) combine(dst []byte, sources [][]byte) {
	at := 0
	for ; at+8 <= len(dst); at += 8 {
		binary.LittleEndian.PutUint64(dst[at:], op.word(sources, at))
	}
	if at < len(dst) {
		var last [8]byte
		binary.LittleEndian.PutUint64(last[:], op.word(sources, at))
		copy(dst[at:], last[:])
	}
}

// word is the operation's result for eight bytes.
func (op bitOp) word(sources [][]byte, at int) uint64 {
	x := wordAt(sources[0], at)
	others := sources[1:]
	switch op {
	case opNot:
		return ^x
	case opAnd:
		for _, s := range others {
			x &= wordAt(s, at)
		}
		return x
	case opXor:
		for _, s := range others {
			x ^= wordAt(s, at)
		}
		return x
	case opOne:
		twice := uint64(0)
		for _, s := range others {
			w := wordAt(s, at)
			twice |= x & w
			x |= w
		}
		return x &^ twice
	}
	any := uint64(0)
	for _, s := range others {
		any |= wordAt(s, at)
	}
	switch op {
	case opDiff:
		return x &^ any
	case opDiff1:
		return any &^ x
	case opAndOr:
		return x & any
	default:
		return x | any
	}
}

// wordAt is eight bytes of p from at on, with zeros behind its end.
func wordAt(p []byte, at int) uint64 {
	if at+8 <= len(p) {
		return binary.LittleEndian.Uint64(p[at:])
	}
	if at >= len(p) {
		return 0
	}
	var w [8]byte
	copy(w[:], p[at:])
	return binary.LittleEndian.Uint64(w[:])
}

// growsBitOp is the length of the result, which is made before what the
// target holds goes.
func growsBitOp(c *command.Ctx) int64 {
	longest := int64(0)
	for _, a := range c.Args[3:] {
		longest = max(longest, c.StringLen(c.Store.Key(a)))
	}
	return c.Beside(longest, longest)
}
