package settings

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/redistill-go/redistill/core/resp"
)

// Integer judges a whole number from low to high.
func Integer(low, high int, apply func(int)) func(string) (func(), error) {
	return func(value string) (func(), error) {
		number, ok := resp.ParseInt([]byte(value))
		if !ok {
			return nil, errors.New("argument couldn't be parsed into an integer")
		}
		n := int(number)
		if n < low || n > high {
			return nil, fmt.Errorf("argument must be between %d and %d inclusive", low, high)
		}
		return func() { apply(n) }, nil
	}
}

// Bytes judges a number of bytes.
func Bytes(apply func(int64)) func(string) (func(), error) {
	return func(value string) (func(), error) {
		n, ok := ParseBytes(value)
		switch {
		case !ok:
			return nil, ErrNotBytes
		case n > math.MaxInt64:
			return nil, fmt.Errorf("argument must be between %d and %d inclusive", 0, math.MaxInt64)
		}
		return func() { apply(int64(n)) }, nil
	}
}

// ErrNotBytes is what Redis says of a value that is no number of bytes.
var ErrNotBytes = errors.New("argument must be a memory value")

// memoryUnits are those of redis.conf, and tb.
var memoryUnits = map[string]uint64{
	"": 1, "b": 1, "k": 1000, "kb": 1 << 10, "m": 1000_000, "mb": 1 << 20, "g": 1000_000_000, "gb": 1 << 30,
	"t": 1000_000_000_000, "tb": 1 << 40,
}

// ParseBytes reads a number of bytes as Redis does: digits, which may be none,
// and a unit, up to a zero byte. What is too large is the largest number.
func ParseBytes(value string) (n uint64, ok bool) {
	value, _, _ = strings.Cut(value, "\x00")
	digits := value[:len(value)-len(strings.TrimLeft(value, "0123456789"))]
	unit, ok := memoryUnits[strings.ToLower(value[len(digits):])]
	if !ok || digits == "" {
		return 0, ok
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || n > math.MaxUint64/unit {
		return math.MaxUint64, true
	}
	return n * unit, true
}
