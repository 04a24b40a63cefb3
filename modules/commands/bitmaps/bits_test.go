package bitmaps_test

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/redistill-go/redistill/core/command/commandtest"
)

// bitString is a value as text of 0 and 1, eight for each byte.
func bitString(value string) string {
	var b strings.Builder
	for i := range len(value) {
		fmt.Fprintf(&b, "%08b", value[i])
	}
	return b.String()
}

func fromBitString(bits string) string {
	b := make([]byte, len(bits)/8)
	for i := range b {
		n, _ := strconv.ParseUint(bits[i*8:i*8+8], 2, 8)
		b[i] = byte(n)
	}
	return string(b)
}

// pad adds zeros up to n bits.
func pad(bits string, n int) string {
	return bits + strings.Repeat("0", max(0, n-len(bits)))
}

var bitStrings = rapid.Custom(func(t *rapid.T) string {
	n := rapid.SampledFrom([]int{0, 1, 2, 7, 8, 9, 16, 30, 300}).Draw(t, "length")
	if b := rapid.SampledFrom([]int{-1, 0, 0xff}).Draw(t, "byte"); b >= 0 {
		value := []byte(strings.Repeat(string([]byte{byte(b)}), n))
		if n > 0 && rapid.Bool().Draw(t, "other") {
			value[rapid.IntRange(0, n-1).Draw(t, "at")] ^= byte(rapid.IntRange(1, 255).Draw(t, "with"))
		}
		return string(value)
	}
	return string(rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "value"))
})

// edges turns two positions of Redis into first and last+1 of n.
func edges(from, to, n int) (int, int) {
	if from < 0 {
		from = max(from+n, 0)
	}
	if to < 0 {
		to = max(to+n, 0)
	}
	if to = min(to, n-1); from > to {
		return 0, 0
	}
	return from, to + 1
}

// BITCOUNT and BITPOS find what a look at each bit finds.
func TestBitRangesAgreeWithModel(t *testing.T) {
	s := newServer(t)
	rapid.Check(t, func(t *rapid.T) {
		value := bitStrings.Draw(t, "value")
		s.Do("SET", "k", value)
		bits := bitString(value)
		position := rapid.IntRange(-len(bits)-20, len(bits)+20)
		from, to := position.Draw(t, "from"), position.Draw(t, "to")
		unit, each := "BIT", 1
		if rapid.Bool().Draw(t, "bytes") {
			unit, each = "BYTE", 8
		}
		first, last := edges(from, to, len(bits)/each)
		part := bits[first*each : last*each]

		count := strings.Count(part, "1")
		if from < 0 && to < 0 && from > to {
			count = 0
		}
		if got, want := s.Do("BITCOUNT", "k", strconv.Itoa(from), strconv.Itoa(to), unit), fmt.Sprintf(":%d\n", count); got != want {
			t.Fatalf("BITCOUNT %q %d %d %s: got %q, want %q", value, from, to, unit, got, want)
		}
		if got, want := s.Do("BITCOUNT", "k"), fmt.Sprintf(":%d\n", strings.Count(bits, "1")); got != want {
			t.Fatalf("BITCOUNT %q: got %q, want %q", value, got, want)
		}
		for _, bit := range []string{"0", "1"} {
			at := strings.Index(part, bit)
			if at >= 0 {
				at += first * each
			}
			if got, want := s.Do("BITPOS", "k", bit, strconv.Itoa(from), strconv.Itoa(to), unit), fmt.Sprintf(":%d\n", at); got != want {
				t.Fatalf("BITPOS %q %s %d %d %s: got %q, want %q", value, bit, from, to, unit, got, want)
			}
			// Without an end, zeros follow the value, unless the range is empty.
			first, last := edges(from, -1, len(value))
			at = strings.Index(bits[first*8:], bit)
			switch {
			case first >= last:
				at = -1
			case at >= 0:
				at += first * 8
			case bit == "0":
				at = len(bits)
			}
			if got, want := s.Do("BITPOS", "k", bit, strconv.Itoa(from)), fmt.Sprintf(":%d\n", at); got != want {
				t.Fatalf("BITPOS %q %s %d: got %q, want %q", value, bit, from, got, want)
			}
		}
	})
}

