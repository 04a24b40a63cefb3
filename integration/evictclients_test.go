package integration

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
	"github.com/redistill-go/redistill/integration/hostile"
)

// These tests hold for redis-server as well.

// halfSender is a client that the server holds a SET of so many bytes for, which
// lacks its end.
func halfSender(t *testing.T, s *harness.Server, control *harness.Conn, size int) *harness.Conn {
	t.Helper()
	c := dial(t, s)
	sendHalf(t, c, control, size)
	return c
}

func sendHalf(t *testing.T, c, control *harness.Conn, size int) {
	t.Helper()
	number := id(t, c)
	if _, err := c.Write(hostile.Half(size)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the server has what was sent", func() error {
		if held, ok := clients(t, control)[number]; !ok || held < size {
			return fmt.Errorf("it holds %d bytes of %d, connected: %v", held, size, ok)
		}
		return nil
	})
}

// clients are how many bytes each client holds, by its number.
func clients(t *testing.T, control *harness.Conn) map[string]int {
	t.Helper()
	list, err := control.Do("CLIENT", "LIST")
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]int{}
	for line := range strings.Lines(list) {
		fields := map[string]string{}
		for _, f := range strings.Fields(line) {
			name, value, _ := strings.Cut(f, "=")
			fields[name] = value
		}
		if n, err := strconv.Atoi(fields["tot-mem"]); err == nil {
			held[fields["id"]] = n
		}
	}
	return held
}

// Over the limit for all clients, the one that holds most is closed, unless it
// is exempt; the others don't notice.
func TestClientsThatHoldMostAreClosed(t *testing.T) {
	s := serve(t, harness.Options{})
	control := dial(t, s)
	want(t, control, "+OK\r\n", "CONFIG", "SET", "maxmemory-clients", "64mb")
	const mb = 1 << 20
	exempt := dial(t, s)
	want(t, exempt, "+OK\r\n", "CLIENT", "NO-EVICT", "ON")
	sendHalf(t, exempt, control, 8*mb)
	one, two, most := halfSender(t, s, control, mb), halfSender(t, s, control, 2*mb), halfSender(t, s, control, 4*mb)
	// Redis holds a quarter more than was sent.
	held := 0
	for _, c := range clients(t, control) {
		held += c
	}
	want(t, control, "+OK\r\n", "CONFIG", "SET", "maxmemory-clients", strconv.Itoa(held+mb))
	if n := info(t, control, "evicted_clients"); n != 0 {
		t.Fatalf("%d clients were closed below the limit", n)
	}
	last := halfSender(t, s, control, 2*mb)
	if rest, err := most.Rest(); rest != "" || err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the client that holds most got %q, %v", rest, err)
	}
	eventually(t, "one client is counted", func() error {
		if n := info(t, control, "evicted_clients"); n != 1 {
			return fmt.Errorf("%d are", n)
		}
		return nil
	})
	for name, c := range map[string]*harness.Conn{"exempt": exempt, "one": one, "two": two, "last": last} {
		if _, err := c.Write([]byte("h\r\n")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if reply, err := c.Reply(); err != nil || reply != "+OK\r\n" {
			t.Errorf("%s: the SET is answered with %q, %v", name, reply, err)
		}
	}
	want(t, control, pong, "PING")
}

// A limit that is lowered holds for the clients that are there.
func TestALoweredLimitClosesClients(t *testing.T) {
	s := serve(t, harness.Options{})
	control := dial(t, s)
	want(t, control, "+OK\r\n", "CONFIG", "SET", "maxmemory-clients", "64mb")
	const mb = 1 << 20
	small, large := halfSender(t, s, control, mb), halfSender(t, s, control, 16*mb)
	want(t, control, "+OK\r\n", "CONFIG", "SET", "maxmemory-clients", "8mb")
	if rest, err := large.Rest(); rest != "" || err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the client that holds most got %q, %v", rest, err)
	}
	if _, err := small.Write([]byte("h\r\n")); err != nil {
		t.Fatal(err)
	}
	if reply, err := small.Reply(); err != nil || reply != "+OK\r\n" {
		t.Errorf("the SET of the other is answered with %q, %v", reply, err)
	}
}

// The limit may be a share of memory.max, and 0 is none.
func TestTheLimitForClientsIsBytesOrAShare(t *testing.T) {
	control := dial(t, serve(t, harness.Options{}))
	for _, c := range []struct{ set, get string }{{"10%", "10%"}, {"0", "0"}, {"100%", "100%"}, {"1gb", "1073741824"}} {
		want(t, control, "+OK\r\n", "CONFIG", "SET", "maxmemory-clients", c.set)
		want(t, control, "*2\r\n$17\r\nmaxmemory-clients\r\n"+bulk(c.get), "CONFIG", "GET", "maxmemory-clients")
	}
	for _, bad := range []string{"101%", "-1", "x", "5 %"} {
		reply, err := control.Do("CONFIG", "SET", "maxmemory-clients", bad)
		if err != nil || !strings.HasPrefix(reply, "-ERR CONFIG SET failed (possibly related to argument 'maxmemory-clients') - ") {
			t.Errorf("%q: %q, %v", bad, reply, err)
		}
	}
}
