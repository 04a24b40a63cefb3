package integration

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/redistill-go/redistill/integration/harness"
)

// pattern is n bytes that repeat with a period that is no power of two, so
// that a misplaced block shows.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i % 251)
	}
	return b
}

func TestLargeValues(t *testing.T) {
	overEach(t, func(t *testing.T, c *redis.Client) {
		ctx := t.Context()
		for _, n := range []int{0, 1, 16<<10 - 1, 64 << 10, 64<<10 + 1, 1 << 20, 8 << 20} {
			value := pattern(n)
			key := fmt.Sprint("value", n)
			check(t, "SET", "OK")(c.Set(ctx, key, value, 0).Result())
			got, err := c.Get(ctx, key).Bytes()
			if err != nil || !bytes.Equal(got, value) {
				t.Fatalf("GET of %d bytes: %d bytes, %v", n, len(got), err)
			}
			check(t, "STRLEN", int64(n))(c.StrLen(ctx, key).Result())
			tail, err := c.GetRange(ctx, key, -3, -1).Result()
			if err != nil || tail != string(value[max(0, n-3):]) {
				t.Fatalf("GETRANGE of %d bytes: %q, %v", n, tail, err)
			}
		}
		// A key may be as large as a value.
		key := string(pattern(1 << 20))
		check(t, "SET of a large key", "OK")(c.Set(ctx, key, "v", 0).Result())
		check(t, "GET of a large key", "v")(c.Get(ctx, key).Result())
		check(t, "DEL of a large key", int64(1))(c.Del(ctx, key).Result())
	})
}

// The largest value that the protocol allows by default, less one byte; the
// race detector would need many times its size.
func TestHalfAGibibyte(t *testing.T) {
	n := 512<<20 - 1
	if harness.Race {
		n = 32<<20 - 1
	}
	s := serve(t, harness.Options{})
	c := dial(t, s)
	chunk := pattern(251 << 10) // a multiple of the pattern's period
	sent := make(chan error, 1)
	go func() {
		_, err := fmt.Fprintf(c, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%d\r\n", n)
		for rest := n; rest > 0 && err == nil; rest -= len(chunk) {
			_, err = c.Write(chunk[:min(rest, len(chunk))])
		}
		if err == nil {
			_, err = c.Write([]byte("\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"))
		}
		sent <- err
	}()
	if reply, err := c.Reply(); err != nil || reply != "+OK\r\n" {
		t.Fatalf("SET of %d bytes: %q, %v", n, reply, err)
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	header := fmt.Sprintf("$%d\r\n", n)
	got := make([]byte, len(chunk))
	if err := c.ReadFull(got[:len(header)]); err != nil || string(got[:len(header)]) != header {
		t.Fatalf("GET: %q, %v", got[:len(header)], err)
	}
	for rest := n; rest > 0; rest -= len(chunk) {
		part := got[:min(rest, len(chunk))]
		if err := c.ReadFull(part); err != nil {
			t.Fatalf("GET: %d bytes before the end: %v", rest, err)
		}
		if !bytes.Equal(part, chunk[:len(part)]) {
			t.Fatalf("GET: wrong bytes between offsets %d and %d", n-rest, n-rest+len(part))
		}
	}
	if err := c.ReadFull(got[:2]); err != nil || string(got[:2]) != "\r\n" {
		t.Fatalf("GET: ends with %q, %v", got[:2], err)
	}
	want(t, c, fmt.Sprintf(":%d\r\n", n), "STRLEN", "k")
	if n == 512<<20-1 {
		want(t, c, "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n", "APPEND", "k", "ab")
	}
	want(t, c, ":1\r\n", "DEL", "k")
	if _, err := fmt.Fprintf(c, "*2\r\n$3\r\nGET\r\n$%d\r\n", 512<<20+1); err != nil {
		t.Fatal(err)
	}
	rest, err := c.Rest()
	if err != nil && err != io.EOF || rest != "-ERR Protocol error: invalid bulk length\r\n" {
		t.Errorf("a bulk string over the limit: %q, %v", rest, err)
	}
}
