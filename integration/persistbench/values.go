package main

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// The kinds of values: text is words in random order, which compresses to
// about half, and random is random bytes, which does not compress at all.
const (
	text   = "text"
	random = "random"
)

var kinds = []string{text, random}

// words make text: few, so that they come again within one value, which Redis
// compresses by itself.
var words = strings.Fields(`session customer product quantity country delivery payment invoice
category discount shipping warehouse`)

// poolBytes are so many that a value hardly ever comes twice in a row of
// neighbours that a compressor sees at once.
const poolBytes = 16 << 20

// values hands out values of one kind and size.
type values struct {
	pool []byte
	size int
	rand *rand.PCG
}

func newValues(kind string, size int) *values {
	v := &values{pool: make([]byte, 0, poolBytes+size+16), size: size, rand: rand.NewPCG(5, 6)}
	for len(v.pool) < poolBytes+size {
		if kind == text {
			v.pool = append(append(v.pool, words[v.below(len(words))]...), ' ')
			continue
		}
		v.pool = append(v.pool, byte(v.rand.Uint64()>>32))
	}
	return v
}

// below is a random number below n.
func (v *values) below(n int) int {
	return int((v.rand.Uint64() >> 32) * uint64(n) >> 32)
}

// next is some value; it must not be changed.
func (v *values) next() []byte {
	at := v.below(poolBytes)
	return v.pool[at : at+v.size]
}

// A key is "key:" and twelve digits.
const (
	keyDigits = 12
	keyBytes  = 4 + keyDigits
)

// appendKey appends the key with this number as a bulk string.
func appendKey(b []byte, n int) []byte {
	b = append(b, "$16\r\nkey:000000000000\r\n"...)
	digits := b[len(b)-2-keyDigits : len(b)-2]
	for i := keyDigits - 1; n > 0; i-- {
		digits[i] = byte('0' + n%10)
		n /= 10
	}
	return b
}

// appendSet appends a SET of the key to some value.
func (v *values) appendSet(b []byte, key int) []byte {
	b = appendKey(append(b, "*3\r\n$3\r\nSET\r\n"...), key)
	b = strconv.AppendInt(append(b, '$'), int64(v.size), 10)
	b = append(append(b, "\r\n"...), v.next()...)
	return append(b, "\r\n"...)
}

// appendGet appends a GET of the key.
func appendGet(b []byte, key int) []byte {
	return appendKey(append(b, "*2\r\n$3\r\nGET\r\n"...), key)
}
