package integration

import (
	"crypto/tls"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

// A key that is evicted is told of, and so is one that the table has no room
// for.
func TestTrackingEviction(t *testing.T) {
	s := serve(t, harness.Options{Args: []string{"--maxmemory-policy", "allkeys-lru"}, Set: []string{"memory.eviction=allkeys-lru"}})
	reader, writer := dial3(t, s), dial(t, s)
	want(t, writer, "+OK\r\n", "SET", "k", string(pattern(1000)))
	want(t, reader, "+OK\r\n", "CLIENT", "TRACKING", "ON")
	want(t, reader, bulk(string(pattern(1000))), "GET", "k")
	want(t, writer, "+OK\r\n", "CONFIG", "SET", "maxmemory", "1")
	for i := 0; ; i++ {
		got, err := writer.Do("SET", fmt.Sprint("other:", i), "v")
		if err != nil {
			t.Fatal(err)
		}
		if got != "+OK\r\n" || i == 3 {
			break
		}
	}
	told(t, reader, invalidate("k"))
	want(t, writer, "+OK\r\n", "CONFIG", "SET", "maxmemory", "0")
	want(t, writer, "+OK\r\n", "CONFIG", "SET", "tracking-table-max-keys", "10")
	for i := range 100 {
		if err := reader.Send("GET", fmt.Sprint("none:", i)); err != nil {
			t.Fatal(err)
		}
	}
	for pushes, replies := 0, 0; pushes < 50 || replies < 100; {
		got, err := reader.Reply()
		if err != nil {
			t.Fatalf("after %d messages and %d replies: %v", pushes, replies, err)
		}
		if strings.HasPrefix(got, ">") {
			pushes++
		} else {
			replies++
		}
	}
}

// Over TLS, messages and replies come from two goroutines and stay whole.
func TestTrackingOverTLS(t *testing.T) {
	certs := certificates(t)
	s := serve(t, harness.Options{TLS: certs})
	nc, err := tls.Dial("tcp", s.TLS, certs.Client)
	if err != nil {
		t.Fatal(err)
	}
	reader := harness.NewConn(nc)
	t.Cleanup(func() { _ = nc.Close() })
	hello3(t, reader)
	want(t, reader, "+OK\r\n", "CLIENT", "TRACKING", "ON", "BCAST")
	writer := dial(t, s)
	const n = 1000
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range n {
			if got, err := writer.Do("SET", fmt.Sprint("key:", i), "v"); err != nil || got != "+OK\r\n" {
				t.Errorf("SET: %q, %v", got, err)
				return
			}
		}
	})
	wg.Go(func() {
		for range n {
			if err := reader.Send("PING"); err != nil {
				t.Error(err)
				return
			}
		}
	})
	keys, pongs := 0, 0
	for keys < n || pongs < n {
		got, err := reader.Reply()
		if err != nil {
			t.Fatalf("after %d keys and %d replies: %v", keys, pongs, err)
		}
		switch {
		case got == "+PONG\r\n":
			pongs++
		case strings.HasPrefix(got, ">2\r\n$10\r\ninvalidate\r\n*"):
			keys += strings.Count(got, "key:")
		default:
			t.Fatalf("got %q", got)
		}
	}
	wg.Wait()
}

// A client that caches on the strength of what it is told never keeps an old
// value: this is what it is all for.
func TestCachesStayFresh(t *testing.T) {
	s := serve(t, harness.Options{})
	const writes = 3000
	var wg sync.WaitGroup
	writer := dial(t, s)
	wg.Go(func() {
		for i := range writes + 1 {
			key := fmt.Sprint("k", i%3)
			if i == writes {
				key = "done"
			}
			if got, err := writer.Do("SET", key, fmt.Sprint(i)); err != nil || got != "+OK\r\n" {
				t.Errorf("SET: %q, %v", got, err)
				return
			}
		}
	})
	for range 3 {
		reader := dial3(t, s)
		want(t, reader, "+OK\r\n", "CLIENT", "TRACKING", "ON")
		wg.Go(func() {
			cached := map[string]string{}
			// reply takes the next reply and acts on what comes before it.
			reply := func() string {
				for {
					got, err := reader.Reply()
					if err != nil {
						t.Error(err)
						return ""
					}
					if !strings.HasPrefix(got, ">") {
						return got
					}
					items, _ := bulkStrings(got[len(">2\r\n"):])
					for _, key := range items[1:] {
						delete(cached, key)
					}
				}
			}
			get := func(key string) string {
				if v, ok := cached[key]; ok {
					return v
				}
				if err := reader.Send("GET", key); err != nil {
					t.Error(err)
				}
				v := reply()
				cached[key] = v
				return v
			}
			for get("done") == "_\r\n" && !t.Failed() {
				for i := range 3 {
					get(fmt.Sprint("k", i))
				}
				if err := reader.Send("PING"); err != nil { // takes in what has come
					t.Error(err)
				}
				reply()
			}
			for i := range 3 {
				key := fmt.Sprint("k", i)
				if got, last := get(key), bulk(fmt.Sprint(writes-3+i)); got != last {
					t.Errorf("%s: the cache has %q, the last value is %q", key, got, last)
				}
			}
		})
	}
	wg.Wait()
}
