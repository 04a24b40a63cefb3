package churn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
)

// Sizes is a range of lengths of values, in bytes.
type Sizes struct{ Low, High int }

// The sizes of the phases.
var (
	Mixed = Sizes{16, 64 << 10}
	Small = Sizes{16, 256}
	Large = Sizes{16 << 10, 64 << 10}
)

// draw is uniform in the logarithm: as many values of 16 to 32 bytes as of 32
// to 64 KiB.
func (s Sizes) draw(r *rand.Rand) int {
	low, high := math.Log(float64(s.Low)), math.Log(float64(s.High)+1)
	return min(int(math.Exp(low+r.Float64()*(high-low))), s.High)
}

// Mean is the average length in bytes.
func (s Sizes) Mean() float64 {
	if s.Low == s.High {
		return float64(s.Low)
	}
	return float64(s.High-s.Low) / math.Log(float64(s.High)/float64(s.Low))
}

// Stream makes one writer's requests. Most write a key that is new; one in
// eight overwrites a recent key with a value of another size, and one in eight
// reads a recent one, so that a policy has something to go by.
//
// Where nothing is evicted, keys come from a set twice as large as memory and
// four in ten requests delete one, so that memory stays full and changes all
// the same. A phase begins with deleting nine in ten keys of the one before.
type Stream struct {
	Prefix string // of the keys
	Sizes  Sizes
	Fields int  // each key is a hash of so many fields; 0: a string
	Expire bool // keys expire, though not within the run
	Space  int  // keys are drawn from so many and deleted; 0: they are new
	Plain  bool // only SETs: nothing is overwritten on purpose, read or deleted
	// From and Span: keys expire at random in so many ms from then on, in ms
	// since the Unix epoch; 0: they do not.
	From, Span int64

	purge  int    // so many keys of the phase before are still to be looked at
	purged string // their prefix

	// left is how many keys are to be written until none is recent any more that
	// the phase before wrote with larger values.
	left atomic.Int64

	random  *rand.Rand
	next    int // number of the next new key
	noise   []byte
	args    [][]byte
	key     []byte
	payload int64 // bytes of keys and values written so far
}

// recent is how many of the last keys may be overwritten or read.
const recent = 10_000

// New makes the stream of a writer, which is told apart by its number.
func New(writer int, s Sizes) *Stream {
	st := &Stream{
		random: rand.New(rand.NewPCG(uint64(writer), 7)),
		Prefix: fmt.Sprintf("key:%d:", writer),
		Sizes:  s,
		noise:  make([]byte, 2*Mixed.High),
	}
	for i := range st.noise {
		st.noise[i] = byte('!' + st.random.IntN('~'-'!'+1))
	}
	return st
}

// append adds one step to b and says how many requests that are.
func (s *Stream) append(b []byte) ([]byte, int) {
	if s.purge > 0 {
		s.purge--
		if s.random.IntN(10) == 0 {
			return b, 0
		}
		s.key = strconv.AppendInt(append(s.key[:0], s.purged...), int64(s.purge), 10)
		return s.command(b, []byte("DEL"), s.key), 1
	}
	if s.Space > 0 {
		k := s.name(s.random.IntN(s.Space))
		if !s.Plain && s.random.IntN(10) < 4 {
			return s.command(b, []byte("DEL"), k), 1
		}
		return s.write(b, k)
	}
	if !s.Plain && s.next > 0 {
		if kind := s.random.IntN(8); kind < 2 {
			k := s.name(s.next - 1 - s.random.IntN(min(s.next, recent)))
			if kind == 0 {
				return s.command(b, []byte("TOUCH"), k), 1
			}
			return s.write(b, k)
		}
	}
	s.next++
	if s.left.Load() > 0 {
		s.left.Add(-1)
	}
	return s.write(b, s.name(s.next-1))
}

func (s *Stream) name(n int) []byte {
	s.key = strconv.AppendInt(append(s.key[:0], s.Prefix...), int64(n), 10)
	return s.key
}

// write makes the key hold fresh values.
func (s *Stream) write(b []byte, key []byte) ([]byte, int) {
	s.payload += int64(len(key))
	if s.Fields == 0 {
		s.args = append(s.args[:0], []byte("SET"), key, s.value())
		switch {
		case s.Expire:
			s.args = append(s.args, []byte("EX"), []byte("100000"))
		case s.Span > 0:
			s.args = append(s.args, []byte("PXAT"), strconv.AppendInt(nil, s.From+s.random.Int64N(s.Span), 10))
		}
		return s.command(b, s.args...), 1
	}
	s.args = append(s.args[:0], []byte("HSET"), key)
	for i := range s.Fields {
		s.args = append(s.args, strconv.AppendInt([]byte("field:"), int64(i), 10), s.value())
	}
	b = s.command(b, s.args...)
	if !s.Expire {
		return b, 1
	}
	return s.command(b, []byte("EXPIRE"), key, []byte("100000")), 2
}

func (s *Stream) value() []byte {
	n := s.Sizes.draw(s.random)
	s.payload += int64(n)
	at := s.random.IntN(len(s.noise) - n)
	return s.noise[at : at+n]
}

func (s *Stream) command(b []byte, args ...[]byte) []byte {
	b = strconv.AppendInt(append(b, '*'), int64(len(args)), 10)
	for _, a := range args {
		b = strconv.AppendInt(append(b, "\r\n$"...), int64(len(a)), 10)
		b = append(append(b, '\r', '\n'), a...)
	}
	return append(b, '\r', '\n')
}