func TestSetBitAgreesWithModel(t *testing.T) {
	s := newServer(t)
	rapid.Check(t, func(t *rapid.T) {
		s.Do("DEL", "k")
		bits := ""
		for range 30 {
			at := rapid.IntRange(0, 600).Draw(t, "at")
			bit := rapid.SampledFrom([]string{"0", "1"}).Draw(t, "bit")
			padded := pad(bits, (at/8+1)*8)
			if got, want := s.Do("GETBIT", "k", strconv.Itoa(at)), ":"+padded[at:at+1]+"\n"; got != want {
				t.Fatalf("GETBIT %d: got %q, want %q", at, got, want)
			}
			if got, want := s.Do("SETBIT", "k", strconv.Itoa(at), bit), ":"+padded[at:at+1]+"\n"; got != want {
				t.Fatalf("SETBIT %d: got %q, want %q", at, got, want)
			}
			bits = padded[:at] + bit + padded[at+1:]
			if got, want := s.Do("GET", "k"), commandtest.Show(commandtest.Encode([][]byte{[]byte(fromBitString(bits))}))[len("*1\n"):]; got != want {
				t.Fatalf("GET: got %q, want %q", got, want)
			}
		}
	})
}

// combined says whether the result of an operation has a bit, given that of
// each source.
func combined(op string, in []bool) bool {
	set := 0
	for _, b := range in {
		if b {
			set++
		}
	}
	others := set
	if in[0] {
		others--
	}
	switch op {
	case "AND":
		return set == len(in)
	case "OR":
		return set > 0
	case "XOR":
		return set%2 == 1
	case "NOT":
		return !in[0]
	case "DIFF":
		return in[0] && others == 0
	case "DIFF1":
		return !in[0] && others > 0
	case "ANDOR":
		return in[0] && others > 0
	case "ONE":
		return set == 1
	}
	panic("no operation " + op)
}

func TestBitOpAgreesWithModel(t *testing.T) {
	s := newServer(t)
	rapid.Check(t, func(t *rapid.T) {
		op := rapid.SampledFrom([]string{"AND", "OR", "XOR", "NOT", "DIFF", "DIFF1", "ANDOR", "ONE"}).Draw(t, "operation")
		least, most := 2, 5
		if op == "NOT" {
			most = 1
		}
		request := []string{"BITOP", op, rapid.SampledFrom([]string{"target", "k0"}).Draw(t, "target")}
		var sources []string
		longest := 0
		for i := range rapid.IntRange(min(least, most), most).Draw(t, "sources") {
			value := bitStrings.Draw(t, "value")
			key := fmt.Sprintf("k%d", i)
			s.Do("SET", key, value)
			request = append(request, key)
			sources = append(sources, bitString(value))
			longest = max(longest, len(sources[i]))
		}
		want := make([]byte, longest)
		for i := range want {
			in := make([]bool, len(sources))
			for j := range in {
				in[j] = i < len(sources[j]) && sources[j][i] == '1'
			}
			want[i] = '0'
			if combined(op, in) {
				want[i] = '1'
			}
		}
		if got := s.Do(request...); got != fmt.Sprintf(":%d\n", longest/8) {
			t.Fatalf("%q of %q: got %q, want length %d", request, sources, got, longest/8)
		}
		reply := commandtest.Show(commandtest.Encode([][]byte{[]byte(fromBitString(string(want)))}))[len("*1\n"):]
		if longest == 0 {
			reply = "$-1\n"
		}
		if got := s.Do("GET", request[2]); got != reply {
			t.Fatalf("%q of %q: got %q, want %q", request, sources, got, reply)
		}
	})
}

