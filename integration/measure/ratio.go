package measure

import "slices"

// Ratios divides pair by pair: what was measured in the same round.
func Ratios(ours, theirs []float64) []float64 {
	q := make([]float64, len(ours))
	for i := range ours {
		q[i] = ours[i] / theirs[i]
	}
	return q
}

// Median returns the middle of at least one value.
func Median(values []float64) float64 {
	v := slices.Sorted(slices.Values(values))
	mid := len(v) / 2
	if len(v)%2 == 1 {
		return v[mid]
	}
	return (v[mid-1] + v[mid]) / 2
}
