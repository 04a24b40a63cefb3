package command

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestGlobMatch(t *testing.T) {
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
		if got := globMatch([]byte(c.pattern), []byte(c.s), false); got != c.want {
			t.Errorf("globMatch(%q, %q) = %v", c.pattern, c.s, got)
		}
	}
	for _, c := range []struct{ pattern, s string }{{"MaxM*", "maxmemory"}, {"[A-C]?", "bX"}, {`\AB`, "ab"}, {"[Z]", "z"}} {
		if !globMatch([]byte(c.pattern), []byte(c.s), true) {
			t.Errorf("globMatch(%q, %q) in any case = false", c.pattern, c.s)
		}
	}
}

// The quick way to match agrees with the plain one, which tries every split.
func TestGlobMatchAgreesWithRecursion(t *testing.T) {
	var recursive func(p, s []byte) bool
	recursive = func(p, s []byte) bool {
		for len(p) > 0 && len(s) > 0 {
			if p[0] == '*' {
				p = bytes.TrimLeft(p, "*")
				for i := range s {
					if len(p) == 0 || recursive(p, s[i:]) {
						return true
					}
				}
				return false
			}
			n, ok := globByte(p, s[0], false)
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
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.StringOfN(rapid.RuneFrom([]rune(`ab*?[]^-\`)), 0, 8, -1).Draw(t, "pattern")
		s := rapid.StringOfN(rapid.RuneFrom([]rune("ab]-")), 0, 8, -1).Draw(t, "string")
		if got, want := globMatch([]byte(p), []byte(s), false), recursive([]byte(p), []byte(s)); got != want {
			t.Fatalf("globMatch(%q, %q) = %v, want %v", p, s, got, want)
		}
	})
}

// A pattern of many stars, which takes some matchers exponential time.
func TestGlobMatchIsNotExponential(t *testing.T) {
	pattern := []byte(strings.Repeat("*a", 50) + "b")
	if globMatch(pattern, bytes.Repeat([]byte("a"), 10_000), false) {
		t.Error("matches")
	}
}
