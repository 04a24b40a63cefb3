package strings_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/redistill-go/redistill/core/command/commandtest"
)

// lcsTable is the textbook's table of the lengths for all pairs of prefixes.
func lcsTable(a, b string) [][]int {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
		for j := range table[i] {
			switch {
			case i == 0 || j == 0:
			case a[i-1] == b[j-1]:
				table[i][j] = table[i-1][j-1] + 1
			default:
				table[i][j] = max(table[i-1][j], table[i][j-1])
			}
		}
	}
	return table
}

// lcsPieces walks the table back as Redis does: of two ways that are as good,
// the one that leaves out a byte of b.
func lcsPieces(a, b string) (pieces [][3]int, common string) {
	table := lcsTable(a, b)
	n := 0
	flush := func(i, j int) {
		if n > 0 {
			pieces = append(pieces, [3]int{i, j, n})
		}
		n = 0
	}
	i, j := len(a), len(b)
	for i > 0 && j > 0 {
		switch {
		case a[i-1] == b[j-1]:
			i, j, n = i-1, j-1, n+1
			common = a[i:i+1] + common
			continue
		case table[i-1][j] > table[i][j-1]:
			flush(i, j)
			i--
		default:
			flush(i, j)
			j--
		}
	}
	flush(i, j)
	return pieces, common
}

func TestLCSAgreesWithModel(t *testing.T) {
	s := newServer(t)
	letters := rapid.StringMatching(`[ab]{0,20}|[abc]{0,150}|[a-z]{0,80}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := letters.Draw(t, "a"), letters.Draw(t, "b")
		least := rapid.IntRange(0, 4).Draw(t, "least")
		s.Do("MSET", "a", a, "b", b)
		pieces, common := lcsPieces(a, b)
		if got, want := s.Raw("LCS", "a", "b"), fmt.Sprintf("$%d\r\n%s\r\n", len(common), common); got != want {
			t.Fatalf("LCS %q %q: got %q, want %q", a, b, got, want)
		}
		if got, want := s.Do("LCS", "a", "b", "LEN"), fmt.Sprintf(":%d\n", len(common)); got != want {
			t.Fatalf("LCS %q %q LEN: got %q, want %q", a, b, got, want)
		}
		var matches strings.Builder
		n := 0
		for _, p := range pieces {
			if p[2] < least {
				continue
			}
			n++
			fmt.Fprintf(&matches, "*3\n*2\n:%d\n:%d\n*2\n:%d\n:%d\n:%d\n", p[0], p[0]+p[2]-1, p[1], p[1]+p[2]-1, p[2])
		}
		want := fmt.Sprintf("*4\n$7\nmatches\n*%d\n%s$3\nlen\n:%d\n", n, matches.String(), len(common))
		if got := s.Do("LCS", "a", "b", "IDX", "WITHMATCHLEN", "MINMATCHLEN", fmt.Sprint(least)); got != want {
			t.Fatalf("LCS %q %q IDX MINMATCHLEN %d: got %q, want %q", a, b, least, got, want)
		}
	})
}

func TestLCSLimit(t *testing.T) {
	s := newServer(t)
	s.Env.MaxBulk = 4 * 101 * 101
	s.Do("MSET", "a", strings.Repeat("a", 100), "b", strings.Repeat("b", 101))
	if got := s.Do("LCS", "a", "a", "LEN"); got != ":100\n" {
		t.Errorf("at the limit: %q", got)
	}
	if got := s.Do("LCS", "a", "b"); got != "-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len\n" {
		t.Errorf("above the limit: %q", got)
	}
}

// Values do not grow beyond what a client could send.
func TestLongestValue(t *testing.T) {
	s := newServer(t)
	s.Env.MaxBulk = 1024
	const tooLong = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\n"
	s.Walk(t, []commandtest.Step{
		{0, []string{"SETRANGE", "k", "1023", "x"}, ":1024\n"},
		{0, []string{"SETRANGE", "k", "1024", "x"}, tooLong},
		{0, []string{"SETRANGE", "k", "9223372036854775807", "x"}, tooLong},
		{0, []string{"APPEND", "k", "x"}, tooLong},
		{0, []string{"SETBIT", "k", "8191", "1"}, ":0\n"},
		{0, []string{"SETBIT", "k", "8192", "1"}, "-ERR bit offset is not an integer or out of range\n"},
		{0, []string{"BITFIELD", "k", "SET", "u8", "#1023", "1"}, "*1\n:121\n"},
		{0, []string{"BITFIELD", "k", "SET", "u8", "#1024", "1"}, "-ERR bit offset is not an integer or out of range\n"},
		{0, []string{"STRLEN", "k"}, ":1024\n"},
	})
}
