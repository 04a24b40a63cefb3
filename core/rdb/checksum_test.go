package rdb

import (
	"bytes"
	"hash/crc64"
	"math/rand/v2"
	"testing"
)

func TestChecksum(t *testing.T) {
	if got := checksum(0, []byte("123456789")); got != 0xe9c6d914c4b8d9ca {
		t.Errorf("checksum of 123456789 is %016x, want e9c6d914c4b8d9ca", got)
	}
	if got := checksum(7, nil); got != 7 {
		t.Errorf("the checksum of nothing changes 7 to %d", got)
	}
	// The standard library inverts before and after.
	reference := crc64.MakeTable(jones)
	p := bytes.Repeat([]byte("0123456789abcdef-"), 200)
	for n := range p {
		want := ^crc64.Update(^uint64(n), reference, p[:n])
		if got := checksum(uint64(n), p[:n]); got != want {
			t.Fatalf("the sum of %d bytes is %016x, want %016x", n, got, want)
		}
		if got := checksumTables(uint64(n), p[:n]); got != want {
			t.Fatalf("the sum of %d bytes by tables is %016x, want %016x", n, got, want)
		}
	}
}

func TestCombine(t *testing.T) {
	p := make([]byte, 70_000)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range p {
		p[i] = byte(r.Uint32())
	}
	want := checksum(0, p)
	for _, cut := range []int{0, 1, 7, 8, 255, 256, 4096, 65_535, 69_999, len(p)} {
		if got := combine(checksum(0, p[:cut]), checksum(0, p[cut:]), int64(len(p)-cut)); got != want {
			t.Errorf("cut at %d: %016x, want %016x", cut, got, want)
		}
	}
}

func BenchmarkChecksum(b *testing.B) {
	p := make([]byte, 256<<10)
	b.SetBytes(int64(len(p)))
	for b.Loop() {
		checksum(0, p)
	}
}

func BenchmarkCombine(b *testing.B) {
	for b.Loop() {
		combine(1<<60-1, 1, 256<<10-1)
	}
}
