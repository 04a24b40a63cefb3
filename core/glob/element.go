package glob

// element is the length of a pattern's first element, which is not a star, and
// whether it is a byte that stands for itself.
func element(text []byte) (n int, bare bool) {
	switch {
	case text[0] == '[':
		n, _ = class(text, 0, false)
		return n, false
	case text[0] == '\\' && len(text) >= 2:
		return 2, false
	}
	return 1, text[0] != '?'
}

// match matches one byte against the first element of a pattern and returns
// the length of that element.
func match(text []byte, c byte, fold bool) (n int, ok bool) {
	switch {
	case text[0] == '?':
		return 1, true
	case text[0] == '[':
		return class(text, c, fold)
	case text[0] == '\\' && len(text) >= 2:
		return 2, same(text[1], c, fold)
	}
	return 1, same(text[0], c, fold)
}

func class(text []byte, c byte, fold bool) (n int, ok bool) {
	n = 1
	not := n < len(text) && text[n] == '^'
	if not {
		n++
	}
	for ; n < len(text); n++ {
		rest := text[n:]
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
	return a == b || fold && lower(a) == lower(b)
}

func within(from, to, c byte, fold bool) bool {
	if fold {
		from, to, c = lower(from), lower(to), lower(c)
	}
	return min(from, to) <= c && c <= max(from, to)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}
