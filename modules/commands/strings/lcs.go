package strings

import (
	"bytes"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/store"
)

func lcsSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "lcs", Handler: cmdLCS, Arity: -3, Flags: command.ReadOnly,
			FirstKey: 1, LastKey: 2, KeyStep: 1, KeyAccess: "RO access",
			Categories: command.CatString, Group: "string", Since: "7.0.0",
			Summary:    "Find the longest common subsequence of two strings",
			Complexity: "O(N*M) with N and M being the lengths of the strings",
			Args: arg.List(arg.Key("key1"), arg.Key("key2"), arg.Optional(arg.Token("LEN")), arg.Optional(arg.Token("IDX")),
				arg.Optional(arg.After("MINMATCHLEN", arg.Integer("min-match-len"))), arg.Optional(arg.Token("WITHMATCHLEN"))),
		},
	}
}

// lcsOptions are the options of LCS.
type lcsOptions struct {
	length, index, withLength bool
	minLength                 int64
}

func (o *lcsOptions) parse(c *command.Ctx) bool {
	for i := 3; i < len(c.Args); i++ {
		switch a := c.Args[i]; {
		case command.EqualFold(a, "idx"):
			o.index = true
		case command.EqualFold(a, "len"):
			o.length = true
		case command.EqualFold(a, "withmatchlen"):
			o.withLength = true
		case command.EqualFold(a, "minmatchlen") && i+1 < len(c.Args):
			i++
			n, ok := c.Integer(i)
			if !ok {
				c.W.Error(command.TextNotInteger)
				return false
			}
			o.minLength = max(n, 0)
		default:
			c.W.Error(command.TextSyntax)
			return false
		}
	}
	if o.index && o.length {
		c.W.Error("ERR If you want both the length and indexes, please just use IDX.")
		return false
	}
	return true
}

func cmdLCS(c *command.Ctx) {
	var o lcsOptions
	var pins [2]uint64
	defer func() {
		for _, ref := range pins {
			if ref != 0 {
				c.Store.Unpin(ref)
			}
		}
	}()
	a, b, ok := lcsInput(c, &o, &pins)
	if !ok {
		return
	}
	l := newLCS(a, b, !o.length, c.Step)
	if l == nil {
		c.W.Null() // which nobody reads
		return
	}
	if o.length {
		c.W.Int(int64(l.length))
		return
	}
	if !o.index {
		common := make([]byte, l.length)
		l.walk(func(m lcsMatch) {
			copy(common[m.before:], a[m.a:m.a+m.n])
		})
		c.W.Bulk(common)
		return
	}
	var matches []lcsMatch
	l.walk(func(m lcsMatch) {
		if int64(m.n) >= o.minLength {
			matches = append(matches, m)
		}
	})
	c.W.Map(2)
	c.W.BulkString("matches")
	c.W.Array(len(matches))
	for _, m := range matches {
		if o.withLength {
			c.W.Array(3)
		} else {
			c.W.Array(2)
		}
		for _, from := range [2]int{m.a, m.b} {
			c.W.Array(2)
			c.W.Int(int64(from))
			c.W.Int(int64(from + m.n - 1))
		}
		if o.withLength {
			c.W.Int(int64(m.n))
		}
	}
	c.W.BulkString("len")
	c.W.Int(int64(l.length))
}

// lcsInput reads the options and copies both values, or pins them if they are long:
// comparing them takes too long to keep their shards locked. On an error it replies
// and returns false. The caller unpins what pins has then.
func lcsInput(c *command.Ctx, o *lcsOptions, pins *[2]uint64) (a, b []byte, ok bool) {
	keys := c.LockRange(1, 3, 1)
	defer c.UnlockKeys()
	var values [2][]byte
	for i, k := range keys {
		e, found := c.Store.Locked(k).Get(k, c.Now)
		c.Count(found)
		if !found {
			continue
		}
		if e.Type() != store.String {
			c.W.Error("ERR The specified keys must contain string values")
			return nil, nil, false
		}
		values[i] = e.Value()
	}
	if !o.parse(c) {
		return nil, nil, false
	}
	// Redis's limit, which comes from a table with four bytes for each pair of
	// positions.
	if cells := int64(len(values[0])+1) * int64(len(values[1])+1); cells > c.Env.MaxString()/4 {
		c.W.Error("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len")
		return nil, nil, false
	}
	for i, k := range keys {
		sh := c.Store.Locked(k)
		if e, found := sh.Peek(k, c.Now); found {
			if _, ref, ok := sh.Pin(e); ok {
				pins[i] = ref
				continue
			}
		}
		values[i] = bytes.Clone(values[i])
	}
	return values[0], values[1], true
}

// lcs is the longest common subsequence of two strings, by the table of the
// lengths for all pairs of prefixes. All that is kept of the table is one bit
// for each pair: whether leaving out the last byte of a's prefix is better
// than leaving out the last one of b's.
type lcs struct {
	a, b   []byte
	length int
	up     []uint64
	width  int // words of up for each byte of a
}

// lcsStep is how many pairs of bytes are looked at between two looks whether the
// client is still there: those of some hundred microseconds.
const lcsStep = 64 << 10

// newLCS makes the table, unless gone says meanwhile that nobody wants to know
// any more: then it is nil. keep is for those who walk it.
func newLCS(a, b []byte, keep bool, gone func() bool) *lcs {
	l := &lcs{a: a, b: b, width: (len(b) + 63) / 64}
	if keep {
		l.up = make([]uint64, len(a)*l.width)
	}
	row := make([]uint32, len(b)+1) // of the prefixes of a that are one shorter
	asked := 0
	for i, x := range a {
		if at := i * len(b); at-asked >= lcsStep {
			if asked = at; gone() {
				return nil
			}
		}
		left, corner := uint32(0), uint32(0)
		for j, y := range b {
			above := row[j+1]
			switch {
			case x == y:
				left = corner + 1
			case above > left:
				left = above
				if keep {
					l.up[i*l.width+j/64] |= 1 << (j % 64)
				}
			}
			row[j+1], corner = left, above
		}
	}
	l.length = int(row[len(b)])
	return l
}

// lcsMatch is a piece of n bytes that both strings have, at a and at b; before
// is how many bytes of the subsequence come before it.
type lcsMatch struct{ a, b, n, before int }

// walk calls f for each piece of the subsequence, from the last to the first.
func (l *lcs) walk(f func(lcsMatch)) {
	var m lcsMatch
	left := l.length
	for i, j := len(l.a), len(l.b); i > 0 && j > 0; {
		if l.a[i-1] == l.b[j-1] {
			i, j, left = i-1, j-1, left-1
			m = lcsMatch{i, j, m.n + 1, left}
			continue
		}
		if m.n > 0 {
			f(m)
			m.n = 0
		}
		if l.up[(i-1)*l.width+(j-1)/64]>>((j-1)%64)&1 == 1 {
			i--
		} else {
			j--
		}
	}
	if m.n > 0 {
		f(m)
	}
}
