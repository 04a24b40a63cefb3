package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
)

// A key is "key:" and twelve digits: what redis-benchmark uses.
const (
	keyDigits = 12
	keyBytes  = 4 + keyDigits
	maxKeys   = 100_000_000
	maxValue  = 8 << 10 // so that a batch fits the socket buffers
)

// load is what the generator sends and what it expects back.
type load struct {
	name     string // for -only
	title    string
	set      bool // SET, or else GET
	pipeline int
	value    int // bytes
	keys     int
}

func loads(value, keys int) []load {
	return []load{
		{"get-p30", "GET, pipeline 30", false, 30, value, keys},
		{"set-p30", "SET, pipeline 30", true, 30, value, keys},
		{"get-p1", "GET, pipeline 1", false, 1, value, keys},
		{"set-p1", "SET, pipeline 1", true, 1, value, keys},
	}
}

func scenarioNames() []string {
	var names []string
	for _, l := range loads(0, 0) {
		names = append(names, l.name)
	}
	return append(names, memoryScenario, hashScenario, growthScenario)
}

// batch is one pipeline of requests, encoded once: only the digits of the keys
// change from use to use.
type batch struct {
	bytes []byte
	keys  [][]byte // the digits of each key, inside bytes
	// The replies to all requests of the batch have the same size and first
	// byte, which makes counting them a matter of counting bytes.
	replySize int
	replyKind byte
}

func newBatch(l load) *batch {
	value := testValue(l.value)
	request := fmt.Appendf(nil, "*2\r\n$3\r\nGET\r\n$%d\r\nkey:%0*d\r\n", keyBytes, keyDigits, 0)
	b := &batch{replySize: len(fmt.Sprintf("$%d\r\n\r\n", l.value)) + l.value, replyKind: '$'}
	if l.set {
		request = fmt.Appendf(nil, "*3\r\n$3\r\nSET\r\n$%d\r\nkey:%0*d\r\n$%d\r\n%s\r\n", keyBytes, keyDigits, 0, l.value, value)
		b.replySize, b.replyKind = len("+OK\r\n"), '+'
	}
	at := bytes.Index(request, []byte("key:")) + len("key:")
	b.bytes = bytes.Repeat(request, l.pipeline)
	for i := range l.pipeline {
		b.keys = append(b.keys, b.bytes[i*len(request)+at:][:keyDigits])
	}
	return b
}

// testValue is incompressible printable text, the same in every run.
func testValue(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	v := make([]byte, n)
	for i := range v {
		v[i] = byte('!' + r.IntN('~'-'!'+1))
	}
	return v
}

// randomise puts keys below n into the batch.
func (b *batch) randomise(r *rand.PCG, n uint64) {
	for _, digits := range b.keys {
		// The high half of a 64-bit number times n is even enough here.
		putDigits(digits, (r.Uint64()>>32)*n>>32)
	}
}

// sequence puts consecutive keys into the batch; they wrap around at n.
func (b *batch) sequence(from, n uint64) {
	for i, digits := range b.keys {
		putDigits(digits, (from+uint64(i))%n)
	}
}

func putDigits(to []byte, n uint64) {
	for i := len(to) - 1; i >= 0; i-- {
		to[i] = byte('0' + n%10)
		n /= 10
	}
}
