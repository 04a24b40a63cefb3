package command

import (
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/resp"
)

func TestUnknownCommandError(t *testing.T) {
	long := strings.Repeat("a", 200)
	for _, c := range []struct {
		request []string
		want    string
	}{
		{[]string{"foo"}, "ERR unknown command 'foo', with args beginning with: "},
		{[]string{"Foo", "a", "b c"}, "ERR unknown command 'Foo', with args beginning with: 'a' 'b c' "},
		{[]string{"f\r\no", "\n"}, "ERR unknown command 'f  o', with args beginning with: ' ' "},
		{[]string{"f\x00o", "a\x00b", "c"}, "ERR unknown command 'f', with args beginning with: 'a' 'c' "},
		{[]string{long, long, "b"}, "ERR unknown command '" + long[:128] + "', with args beginning with: '" + long[:128] + "' "},
		{[]string{"f", long[:100], long, "b"}, "ERR unknown command 'f', with args beginning with: '" + long[:100] + "' '" + long[:25] + "' "},
	} {
		request := make([][]byte, len(c.request))
		for i, a := range c.request {
			request[i] = []byte(a)
		}
		var w resp.Writer
		w.Error(UnknownCommandError(request))
		if got, want := string(w.Buf), "-"+c.want+"\r\n"; got != want {
			t.Errorf("for %q\n got %q\nwant %q", c.request, got, want)
		}
	}
}
