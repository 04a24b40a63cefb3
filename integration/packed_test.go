package integration

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

// The bounds of small hashes hold for what is written after they are set, under
// both of the names that they have.
func TestBoundsOfSmallHashes(t *testing.T) {
	c := dial(t, serve(t, harness.Options{}))
	const small, large = "$8\r\nlistpack\r\n", "$9\r\nhashtable\r\n"
	hash := func(fields, length int) string {
		t.Helper()
		args := []string{"HSET", "h"}
		for i := range fields {
			args = append(args, fmt.Sprint("f", i), strings.Repeat("v", length))
		}
		want(t, c, fmt.Sprintf(":%d\r\n", fields), args...)
		reply, err := c.Do("OBJECT", "ENCODING", "h")
		if err != nil {
			t.Fatal(err)
		}
		want(t, c, ":1\r\n", "DEL", "h")
		return reply
	}
	for _, x := range []struct {
		entries, value, name string
		fields, length       int
		encoding             string
	}{
		{"128", "64", "listpack", 128, 32, small},
		{"128", "64", "listpack", 129, 1, large},
		{"128", "64", "ziplist", 2, 65, large},
		{"4", "64", "ziplist", 4, 64, small},
		{"4", "64", "listpack", 5, 64, large},
		{"0", "64", "listpack", 1, 1, large},
		{"128", "1kb", "ziplist", 3, 1024, small},
		{"128", "1kb", "ziplist", 3, 1025, large},
	} {
		want(t, c, "+OK\r\n", "CONFIG", "SET", "hash-max-"+x.name+"-entries", x.entries, "hash-max-"+x.name+"-value", x.value)
		if got := hash(x.fields, x.length); got != x.encoding {
			t.Errorf("%+v: got %q", x, got)
		}
		want(t, c, "*2\r\n"+bulk("hash-max-listpack-entries")+bulk(x.entries), "CONFIG", "GET", "hash-max-listpack-entries")
	}
}
