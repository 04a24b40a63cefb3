// Package glob matches strings against patterns as Redis has them: * ? [a-z]
// [^a-z] and a backslash before a byte that is meant as itself. A class that is
// not closed ends with the pattern, and a backslash at the end is itself.
//
// An empty string matches an empty pattern only, not even "*": callers that
// want everything for "*" ask for it.
//
// Every element but a star takes exactly one byte. So what is between two stars
// has a length, what stands before the first is at the beginning of the string,
// what comes after the last is at its end, and of the others each may be taken
// where it comes first: nothing is ever tried again that was passed. A match
// takes time in proportion to the lengths of the pattern and of the string, as
// long as what is between stars has bytes alone, or question marks alone; with
// both, or with classes, it is a 64th of their product in the worst case, in a
// piece of up to maxBits elements. It takes no memory but for patterns that are
// made to take long.
//
// Concurrency: a Pattern does not change and may be used from any goroutine.
package glob

import "bytes"

// Pattern is a pattern that is ready to be matched.
type Pattern struct {
	text []byte
	fold bool
	min  int  // bytes that a string has at least
	bare bool // nothing but bytes that stand for themselves
}

// New reads a pattern, which it keeps: it must not change. fold ignores the
// case of ASCII letters.
func New(text []byte, fold bool) Pattern {
	p := Pattern{text: text, fold: fold, bare: !fold}
	for at := 0; at < len(text); {
		if text[at] == '*' {
			p.bare = false
			at++
			continue
		}
		n, bare := element(text[at:])
		p.bare = p.bare && bare
		p.min++
		at += n
	}
	return p
}

// pollEvery is how many bytes are compared between two calls of Match's gone,
// about: a small part of a millisecond.
const pollEvery = 1 << 16

// Match says whether s matches. Where that may take long, gone is asked again
// and again whether nobody wants to know any more, in which case the answer is
// false; nil: somebody always does.
func (p *Pattern) Match(s []byte, gone func() bool) bool {
	switch {
	case len(s) < p.min || len(s) == 0:
		return len(s) == len(p.text)
	case p.bare:
		return bytes.Equal(p.text, s)
	}
	m := matcher{fold: p.fold, gone: gone}
	text := p.text
	n, length, _ := piece(text)
	if len(s) < length || !m.begins(text[:n], s) {
		return false
	}
	s = s[length:]
	if text = text[n:]; len(text) == 0 {
		return len(s) == 0
	}
	for {
		// text begins with a star, and s is what may be under it and after it.
		skip := 0
		for len(text) > 0 && (text[0] == '*' || text[0] == '?') {
			if text[0] == '?' {
				skip++
			}
			text = text[1:]
		}
		if len(s) < skip {
			return false
		}
		if s = s[skip:]; len(text) == 0 {
			return true
		}
		n, length, bare := piece(text)
		if n == len(text) {
			return len(s) >= length && m.begins(text, s[len(s)-length:])
		}
		at := m.find(text[:n], length, bare, s)
		if at < 0 {
			return false
		}
		text, s = text[n:], s[at+length:]
	}
}

// piece is what comes before the first star: its length in the pattern and in a
// string, and whether it is nothing but bytes that stand for themselves.
func piece(text []byte) (n, length int, bare bool) {
	bare = true
	for n < len(text) && text[n] != '*' {
		size, plain := element(text[n:])
		bare = bare && plain
		n += size
		length++
	}
	return n, length, bare
}

// matcher is one match that is under way.
type matcher struct {
	fold  bool
	gone  func() bool
	steps int // since gone was asked
	over  bool
}

// ended counts bytes of the pattern that were compared and says whether nobody
// wants to know any more.
func (m *matcher) ended(steps int) bool {
	if m.steps += steps; m.steps < pollEvery {
		return false
	}
	m.steps, m.over = 0, m.over || m.gone != nil && m.gone()
	return m.over
}

// patience is how many bytes of the pattern find compares for each byte of the
// string before it goes over to findBits.
const patience = 16

// find is where in s a piece without stars is first, or -1.
func (m *matcher) find(text []byte, length int, bare bool, s []byte) int {
	if bare && !m.fold {
		return bytes.Index(s, text)
	}
	left := patience * len(s)
	for at := 0; at+length <= len(s); at++ {
		n, ok := m.here(text, s[at:])
		if ok {
			return at
		}
		if m.over {
			return -1
		}
		if left -= n; left < 0 && length <= maxBits {
			if found := m.findBits(text, length, s[at+1:]); found >= 0 {
				return at + 1 + found
			}
			return -1
		}
	}
	return -1
}

// here says whether s begins with what a piece without stars stands for, and
// how many bytes of the piece it has compared. s is as long at least.
func (m *matcher) here(text, s []byte) (compared int, ok bool) {
	for i := 0; compared < len(text); i++ {
		n, ok := match(text[compared:], s[i], m.fold)
		compared += n
		if m.ended(n) || !ok {
			return compared, false
		}
	}
	return compared, true
}

// begins is here for who only wants to know whether.
func (m *matcher) begins(text, s []byte) bool {
	_, ok := m.here(text, s)
	return ok
}
