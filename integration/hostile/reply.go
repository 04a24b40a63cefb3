package hostile

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"
)

// skip reads one reply to its end without keeping it. Errors are counted by
// their first word.
func (a *attackers) skip(r *bufio.Reader) error {
	for left := 1; left > 0; left-- {
		line, err := readLine(r)
		if err != nil {
			return err
		}
		switch line[0] {
		case '+', ':', '_', ',', '#', '(':
			continue
		case '-':
			a.refused(line[1:])
			continue
		}
		n, err := strconv.Atoi(line[1:])
		if err != nil {
			return fmt.Errorf("hostile: malformed reply %.80q", line)
		}
		if n < 0 {
			continue
		}
		switch line[0] {
		case '$', '=', '!':
			if _, err := r.Discard(n + len("\r\n")); err != nil {
				return err
			}
		case '*', '~', '>':
			left += n
		case '%':
			left += 2 * n
		case '|':
			left += 2*n + 1
		default:
			return fmt.Errorf("hostile: malformed reply %.80q", line)
		}
	}
	return nil
}

// readLine returns a line without its end, and at least one byte.
func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", fmt.Errorf("hostile: an empty line where a reply begins")
	}
	return line, nil
}

func (a *attackers) refused(message string) {
	word, _, _ := strings.Cut(message, " ")
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.refusals == nil {
		a.refusals = map[string]int{}
	}
	a.refusals[word]++
}