// BITFIELD computes what integers of any size give.
func TestBitFieldAgreesWithModel(t *testing.T) {
	s := newServer(t)
	rapid.Check(t, func(t *rapid.T) {
		value := bitStrings.Draw(t, "value")
		s.Do("SET", "k", value)
		bits := bitString(value)
		for range 10 {
			signed := rapid.Bool().Draw(t, "signed")
			width := rapid.IntRange(1, 63).Draw(t, "width")
			field := fmt.Sprintf("u%d", width)
			if signed {
				width += rapid.IntRange(0, 1).Draw(t, "wider")
				field = fmt.Sprintf("i%d", width)
			}
			at := rapid.IntRange(0, 200).Draw(t, "at")
			operand := rapid.Int64().Draw(t, "operand")
			action := rapid.SampledFrom([]string{"GET", "SET", "INCRBY"}).Draw(t, "action")
			rule := rapid.SampledFrom([]string{"WRAP", "SAT", "FAIL"}).Draw(t, "rule")

			padded := pad(bits, (at+width+7)/8*8)
			old, _ := new(big.Int).SetString(padded[at:at+width], 2)
			old = fit(old, width, signed)
			next, reply := new(big.Int).Set(old), new(big.Int).Set(old)
			switch action {
			case "SET":
				next = big.NewInt(operand)
			case "INCRBY":
				next.Add(old, big.NewInt(operand))
			}
			low, high := big.NewInt(0), new(big.Int).Lsh(big.NewInt(1), uint(width))
			if signed {
				high.Rsh(high, 1)
				low.Neg(high)
			}
			high.Sub(high, big.NewInt(1))
			failed := false
			if below := next.Cmp(low) < 0; below || next.Cmp(high) > 0 {
				switch rule {
				case "WRAP":
					next = fit(next, width, signed)
				case "SAT":
					// Redis takes what an unsigned field is set to for an
					// unsigned number: a negative one is large. It takes one for
					// large, too, that is further below a signed field's largest
					// than 64 bits can say.
					far := width < 64 && !new(big.Int).Sub(high, next).IsInt64()
					next = high
					if below && (signed && !far || action == "INCRBY") {
						next = low
					}
				case "FAIL":
					failed = true
				}
			}
			request := []string{"BITFIELD", "k", "OVERFLOW", rule, action, field, strconv.Itoa(at)}
			if action != "GET" {
				request = append(request, strconv.FormatInt(operand, 10))
				bits = padded
			}
			if action == "INCRBY" {
				reply = next
			}
			want := fmt.Sprintf("*1\n:%s\n", reply)
			if failed {
				want = "*1\n$-1\n"
			} else if action != "GET" {
				raw := new(big.Int).And(next, new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), uint(width)), big.NewInt(1)))
				bits = bits[:at] + fmt.Sprintf("%0*s", width, raw.Text(2)) + bits[at+width:]
			}
			if got := s.Do(request...); got != want {
				t.Fatalf("%q: got %q, want %q", request, got, want)
			}
			if got, want := s.Do("GET", "k"), commandtest.Show(commandtest.Encode([][]byte{[]byte(fromBitString(bits))}))[len("*1\n"):]; got != want {
				t.Fatalf("after %q: got %q, want %q", request, got, want)
			}
		}
	})
}

// fit wraps a number around to so many bits.
func fit(n *big.Int, width int, signed bool) *big.Int {
	size := new(big.Int).Lsh(big.NewInt(1), uint(width))
	n = new(big.Int).Mod(n, size)
	if signed && n.Bit(width-1) == 1 {
		n.Sub(n, size)
	}
	return n
}

// A long result is that of what its sources held at one moment, whoever changes
// them while it is made.
func TestBitOpOfLongValuesThatChange(t *testing.T) {
	s := newServer(t)
	other := s.Join()
	const n = 200_000
	values := []string{strings.Repeat("\x0f", n), strings.Repeat("\xf0", n)}
	s.Do("SET", "a", values[0])
	s.Do("SET", "b", values[0])
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for i := 1; ; i++ {
			select {
			case <-stop:
				return
			default:
				other.Raw("MSET", "a", values[i%2], "b", values[i%2])
			}
		}
	}()
	for range 200 {
		if got := s.Do("BITOP", "XOR", "target", "a", "b"); got != ":200000\n" {
			t.Errorf("BITOP: %q", got)
			break
		}
		if got := s.Do("BITCOUNT", "target"); got != ":0\n" {
			t.Errorf("a and b differed in %q bits, and are always the same", got)
			break
		}
	}
	close(stop)
	<-done
	if got := s.Do("BITOP", "NOT", "a", "a"); got != ":200000\n" {
		t.Errorf("BITOP NOT: %q", got)
	}
	if got := s.Do("BITOP", "XOR", "target", "a", "b"); got != ":200000\n" {
		t.Errorf("BITOP XOR: %q", got)
	}
	if got := s.Do("BITCOUNT", "target"); got != ":1600000\n" {
		t.Errorf("BITCOUNT: %q", got)
	}
}
