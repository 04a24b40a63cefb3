package command

// globMatch says whether s matches a glob pattern as Redis has them: * ? [a-z]
// [^a-z] and a backslash before a byte that is meant as itself. A class that
// is not closed ends with the pattern. fold ignores the case of ASCII letters.
//
// An empty s matches an empty pattern only, not even "*": callers that want
// everything for "*" ask for it.
//
// Every element but a star takes exactly one byte, so that it is enough to go
// back to the last star: the time is at most len(pattern) * len(s).
func globMatch(pattern, s []byte, fold bool) bool {
	if len(s) == 0 {
		return len(pattern) == 0
	}
	p, i := 0, 0
	star, tried := -1, 0 // after the last star, and where it was tried last
	for i < len(s) {
		if p < len(pattern) && pattern[p] == '*' {
			for p < len(pattern) && pattern[p] == '*' {
				p++
			}
			if p == len(pattern) {
				return true
			}
			star, tried = p, i
			continue
		}
		if p < len(pattern) {
			if n, ok := globByte(pattern[p:], s[i], fold); ok {
				p, i = p+n, i+1
				continue
			}
		}
		if star < 0 {
			return false
		}
		tried++
		p, i = star, tried
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// globByte matches one byte against the first element of a pattern and returns
// the length of that element.
func globByte(pattern []byte, c byte, fold bool) (n int, ok bool) {
	switch {
	case pattern[0] == '?':
		return 1, true
	case pattern[0] == '[':
		return globClass(pattern, c, fold)
	case pattern[0] == '\\' && len(pattern) >= 2:
		return 2, same(pattern[1], c, fold)
	}
	return 1, same(pattern[0], c, fold)
}

func globClass(pattern []byte, c byte, fold bool) (n int, ok bool) {
	n = 1
	not := n < len(pattern) && pattern[n] == '^'
	if not {
		n++
	}
	for ; n < len(pattern); n++ {
		rest := pattern[n:]
		switch {
		case rest[0] == '\\' && len(rest) >= 2:
			ok = ok || same(rest[1], c, fold)
			n++
		case rest[0] == ']':
			return n + 1, ok != not
		case len(rest) >= 3 && rest[1] == '-':
			ok = ok || within(rest[0], rest[2], c, fold)
			n += 2
		default:
			ok = ok || same(rest[0], c, fold)
		}
	}
	return n, ok != not
}

func same(a, b byte, fold bool) bool {
	return a == b || fold && lowerByte(a) == lowerByte(b)
}

func within(from, to, c byte, fold bool) bool {
	if fold {
		from, to, c = lowerByte(from), lowerByte(to), lowerByte(c)
	}
	return min(from, to) <= c && c <= max(from, to)
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}
