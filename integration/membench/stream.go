package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
)

// sizes draws the length of a value in bytes.
type sizes struct{ low, high int }

// The sizes of the phases.
var (
	mixed = sizes{16, 64 << 10}
	small = sizes{16, 256}
	large = sizes{16 << 10, 64 << 10}
)

// draw is uniform in the logarithm: as many values of 16 to 32 bytes as of 32
// to 64 KiB.
func (s sizes) draw(r *rand.Rand) int {
	low, high := math.Log(float64(s.low)), math.Log(float64(s.high)+1)
	return min(int(math.Exp(low+r.Float64()*(high-low))), s.high)
}

// mean is the average of draw, in bytes.
func (s sizes) mean() float64 {
	if s.low == s.high {
		return float64(s.low)
	}
	return float64(s.high-s.low) / math.Log(float64(s.high)/float64(s.low))
}

// stream makes one writer's requests. Most write a key that is new; one in
// eight overwrites a recent key with a value of another size, and one in eight
// reads a recent one, so that a policy has something to go by.
//
// Where nothing is evicted, keys come from a set twice as large as memory and
// four in ten requests delete one, so that memory stays full and changes all
// the same.
type stream struct {
	random *rand.Rand
	prefix string
	sizes  sizes
	fields int  // each key is a hash of so many fields; 0: a string
	expire bool // keys expire, though not within the run
	space  int  // keys are drawn from so many and deleted; 0: they are new
	plain  bool // only SETs: nothing is overwritten on purpose, read or deleted
	// from and span: keys expire at random in so many ms from then on, in ms
	// since the Unix epoch; 0: they do not.
	from, span int64

	next    int // number of the next new key
	noise   []byte
	args    [][]byte
	key     []byte
	payload int64 // bytes of keys and values written so far
}

// recent is how many of the last keys may be overwritten or read.
const recent = 10_000

func newStream(writer int, s sizes) *stream {
	st := &stream{
		random: rand.New(rand.NewPCG(uint64(writer), 7)),
		prefix: fmt.Sprintf("key:%d:", writer),
		sizes:  s,
		noise:  make([]byte, 2*mixed.high),
	}
	for i := range st.noise {
		st.noise[i] = byte('!' + st.random.IntN('~'-'!'+1))
	}
	return st
}

// append adds one step to b and says how many requests that are.
func (s *stream) append(b []byte) ([]byte, int) {
	if s.space > 0 {
		k := s.name(s.random.IntN(s.space))
		if !s.plain && s.random.IntN(10) < 4 {
			return s.command(b, []byte("DEL"), k), 1
		}
		return s.write(b, k)
	}
	if !s.plain && s.next > 0 {
		if kind := s.random.IntN(8); kind < 2 {
			k := s.name(s.next - 1 - s.random.IntN(min(s.next, recent)))
			if kind == 0 {
				return s.command(b, []byte("TOUCH"), k), 1
			}
			return s.write(b, k)
		}
	}
	s.next++
	return s.write(b, s.name(s.next-1))
}

func (s *stream) name(n int) []byte {
	s.key = strconv.AppendInt(append(s.key[:0], s.prefix...), int64(n), 10)
	return s.key
}

// write makes the key hold fresh values.
func (s *stream) write(b []byte, key []byte) ([]byte, int) {
	s.payload += int64(len(key))
	if s.fields == 0 {
		s.args = append(s.args[:0], []byte("SET"), key, s.value())
		switch {
		case s.expire:
			s.args = append(s.args, []byte("EX"), []byte("100000"))
		case s.span > 0:
			s.args = append(s.args, []byte("PXAT"), strconv.AppendInt(nil, s.from+s.random.Int64N(s.span), 10))
		}
		return s.command(b, s.args...), 1
	}
	s.args = append(s.args[:0], []byte("HSET"), key)
	for i := range s.fields {
		s.args = append(s.args, strconv.AppendInt([]byte("field:"), int64(i), 10), s.value())
	}
	b = s.command(b, s.args...)
	if !s.expire {
		return b, 1
	}
	return s.command(b, []byte("EXPIRE"), key, []byte("100000")), 2
}

func (s *stream) value() []byte {
	n := s.sizes.draw(s.random)
	s.payload += int64(n)
	at := s.random.IntN(len(s.noise) - n)
	return s.noise[at : at+n]
}

func (s *stream) command(b []byte, args ...[]byte) []byte {
	b = strconv.AppendInt(append(b, '*'), int64(len(args)), 10)
	for _, a := range args {
		b = strconv.AppendInt(append(b, "\r\n$"...), int64(len(a)), 10)
		b = append(append(b, '\r', '\n'), a...)
	}
	return append(b, '\r', '\n')
}
