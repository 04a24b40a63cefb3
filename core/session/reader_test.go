package session

import (
	"bytes"
	"fmt"
	"strconv"
)

// readReply reads one reply of RESP2 or RESP3 and returns what follows it. It
// shares no code with the writer.
func readReply(b []byte) (rest []byte, err error) {
	line, rest, ok := bytes.Cut(b, []byte("\r\n"))
	if !ok || len(line) == 0 {
		return nil, fmt.Errorf("no reply begins with %.40q", b)
	}
	text := string(line[1:])
	switch line[0] {
	case '+', '-':
		if bytes.ContainsAny(line, "\r\n") {
			return nil, fmt.Errorf("a line break in %q", line)
		}
		return rest, nil
	case ':':
		_, err := strconv.ParseInt(text, 10, 64)
		return rest, err
	case ',':
		_, err := strconv.ParseFloat(text, 64)
		return rest, err
	case '_':
		if text != "" {
			return nil, fmt.Errorf("null is %q", line)
		}
		return rest, nil
	case '#':
		if text != "t" && text != "f" {
			return nil, fmt.Errorf("boolean is %q", line)
		}
		return rest, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil, fmt.Errorf("length of %q: %w", line, err)
	}
	switch line[0] {
	case '$', '=':
		if n == -1 && line[0] == '$' {
			return rest, nil
		}
		if n < 0 || len(rest) < n+2 || string(rest[n:n+2]) != "\r\n" {
			return nil, fmt.Errorf("%q is followed by %d bytes and not by so many and a line end", line, len(rest))
		}
		return rest[n+2:], nil
	case '*', '~', '%', '>':
		if line[0] == '%' {
			n *= 2
		}
		for range n {
			if rest, err = readReply(rest); err != nil {
				return nil, err
			}
		}
		return rest, nil
	}
	return nil, fmt.Errorf("%q begins no reply", line)
}

// countReplies reads replies to the end of b.
func countReplies(b []byte) (n int, err error) {
	for ; len(b) > 0; n++ {
		if b, err = readReply(b); err != nil {
			return n, fmt.Errorf("reply %d: %w", n, err)
		}
	}
	return n, nil
}
