package commandtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// script is a file of requests, each followed by the reply that Redis gives. A line
// that begins with "> " is a request: arguments apart by spaces, quoted as in Go where
// need be. The lines after it are the reply as Show shows it. A request that begins
// with "= " is one to which this server replies something else, for the reason that a
// comment before it gives; recording leaves it alone. "# " begins a comment, "@ " an
// option that the server is started with. "@ hello 3" is sent as a request before the
// others.
type script struct {
	name    string
	options []string
	resp3   bool
	lines   []line
}

// line is a request with its reply, or text that is kept as it is.
type line struct {
	number  int
	text    string
	request [][]byte
	own     bool // the reply is this server's own
	reply   string
}

func readScripts(t *testing.T, dir string) []script {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts (*.txt) in %s: %v", dir, err)
	}
	var all []script
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s, err := parseScript(file, string(text))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

func parseScript(name, text string) (script, error) {
	s := script{name: name}
	for i, l := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		switch {
		case l == "" || strings.HasPrefix(l, "#"):
			s.lines = append(s.lines, line{number: i + 1, text: l})
		case strings.HasPrefix(l, "@ "):
			s.lines = append(s.lines, line{number: i + 1, text: l})
			if l == "@ hello 3" {
				s.resp3 = true
				continue
			}
			s.options = append(s.options, l[2:])
		case strings.HasPrefix(l, "> "), strings.HasPrefix(l, "= "):
			request, err := splitArgs(l[2:])
			if err != nil {
				return s, fmt.Errorf("%s:%d: %w", name, i+1, err)
			}
			s.lines = append(s.lines, line{number: i + 1, text: l, request: request, own: l[0] == '='})
		default:
			if len(s.lines) == 0 {
				return s, fmt.Errorf("%s:%d: a reply without a request", name, i+1)
			}
			s.lines[len(s.lines)-1].reply += l + "\n"
		}
	}
	return s, nil
}

func splitArgs(l string) ([][]byte, error) {
	var out [][]byte
	for l = strings.TrimLeft(l, " "); l != ""; l = strings.TrimLeft(l, " ") {
		if l[0] != '"' {
			word, rest, _ := strings.Cut(l, " ")
			out, l = append(out, []byte(word)), rest
			continue
		}
		quoted, err := strconv.QuotedPrefix(l)
		if err != nil {
			return nil, fmt.Errorf("bad quoting in %s: %w", l, err)
		}
		word, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, fmt.Errorf("bad quoting in %s: %w", l, err)
		}
		out, l = append(out, []byte(word)), l[len(quoted):]
	}
	return out, nil
}

func (s script) String() string {
	var b strings.Builder
	for _, l := range s.lines {
		b.WriteString(l.text + "\n" + l.reply)
	}
	return b.String()
}
