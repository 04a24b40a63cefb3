package command

import (
	"bytes"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/redistill-go/redistill/core/resp"
)

// The x87 format that Redis computes INCRBYFLOAT in.
const (
	floatPrecision   = 64
	floatMaxExponent = 16384  // of the largest number, with a mantissa below 1
	floatMinExponent = -16444 // below it everything is 0
	maxFloatLength   = 5*1024 - 1
)

// ParseFloat reads a number as C's strtold does, decimal or hexadecimal,
// infinity included; NaN, spaces, and numbers out of range are refused.
func ParseFloat(b []byte) (*big.Float, bool) {
	unsigned := b
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		unsigned = b[1:]
	}
	if bytes.EqualFold(unsigned, []byte("inf")) || bytes.EqualFold(unsigned, []byte("infinity")) {
		return new(big.Float).SetInf(b[0] == '-'), true
	}
	// What big.Float takes beyond that: 1_0, 0b1, 0o7, 1p3.
	hex := len(unsigned) > 2 && unsigned[0] == '0' && unsigned[1]|0x20 == 'x'
	refused := "_bBoOpPxXiInN"
	if hex {
		unsigned, refused = unsigned[2:], "_oOxXiInN"
	}
	if len(unsigned) == 0 || len(b) > maxFloatLength || unsigned[0] == '+' || unsigned[0] == '-' ||
		bytes.ContainsAny(unsigned, refused) {
		return nil, false
	}
	f, _, err := big.ParseFloat(string(b), 0, floatPrecision, big.ToNearestEven)
	if err != nil || f.IsInf() {
		return nil, false
	}
	if e := f.MantExp(nil); f.Sign() != 0 && (e > floatMaxExponent || e < floatMinExponent) {
		return nil, false
	}
	return f, true
}

// AddFloat adds two numbers; false: the sum is infinite or not a number.
func AddFloat(a, b *big.Float) (*big.Float, bool) {
	if a.IsInf() || b.IsInf() {
		return nil, false
	}
	sum := new(big.Float).SetPrec(floatPrecision).Add(a, b)
	return sum, sum.Sign() == 0 || sum.MantExp(nil) <= floatMaxExponent
}

// FormatFloat prints a number as Redis does: 17 places after the point, less
// the zeros at the end, and never in the form with an exponent.
func FormatFloat(f *big.Float) string {
	s := strings.TrimRight(strings.TrimRight(f.Text('f', 17), "0"), ".")
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}

// Integer reads argument i as a 64-bit integer, as Redis does: no spaces, no plus, no
// leading zeros. It replies nothing if it is none; TextNotInteger is the error.
func (c *Ctx) Integer(i int) (int64, bool) { return resp.ParseInt(c.Args[i]) }

// Database reads argument i as the number of the only database. On an error it
// replies and returns false.
func (c *Ctx) Database(i int) bool {
	n, ok := c.Integer(i)
	switch {
	case !ok:
		c.W.Error(TextNotInteger)
	case n < math.MinInt32 || n > math.MaxInt32:
		c.W.Error("ERR value is out of range, value must between -2147483648 and 2147483647")
	case n != 0:
		c.W.Error("ERR DB index is out of range")
	default:
		return true
	}
	return false
}

// Seconds is a duration in whole seconds, 0 at least.
func Seconds(d time.Duration) int64 { return max(int64(d/time.Second), 0) }

// Span turns positions in a value of n bytes, which count from the end if they are
// negative and include both, into the bytes from first to before last; first is last
// where there are none.
func Span(from, to, n int64) (first, last int64) {
	if from < 0 && to < 0 && from > to {
		return 0, 0
	}
	return Clamp(from, to, n)
}

// Clamp is Span for commands that take two negative positions in the wrong
// order as both being the first.
func Clamp(from, to, n int64) (first, last int64) {
	if from < 0 {
		from = max(from+n, 0)
	}
	if to < 0 {
		to = max(to+n, 0)
	}
	to = min(to, n-1)
	if from > to {
		return 0, 0
	}
	return from, to + 1
}

// DefaultScanCount is how many entries SCAN looks at unless told otherwise.
const DefaultScanCount = 10

// ParseCursor reads a cursor as Redis does, up to a zero byte: an integer as it
// is usually written must not be negative, and anything else is what C's
// strtoul makes of it, with white space and a sign before the digits.
func ParseCursor(b []byte) (uint64, bool) {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	if n, ok := resp.ParseInt(b); ok {
		return uint64(n), n >= 0
	}
	b = bytes.TrimLeft(b, " \t\n\v\f\r")
	negative := len(b) > 0 && b[0] == '-'
	if negative || len(b) > 0 && b[0] == '+' {
		b = b[1:]
	}
	n, err := strconv.ParseUint(string(b), 10, 64)
	if negative {
		n = -n
	}
	return n, err == nil
}

// ReplyCursor writes where the next SCAN or HSCAN is to go on.
func (c *Ctx) ReplyCursor(cursor uint64) {
	c.Scratch = strconv.AppendUint(c.Scratch[:0], cursor, 10)
	c.W.Bulk(c.Scratch)
}
