package glob

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func matches(pattern, s string, fold bool) bool {
	p := New([]byte(pattern), fold)
	return p.Match([]byte(s), nil)
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true}, {"", "a", false}, {"a", "", false}, {"*", "", false}, {"*", "abc", true},
		{"abc", "abc", true}, {"abc", "ab", false}, {"ab", "abc", false}, {"abc**", "abc", true},
		{"h?llo", "hello", true}, {"h?llo", "hllo", false}, {"h*llo", "heeello", true},
		{"a*b*c", "axbxc", true}, {"a*b*c", "axcxb", false}, {"*a*", "bab", true}, {"a*a", "a", false},
		{"h[ae]llo", "hallo", true}, {"h[ae]llo", "hillo", false}, {"h[^e]llo", "hallo", true},
		{"h[^e]llo", "hello", false}, {"h[a-c]llo", "hbllo", true}, {"h[c-a]llo", "hbllo", true},
		{"h[a-c]llo", "hdllo", false}, {"a[b-]c", "a-c", false}, {"a[b-]c", "a]", true}, {"a[b-", "a-", true},
		{`a\*b`, "a*b", true}, {`a\*b`, "axb", false}, {`a[\]]b`, "a]b", true}, {`a[\-z]b`, "a-b", true},
		{`a\`, `a\`, true}, {`a\`, "a", false}, {"[[]", "[", true}, {"[", "[", false}, {"ab[c", "abc", true},
		{"abc[]", "abc", false}, {"[^]bc", "abc", true}, {"ab[^", "abc", true}, {"ab[^]", "abc", true},
		{"abc*[", "abcd", false}, {"A*", "abc", false}, {"\x00*", "\x00\xff", true}, {"[\xf0-\xff]", "\xf8", true},
	} {
		if got := matches(c.pattern, c.s, false); got != c.want {
			t.Errorf("globMatch(%q, %q) = %v", c.pattern, c.s, got)
		}
	}
	for _, c := range []struct{ pattern, s string }{{"MaxM*", "maxmemory"}, {"[A-C]?", "bX"}, {`\AB`, "ab"}, {"[Z]", "z"}} {
		if !matches(c.pattern, c.s, true) {
			t.Errorf("globMatch(%q, %q) in any case = false", c.pattern, c.s)
		}
	}
}

// recursive is the plain way to match, which tries every split.
func recursive(p, s []byte, fold bool) bool {
	for len(p) > 0 && len(s) > 0 {
		if p[0] == '*' {
			p = bytes.TrimLeft(p, "*")
			for i := range s {
				if len(p) == 0 || recursive(p, s[i:], fold) {
					return true
				}
			}
			return false
		}
		n, ok := match(p, s[0], fold)
		if !ok {
			return false
		}
		p, s = p[n:], s[1:]
		if len(s) == 0 {
			p = bytes.TrimLeft(p, "*")
		}
	}
	return len(p) == 0 && len(s) == 0
}

func TestMatchAgreesWithRecursion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.StringOfN(rapid.RuneFrom([]rune(`abA*?[]^-\`)), 0, 10, -1).Draw(t, "pattern")
		s := rapid.StringOfN(rapid.RuneFrom([]rune("abB]-")), 0, 10, -1).Draw(t, "string")
		fold := rapid.Bool().Draw(t, "fold")
		if got, want := matches(p, s, fold), recursive([]byte(p), []byte(s), fold); got != want {
			t.Fatalf("%q and %q, fold %v: %v, want %v", p, s, fold, got, want)
		}
	})
}

// backtracking matches with one way back, to the last star.
func backtracking(p, s []byte) bool {
	at, i, star, tried := 0, 0, -1, 0
	for i < len(s) {
		if at < len(p) && p[at] == '*' {
			at++
			star, tried = at, i
			continue
		}
		if at < len(p) {
			if n, ok := match(p[at:], s[i], false); ok {
				at, i = at+n, i+1
				continue
			}
		}
		if star < 0 {
			return false
		}
		tried++
		at, i = star, tried
	}
	return len(bytes.TrimLeft(p[at:], "*")) == 0
}

// Long strings, and patterns that were made from them so that many match.
func TestMatchAgreesWithBacktracking(t *testing.T) {
	r, matched := rand.New(rand.NewPCG(1, 2)), 0
	for range 5000 {
		s := make([]byte, 1+r.IntN(200))
		for i := range s {
			s[i] = "ab"[r.IntN(2)]
		}
		var p []byte
		for i := 0; i < len(s); i++ {
			switch r.IntN(12) {
			case 0:
				p = append(p, '*')
				i += r.IntN(8)
			case 1:
				p = append(p, '?')
			case 2:
				p = append(p, "[ab]"...)
			case 3:
				p = append(p, '*', '?')
				i += r.IntN(8)
			case 4:
				p = append(p, '[', s[i], '-', s[i], ']')
			default:
				p = append(p, s[i])
			}
		}
		if r.IntN(3) == 0 {
			p[r.IntN(len(p))] = 'a'
		}
		got, want := matches(string(p), string(s), false), backtracking(p, s)
		if got != want {
			t.Fatalf("%q and %q: %v, want %v", p, s, got, want)
		}
		if got {
			matched++
		}
	}
	if matched < 1000 {
		t.Errorf("only %d matched", matched)
	}
}

// What a real server answered.
func TestMatchAgreesWithRedis(t *testing.T) {
	text, err := os.ReadFile("testdata/redis.txt")
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if words[0] == "#" {
			continue
		}
		isKeys := words[0] == "keys"
		if isKeys {
			words = words[1:]
		}
		for i, w := range words {
			if words[i], err = strconv.Unquote(w); err != nil {
				t.Fatalf("%s: %v", w, err)
			}
		}
		if isKeys {
			keys = words
			continue
		}
		var found []string
		for _, k := range keys {
			if matches(words[0], k, false) {
				found = append(found, k)
			}
		}
		if strings.Join(found, " ") != strings.Join(words[1:], " ") {
			t.Errorf("%q matches %q, in Redis %q", words[0], found, words[1:])
		}
	}
}

// Patterns that take some matchers a time in proportion to the product of the
// lengths, or exponential, or that they give up.
func TestManyStars(t *testing.T) {
	const n = 50_000
	long := strings.Repeat("a", n+n/5)
	for _, c := range []struct {
		pattern string
		want    bool
	}{
		{strings.Repeat("*?", n), true},
		{strings.Repeat("?*", n), true},
		{strings.Repeat("*a", n), true},
		{strings.Repeat("*?*a", n/2), true},
		{strings.Repeat("*a", n) + "b", false},
		{strings.Repeat("*?", n+n/4), false},
		{strings.Repeat("*", 2*n) + "a", true},
		{"*" + strings.Repeat("a", n) + "*b*", false},
		{"*" + strings.Repeat("a", n) + "b*", false},
		{"*" + strings.Repeat("[a]", n/2) + "b*", false},
		{"*" + strings.Repeat("a?", n/4) + "?[^a]*", false},
		{"*b" + strings.Repeat("?", n/2) + "[b]*", false},
	} {
		if got := matches(c.pattern, long, false); got != c.want {
			t.Errorf("%.10q...: %v", c.pattern, got)
		}
	}
}

// Both ways to find a piece find the same.
func TestFindBitsAgreesWithFind(t *testing.T) {
	r, found := rand.New(rand.NewPCG(3, 4)), 0
	for range 3000 {
		length := 1 + r.IntN(150)
		var text []byte
		for range length {
			text = append(text, []string{"a", "a", "?", "[ab]", "[^b]", `\a`}[r.IntN(6)]...)
		}
		s := make([]byte, length+r.IntN(200))
		for i := range s {
			s[i] = "aaaaaaaaaaaaaaaaaaaaaaaaaaab"[r.IntN(28)]
		}
		want := -1
		var m matcher
		for at := 0; at+length <= len(s) && want < 0; at++ {
			if m.begins(text, s[at:]) {
				want = at
			}
		}
		if got := m.findBits(text, length, s); got != want {
			t.Fatalf("%q in %q: at %d, want %d", text, s, got, want)
		}
		if want >= 0 {
			found++
		}
	}
	if found < 100 {
		t.Errorf("only %d were found", found)
	}
}

// The same for what is longer than a stretch, in pieces that end with a block or in
// the midst of one.
func TestFindBitsAcrossStretches(t *testing.T) {
	for _, length := range []int{1, 63, 64, 65, 128, 200} {
		for _, at := range []int{0, stretch - length/2 - 1, stretch - 1, stretch + 17} {
			text := bytes.Repeat([]byte("?"), length)
			text[length/2] = 'b'
			s := bytes.Repeat([]byte("a"), 2*stretch)
			s[at+length/2] = 'b'
			var m matcher
			if got := m.findBits(text, length, s); got != at {
				t.Errorf("a piece of %d elements: at %d, want %d", length, got, at)
			}
			text[0] = 'c'
			if got := m.findBits(text, length, s); got != -1 {
				t.Errorf("a piece of %d elements that is nowhere: at %d", length, got)
			}
		}
	}
}

// A match that takes long takes little memory, whatever the lengths.
func TestCostlyMatchTakesLittleMemory(t *testing.T) {
	p := New([]byte("*"+strings.Repeat("a?", 10_000)+"?[^a]*"), false)
	s := bytes.Repeat([]byte("a"), 100_000)
	allocated := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.TotalAlloc
	}
	least := uint64(math.MaxUint64) // of a few: others may allocate meanwhile
	for range 3 {
		before := allocated()
		if p.Match(s, nil) {
			t.Fatal("matches")
		}
		least = min(least, allocated()-before)
	}
	if least > 24<<10 {
		t.Errorf("%d bytes for one match", least)
	}
}

// What is long to find ends when nobody wants to know.
func TestMatchEnds(t *testing.T) {
	const n = 1 << 20
	p := New([]byte("*"+strings.Repeat("[a]", n)+"b*"), false)
	asked := 0
	if p.Match(bytes.Repeat([]byte("a"), 2*n), func() bool { asked++; return true }) {
		t.Error("matches")
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

func TestMatchAllocatesNothing(t *testing.T) {
	pattern, s := []byte("user:*:[a-z]*?x"), []byte("user:12345:session:abx")
	if n := testing.AllocsPerRun(100, func() {
		p := New(pattern, false)
		if !p.Match(s, nil) {
			t.Error("does not match")
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
