package command

import (
	"bytes"
	"math"
	"math/big"
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

// Integer reads argument i as a 64-bit integer.
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
