package command

// Span turns positions, which count from the end if they are negative, into
// the bytes first to last-1 of a value of n bytes.
func Span(from, to, n int64) (first, last int64) {
	if from < 0 && to < 0 && from > to {
		return 0, 0
	}
	return Clamp(from, to, n)
}

// Clamp is span for commands that take two negative positions in the wrong
// order as both being the first.
func Clamp(from, to, n int64) (first, last int64) {
	if from < 0 {
		from = max(from+n, 0)
	}
	if to < 0 {
		to = max(to+n, 0)
	}
	to = min(to, n-1)
	if from > to {
		return 0, 0
	}
	return from, to + 1
}
