package basics_test

import (
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/commandtest"
)

func TestHello(t *testing.T) {
	s := newServer(t)
	const rest = "$7\nversion\n$5\n8.0.0\n$5\nproto\n:%\n$2\nid\n:7\n$4\nmode\n$10\nstandalone\n" +
		"$4\nrole\n$6\nmaster\n$7\nmodules\n*0\n"
	want := func(proto, head string) string {
		return head + "\n$6\nserver\n$5\nredis\n" + strings.Replace(rest, "%", proto, 1)
	}
	if got := s.Do("HELLO"); got != want("2", "*14") {
		t.Errorf("HELLO: %q", got)
	}
	if got := s.Do("hello", "3", "setname", "me"); got != want("3", "%7") {
		t.Errorf("HELLO 3: %q", got)
	}
	if got := s.Do("GET", "none") + s.Do("CLIENT", "GETNAME"); got != "_\n$2\nme\n" {
		t.Errorf("after HELLO 3: %q", got)
	}
	if got := s.Do("HELLO"); got != want("3", "%7") {
		t.Errorf("HELLO again: %q", got)
	}
	if got := s.Do("HELLO", "4") + s.Do("GET", "none"); !strings.HasSuffix(got, "\n_\n") {
		t.Errorf("a refused HELLO changed the protocol: %q", got)
	}
	if got := s.Do("HELLO", "2", "AUTH", "default", "any"); got != want("2", "*14") {
		t.Errorf("HELLO 2: %q", got)
	}
}

func TestHelloAuthenticates(t *testing.T) {
	s := newServer(t)
	s.Env.Auth.SetPassword("secret")
	s.Reconnect()
	if got := s.Do("HELLO", "3", "AUTH", "default", "wrong", "SETNAME", "me"); !strings.HasPrefix(got, "-WRONGPASS ") {
		t.Errorf("wrong password: %q", got)
	}
	if got := s.Client.Name(); got != "" {
		t.Errorf("a refused HELLO set the name %q", got)
	}
	if got := s.Do("HELLO", "3", "AUTH", "default", "secret"); !strings.HasPrefix(got, "%7\n") {
		t.Errorf("right password: %q", got)
	}
	if got := s.Do("GET", "none"); got != "_\n" {
		t.Errorf("after HELLO: %q", got)
	}
	if got := s.Env.Stats.AuthFailures.Load(); got != 1 {
		t.Errorf("%d failures counted", got)
	}
}

func TestNothingRunsAfterQuit(t *testing.T) {
	s := newServer(t)
	requests := append(commandtest.Encode([][]byte{[]byte("QUIT")}), commandtest.Encode([][]byte{[]byte("SET"), []byte("k"), []byte("v")})...)
	replies, closed := s.Send(requests)
	if string(replies) != "+OK\r\n" || !closed {
		t.Errorf("replies %q, closed %v", replies, closed)
	}
	if n := s.Env.Store.Totals().Keys; n != 0 {
		t.Errorf("%d keys were written after QUIT", n)
	}
}

func TestClientDescriptions(t *testing.T) {
	s := newServer(t)
	long := strings.Repeat("n", 4097)
	for _, x := range []struct{ args, reply string }{
		{"CLIENT ID", ":7\n"},
		{"CLIENT SETNAME " + long[1:], "+OK\n"},
		{"CLIENT SETNAME me", "+OK\n"},
		{"CLIENT SETINFO LIB-NAME go-redis", "+OK\n"},
		{"CLIENT SETINFO lib-ver 9.23", "+OK\n"},
		{"CLIENT SETINFO lib-ver \x01", "-ERR lib-ver cannot contain spaces, newlines or special characters.\n"},
		{"CLIENT SETNAME " + long, "-ERR Client names cannot be longer than 4096 bytes.\n"},
		{"HELLO 3 SETNAME " + long, "-ERR Client names cannot be longer than 4096 bytes.\n"},
		{"CLIENT SETINFO LIB-NAME " + long, "-ERR LIB-NAME cannot be longer than 4096 bytes.\n"},
		{"CLIENT SETINFO lib-ver " + long, "-ERR lib-ver cannot be longer than 4096 bytes.\n"},
		{"CLIENT SETINFO LIB-WHAT x", "-ERR Unrecognized option 'LIB-WHAT'\n"},
		{"CLIENT SETINFO lib-name", "-ERR wrong number of arguments for 'client|setinfo' command\n"},
		{"CLIENT MAINT_NOTIFICATIONS ON", "-ERR unknown subcommand 'MAINT_NOTIFICATIONS'. Try CLIENT HELP.\n"},
	} {
		if got := s.Do(strings.Fields(x.args)...); got != x.reply {
			t.Errorf("%s: got %q, want %q", x.args, got, x.reply)
		}
	}
	s.Now.Store(s.Client.Created.UnixMilli() + 5500)
	s.Client.Active.Store(s.Now.Load() - 2000)
	for command, name := range map[string]string{
		"CLIENT INFO": "client|info", "CLIENT LIST": "client|list", "CLIENT LIST ID 9 7 7": "client|list", "CLIENT LIST TYPE Normal": "client|list",
	} {
		s.Client.Active.Store(s.Now.Load() - 2000)
		got := s.Do(strings.Fields(command)...)
		want := "id=7 addr=127.0.0.1:50000 laddr=127.0.0.1:6379 name=me age=5 idle=2 flags=N db=0 sub=0 psub=0 ssub=0 multi=-1 watch=0" +
			" qbuf=0 qbuf-free=0 argv-mem=0 obl=0 oll=0 omem=0 tot-mem=2048 events=r" +
			" cmd=" + name + " user=default redir=-1 resp=2 lib-name=go-redis lib-ver=9.23"
		if _, line, _ := strings.Cut(got, "\n"); line != want+`\n`+"\n" {
			t.Errorf("%s:\n got %s\nwant %s", command, line, want)
		}
	}
	if got := s.Do("CLIENT", "LIST", "ID", "8"); got != "$0\n\"\"\n" {
		t.Errorf("CLIENT LIST ID 8: %q", got)
	}
}

func TestHelp(t *testing.T) {
	s := newServer(t)
	for _, container := range []string{"CLIENT", "CONFIG", "COMMAND"} {
		got := s.Do(container, "HELP")
		for _, sub := range s.Env.Table.Lookup([]byte(container)).Subs() {
			if _, usage, _ := strings.Cut(command.Usage(&sub), " "); !strings.Contains(got, "\n+"+usage+"\n") {
				t.Errorf("%s HELP does not list %s", container, usage)
			}
		}
	}
}
