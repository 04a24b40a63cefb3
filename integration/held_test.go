package integration

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

// holder makes the server hold something and names the account that grows by it,
// by as many bytes at least.
type holder struct {
	account string
	least   int64
	hold    func(t *testing.T, s *harness.Server)
}

// raw opens a connection, sends something and leaves it at that.
func raw(t *testing.T, s *harness.Server, text string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.TCP)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() }) // it is nobody's any more
	if _, err := c.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return c
}

// awaitText reads until something has come.
func awaitText(t *testing.T, c net.Conn, text string) {
	t.Helper()
	var got []byte
	for b := make([]byte, 4096); !strings.Contains(string(got), text); {
		n, err := c.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, b[:n]...)
	}
}

// request is a command as clients send it.
func request(args ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
	}
	return b.String()
}

var holders = []holder{
	{"entries", 30 << 20, func(t *testing.T, s *harness.Server) {
		c := dial(t, s)
		args := []string{"MSET"}
		for i := range 100_000 {
			if args = append(args, "key:"+strconv.Itoa(i), string(pattern(300))); len(args) > 2000 {
				want(t, c, "+OK\r\n", args...)
				args = args[:1]
			}
		}
	}},
	{"clients_connections", 500 << 10, func(t *testing.T, s *harness.Server) {
		for range 500 {
			raw(t, s, "*3")
		}
	}},
	{"clients_input", 10 << 20, func(t *testing.T, s *harness.Server) {
		for range 20 {
			raw(t, s, "*20\r\n"+strings.Repeat("$8000\r\n"+string(pattern(8000))+"\r\n", 10)+"$500000\r\n"+string(pattern(10)))
			raw(t, s, "*10000\r\n"+strings.Repeat("$300\r\n"+string(pattern(300))+"\r\n", 2000))
		}
	}},
	{"clients_values", 20 << 20, func(t *testing.T, s *harness.Server) {
		for range 20 {
			raw(t, s, "*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$2000000\r\n"+string(pattern(1_900_000)))
		}
	}},
	{"clients_output", 5 << 20, func(t *testing.T, s *harness.Server) {
		args := []string{"MGET"}
		for i := range 10_000 {
			args = append(args, "key:"+strconv.Itoa(i))
		}
		for range 20 { // of 3 MB each, most of which sockets may take
			raw(t, s, strings.Repeat(request(args...), 5))
		}
	}},
	{"clients_queued", 10 << 20, func(t *testing.T, s *harness.Server) {
		for range 50 {
			raw(t, s, request("MULTI")+strings.Repeat(request("SET", "q", string(pattern(200))), 1000))
		}
	}},
	// Each key by its hash and a watcher, and its name.
	{"clients_watched", 50 * 1000 * int64(16+len("watched:0")), func(t *testing.T, s *harness.Server) {
		for range 50 {
			args := []string{"WATCH"}
			for i := range 1000 {
				args = append(args, "watched:"+strconv.Itoa(i))
			}
			raw(t, s, request(args...))
		}
	}},
	{"clients_tracking", 50_000 * int64(16+len("tracked:0")), func(t *testing.T, s *harness.Server) {
		args := []string{"EXISTS"}
		for i := range 50_000 {
			args = append(args, "tracked:"+strconv.Itoa(i))
		}
		raw(t, s, request("HELLO", "3")+request("CLIENT", "TRACKING", "ON")+request(args...))
	}},
	{"clients_messages", 10 << 20, func(t *testing.T, s *harness.Server) {
		for range 4 {
			tracker := raw(t, s, request("HELLO", "3")+request("CLIENT", "TRACKING", "ON", "BCAST"))
			awaitText(t, tracker, "+OK")
		}
		args := []string{"MSET"}
		for i := range 200 {
			args = append(args, strconv.Itoa(i)+string(pattern(1000)), "")
		}
		c := dial(t, s)
		for range 100 {
			want(t, c, "+OK\r\n", args...)
		}
	}},
}

// addsUp says by how much the accounts are off what the system says.
func addsUp(t *testing.T, c *harness.Conn) error {
	accounted, resident := info(t, c, "redistill_memory_accounted"), info(t, c, "used_memory_rss")
	if off := accounted - resident; max(off, -off) > resident/20 {
		return fmt.Errorf("%d bytes in the accounts, %d resident", accounted, resident)
	}
	return nil
}

// What the process holds is in the account that it belongs to, in none twice, and
// all accounts together are what the system says.
func TestAccountsAddUpToWhatTheProcessHolds(t *testing.T) {
	s := unraced(t, harness.Options{Set: []string{"memory.max=256mb", "server.client_memory=512mb"}})
	c := dial(t, s)
	eventually(t, "accounts of an empty server", func() error { return addsUp(t, c) })
	for _, h := range holders {
		name := "redistill_memory_" + h.account
		before, used := info(t, c, name), info(t, c, "used_memory")
		h.hold(t, s)
		eventually(t, h.account, func() error {
			if now := info(t, c, name); now < before+h.least {
				return fmt.Errorf("%d bytes more, want %d", now-before, h.least)
			}
			return addsUp(t, c)
		})
		if now := info(t, c, "used_memory"); strings.HasPrefix(h.account, "clients_") && now > used+1<<20 {
			t.Errorf("%s: used memory went from %d to %d", h.account, used, now)
		}
	}
	clients := int64(0)
	for _, h := range holders[1:] {
		clients += info(t, c, "redistill_memory_"+h.account)
	}
	if all := info(t, c, "mem_clients_normal"); all < clients {
		t.Errorf("clients hold %d bytes, and %d of them in some accounts", all, clients)
	}
	held := info(t, c, "redistill_memory_entries")
	args := []string{"DEL"}
	for i := 0; i < 100_000; i += 2 {
		args = append(args, "key:"+strconv.Itoa(i))
	}
	if _, err := c.Do(args...); err != nil {
		t.Fatal(err)
	}
	eventually(t, "half of the entries to go", func() error {
		if now := info(t, c, "redistill_memory_entries"); now < held*45/100 || now > held*55/100 {
			return fmt.Errorf("%d bytes of entries, %d before", now, held)
		}
		return addsUp(t, c)
	})
}
