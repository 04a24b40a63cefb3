package resp

import "bytes"

// inlineRequest reads a request that is a line of words, as a person types it:
// words may be quoted as in Redis's sdssplitargs.
func (p *Parser) inlineRequest(in []byte) Status {
	line := in[p.pos:min(len(in), p.pos+maxLine+1)]
	nl := bytes.IndexByte(line, '\n')
	if nl < 0 {
		if len(line) > maxLine {
			return p.fail("too big inline request")
		}
		return Incomplete
	}
	if !p.split(bytes.TrimSuffix(line[:nl], []byte{'\r'}), p.pos) {
		return p.fail("unbalanced quotes in request")
	}
	p.pos += nl + 1
	return Complete
}

// split adds a span for each word of line, which starts at off in the input. A
// word with quotes is written back over itself: resolved, it is never longer.
func (p *Parser) split(line []byte, off int) bool {
	i := 0
	for {
		for i < len(line) && isSpace(line[i]) {
			i++
		}
		if i == len(line) {
			return true
		}
		start, to := i, i
		for i < len(line) && !endsWord(line[i]) {
			quote := line[i]
			if quote != '"' && quote != '\'' {
				line[to] = line[i]
				i, to = i+1, to+1
				continue
			}
			for i++; ; {
				if i == len(line) {
					return false // no closing quote
				}
				if line[i] == quote {
					break
				}
				c, n := unescape(line[i:], quote)
				line[to] = c
				i, to = i+n, to+1
			}
			if i++; i < len(line) && !isSpace(line[i]) {
				return false // something right after a closing quote
			}
			break
		}
		p.spans.Add(p.Pool, Span{Off: int32(off + start), Len: int32(to - start)})
	}
}

// unescape reads one character inside quotes and says how many bytes it took.
func unescape(b []byte, quote byte) (c byte, n int) {
	if b[0] != '\\' || len(b) == 1 {
		return b[0], 1
	}
	if quote == '\'' {
		if b[1] == '\'' {
			return '\'', 2
		}
		return b[0], 1
	}
	if len(b) >= 4 && b[1] == 'x' {
		if hi, ok := hex(b[2]); ok {
			if lo, ok := hex(b[3]); ok {
				return hi<<4 | lo, 4
			}
		}
	}
	switch b[1] {
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'b':
		return '\b', 2
	case 'a':
		return '\a', 2
	}
	return b[1], 2
}

func hex(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

func isSpace(c byte) bool {
	return c == ' ' || '\t' <= c && c <= '\r'
}

// endsWord leaves out the vertical tab and the form feed, which are space only
// between words; sdssplitargs does the same.
func endsWord(c byte) bool {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n'
}
