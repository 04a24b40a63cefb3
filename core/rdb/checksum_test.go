package rdb

import (
	"bytes"
	"testing"
)

func TestChecksum(t *testing.T) {
	if got := checksum(0, []byte("123456789")); got != 0xe9c6d914c4b8d9ca {
		t.Errorf("checksum of 123456789 is %016x, want e9c6d914c4b8d9ca", got)
	}
	if got := checksum(7, nil); got != 7 {
		t.Errorf("the checksum of nothing changes 7 to %d", got)
	}
	// Large blocks take another path of the library than small ones.
	p := bytes.Repeat([]byte("0123456789abcdef-"), 10_000)
	whole := checksum(0, p)
	var pieces uint64
	for rest := p; len(rest) > 0; rest = rest[min(13, len(rest)):] {
		pieces = checksum(pieces, rest[:min(13, len(rest))])
	}
	if whole != pieces {
		t.Errorf("in one block %016x, in pieces %016x", whole, pieces)
	}
}
