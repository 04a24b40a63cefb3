package config

import "strings"

// Nearest returns the one of names that a person who wrote name most likely
// meant, if any is near enough: an edit distance of at most a third of the
// length, ignoring case and the difference between "-" and "_".
func Nearest(name string, names []string) (string, bool) {
	fold := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "-") }
	best, bestDistance := "", len(name)/3+1
	if len(name) > 128 {
		return "", false // no name of ours is, and the distance is quadratic
	}
	for _, n := range names {
		if d := distance(fold(name), fold(n)); d < bestDistance {
			best, bestDistance = n, d
		}
	}
	return best, best != ""
}

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
