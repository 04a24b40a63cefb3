package basics_test

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/command/commandtest"
)

// The long replies about commands are whole: every announced element is there
// and nothing follows.
func TestCommandRepliesAreWellFormed(t *testing.T) {
	for _, proto := range []string{"2", "3"} {
		s := newServer(t)
		s.Do("HELLO", proto)
		for _, request := range []string{
			"COMMAND", "COMMAND INFO", "COMMAND INFO get client client|id", "COMMAND DOCS", "COMMAND DOCS set config config|get",
			"COMMAND LIST", "COMMAND HELP", "CONFIG GET *", "CLIENT LIST", "INFO",
		} {
			reply := s.Raw(strings.Fields(request)...)
			r := bufio.NewReader(strings.NewReader(reply))
			if _, err := commandtest.ReadReply(r); err != nil {
				t.Errorf("RESP%s %s: %v", proto, request, err)
			}
			if rest, _ := io.ReadAll(r); len(rest) > 0 {
				t.Errorf("RESP%s %s: %d bytes too many, beginning with %.40q", proto, request, len(rest), rest)
			}
		}
	}
}

func TestCommandCountAndList(t *testing.T) {
	s := newServer(t)
	n := len(s.Env.Table.Commands())
	if got := s.Do("COMMAND", "COUNT"); got != ":"+strconv.Itoa(n)+"\n" {
		t.Errorf("COMMAND COUNT: %q, want %d", got, n)
	}
	for _, request := range []string{"COMMAND", "COMMAND INFO"} {
		if got := s.Do(strings.Fields(request)...); !strings.HasPrefix(got, "*"+strconv.Itoa(n)+"\n") {
			t.Errorf("%s begins with %.10q, want %d commands", request, got, n)
		}
	}
	if got := s.Do("COMMAND", "LIST"); !strings.HasPrefix(got, "*"+strconv.Itoa(s.Env.Table.Len())+"\n") {
		t.Errorf("COMMAND LIST begins with %.10q, want %d names", got, s.Env.Table.Len())
	}
	if got := s.Do("COMMAND", "LIST", "FILTERBY", "ACLCAT", "Admin"); !strings.Contains(got, "config|set") || strings.Contains(got, "\nget\n") {
		t.Errorf("COMMAND LIST FILTERBY ACLCAT admin: %q", got)
	}
	if got := s.Do("COMMAND", "LIST", "FILTERBY", "PATTERN", "CONFIG|*"); !strings.HasPrefix(got, "*4\n") {
		t.Errorf("COMMAND LIST FILTERBY PATTERN config|*: %q", got)
	}
}

func TestCommandDocs(t *testing.T) {
	s := newServer(t)
	want := "*2\n$3\nget\n*10\n$7\nsummary\n$25\nReturn the value of a key\n$5\nsince\n$5\n1.0.0\n$5\ngroup\n$6\nstring\n" +
		"$10\ncomplexity\n$4\nO(1)\n$9\narguments\n*1\n*6\n$4\nname\n$3\nkey\n$4\ntype\n$3\nkey\n$14\nkey_spec_index\n:0\n"
	if got := s.Do("COMMAND", "DOCS", "nonsense", "GET"); got != want {
		t.Errorf("COMMAND DOCS GET:\n got %q\nwant %q", got, want)
	}
}
