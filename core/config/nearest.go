package config

import "strings"

// Nearest returns the one of names that a person who wrote name most likely
// meant, if any is near enough: an edit distance of at most a third of the
// length, ignoring case and the difference between "-" and "_".
func Nearest(name string, names []string) (string, bool) {
	fold := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "-") }
	best, bestDistance := "", len(name)/3+1
	if len(name) > maxNearest {
		return "", false
	}
	for _, n := range names {
		if d := distance(fold(name), fold(n)); d < bestDistance {
			best, bestDistance = n, d
		}
	}
	return best, best != ""
}

// NearestModule is Nearest for names of modules and sections, whose words say more than
// their letters: first of all it is the first name that has all the words of name, in
// order, as "eviction.allkeys-lru" has those of "eviction.lru"; failing that, the one
// that is near as a whole; and failing that, the first whose words are near.
func NearestModule(name string, names []string) (string, bool) {
	if best, ok := withWords(name, names, func(a, b string) bool { return a == b }); ok {
		return best, true
	}
	if best, ok := Nearest(name, names); ok {
		return best, true
	}
	return withWords(name, names, func(a, b string) bool {
		_, ok := Nearest(a, []string{b})
		return ok
	})
}

// withWords finds the first of the names that has words like all those of name, in their
// order, and as few others as any.
func withWords(name string, names []string, like func(a, b string) bool) (string, bool) {
	words := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == '.' || r == '-' || r == '_' })
	}
	if len(name) > maxNearest {
		return "", false
	}
	asked := words(name)
	best, others := "", 0
	for _, n := range names {
		found, has := 0, words(n)
		for _, w := range has {
			if found < len(asked) && like(asked[found], w) {
				found++
			}
		}
		if len(asked) > 0 && found == len(asked) && (best == "" || len(has) < others) {
			best, others = n, len(has)
		}
	}
	return best, best != ""
}

// maxNearest bounds the names that are compared: none of ours is as long, and the
// distance is quadratic.
const maxNearest = 128

// distance is the number of single-byte insertions, deletions, replacements
// and swaps of neighbours that turn a into b.
func distance(a, b string) int {
	var before []int // the row two back, for swaps
	prev := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev = prev, row
	}
	return prev[len(b)]
}
