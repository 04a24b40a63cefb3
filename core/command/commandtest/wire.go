package commandtest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Bytes are the arguments of a request.
func Bytes(args ...string) [][]byte {
	request := make([][]byte, len(args))
	for i, a := range args {
		request[i] = []byte(a)
	}
	return request
}

// Encode writes a request as it goes over the wire.
func Encode(request [][]byte) []byte {
	b := fmt.Appendf(nil, "*%d\r\n", len(request))
	for _, a := range request {
		b = fmt.Appendf(b, "$%d\r\n%s\r\n", len(a), a)
	}
	return b
}

// Bulk is a bulk string as it goes over the wire.
func Bulk(value string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(value), value) }

// Show makes replies readable, in the form that scripts have them: line ends instead
// of CRLF, bytes that can't be printed as in a Go string, and "" for an empty line.
func Show(reply []byte) string {
	var b strings.Builder
	for _, part := range bytes.SplitAfter(reply, []byte("\r\n")) {
		text, whole := bytes.CutSuffix(part, []byte("\r\n"))
		q := strconv.QuoteToASCII(string(text))
		if whole && len(text) == 0 {
			b.WriteString(`""`)
		}
		b.WriteString(strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`))
		if whole {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// ReadReply reads one whole reply of RESP2 or RESP3 and returns it as it went over the
// wire.
func ReadReply(r *bufio.Reader) ([]byte, error) {
	out, err := r.ReadBytes('\n')
	if err != nil {
		return out, err
	}
	n, _ := strconv.Atoi(strings.TrimRight(string(out[1:]), "\r\n"))
	switch out[0] {
	case '$', '=', '!':
		if n >= 0 {
			body := make([]byte, n+2)
			if _, err := io.ReadFull(r, body); err != nil {
				return out, err
			}
			out = append(out, body...)
		}
		return out, nil
	case '%':
		n *= 2
	case '*', '~', '>':
	case '+', '-', ':', '_', ',', '#', '(':
		return out, nil
	default:
		return out, fmt.Errorf("a reply begins with %q", out[0])
	}
	for range n {
		element, err := ReadReply(r)
		if err != nil {
			return out, err
		}
		out = append(out, element...)
	}
	return out, nil
}
