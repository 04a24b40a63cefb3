package rdb

import (
	"errors"
	"strings"
	"testing"
)

func TestAppendLZF(t *testing.T) {
	tests := []struct {
		name string
		src  []byte
		want string
		err  error
	}{
		{"nothing", nil, "", nil},
		{"literals", []byte{2, 'a', 'b', 'c'}, "abc", nil},
		{"short reference", []byte{2, 'a', 'b', 'c', 1 << 5, 2}, "abcabc", nil},
		{"overlapping reference", []byte{0, 'a', 2 << 5, 0}, "aaaaa", nil},
		{"overlapping pair", []byte{1, 'a', 'b', 5 << 5, 1}, "ababababa", nil},
		{"long reference", []byte{0, 'a', 7 << 5, 255, 0}, strings.Repeat("a", 265), nil},
		{"reference before the start", []byte{0, 'a', 1 << 5, 1}, "aaaa", errLZFRef},
		{"reference at the start", []byte{1 << 5, 0}, "aaa", errLZFRef},
		{"literals cut", []byte{2, 'a', 'b'}, "abc", errLZFShort},
		{"reference cut", []byte{0, 'a', 1 << 5}, "aaaa", errLZFShort},
		{"long reference cut", []byte{0, 'a', 7 << 5}, "aaaa", errLZFShort},
		{"long reference cut later", []byte{0, 'a', 7 << 5, 1}, "aaaa", errLZFShort},
		{"too much", []byte{2, 'a', 'b', 'c'}, "ab", errLZFSize},
		{"too little", []byte{2, 'a', 'b', 'c'}, "abcd", errLZFSize},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			// What is in dst already is neither changed nor referred to.
			got, err := appendLZF([]byte("before"), test.src, len(test.want))
			if !errors.Is(err, test.err) || (err == nil) != (test.err == nil) {
				t.Fatalf("error %v, want %v", err, test.err)
			}
			if err == nil && string(got) != "before"+test.want {
				t.Fatalf("got %q, want %q", got, "before"+test.want)
			}
		})
	}
}
