package hashes_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redistill-go/redistill/core/command/commandtest"
)

// Whoever reads a hash that somebody else writes sees all fields of a request or none
// of them, however many there are and in whatever way he reads.
func TestManyFieldsAreWrittenAsOne(t *testing.T) {
	s := newServer(t)
	const fields = 1000
	name := func(i int) string { return fmt.Sprintf("field:%0100d", i) }
	all := func(value string) (pairs []string) {
		for i := range fields {
			pairs = append(pairs, name(i), value)
		}
		return pairs
	}
	names := make([]string, fields)
	for i := range names {
		names[i] = name(i)
	}
	few := []string{name(0), name(fields / 2), name(fields - 1)}
	var done atomic.Bool
	var writers, readers sync.WaitGroup
	reads := map[string]func(p *commandtest.Conn) string{
		"HMGET":       func(p *commandtest.Conn) string { return p.Raw(append([]string{"HMGET", "hash"}, few...)...) },
		"HMGET many":  func(p *commandtest.Conn) string { return p.Raw(append([]string{"HMGET", "hash"}, names...)...) },
		"HVALS":       func(p *commandtest.Conn) string { return p.Raw("HVALS", "hash") },
		"transaction": func(p *commandtest.Conn) string { p.Raw("MULTI"); p.Raw("HVALS", "hash"); return p.Raw("EXEC") },
		"transaction of all": func(p *commandtest.Conn) string {
			p.Raw("MULTI")
			p.Raw("DBSIZE")
			p.Raw(append([]string{"HMGET", "hash"}, few...)...)
			return p.Raw("EXEC")
		},
		"COPY": func(p *commandtest.Conn) string {
			p.Raw("COPY", "hash", "copy", "REPLACE")
			return p.Raw("HVALS", "copy")
		},
	}
	for way, read := range reads {
		readers.Go(func() {
			p := s.Join()
			defer p.Leave()
			for !done.Load() {
				seen := ""
				for line := range strings.SplitSeq(read(p), "\r\n") {
					if !strings.HasPrefix(line, "generation:") && line != "$-1" {
						continue
					}
					if seen == "" {
						seen = line
					}
					if line != seen {
						t.Errorf("%s sees %s beside %s", way, line, seen)
						done.Store(true)
					}
				}
			}
		})
	}
	count := strconv.Itoa(fields)
	for w := range 2 {
		writers.Go(func() {
			p := s.Join()
			defer p.Leave()
			for n := range 30 {
				value := fmt.Sprintf("generation:%d:%d", w, n)
				switch n % 5 {
				case 3:
					p.Want(t, ":1\r\n", append([]string{"HSETEX", "hash", "EX", "1000", "FIELDS", count}, all(value)...)...)
				case 4:
					p.Raw(append([]string{"HDEL", "hash"}, names...)...)
				default:
					p.Raw(append([]string{"HSET", "hash"}, all(value)...)...)
				}
			}
		})
	}
	writers.Wait()
	done.Store(true)
	readers.Wait()
}

// Two clients that count in many fields of one hash lose nothing to each other, and
// the replies say how many fields each has made or removed.
func TestRepliesOfManyFieldsAddUp(t *testing.T) {
	s := newServer(t)
	pairs, names := []string{"HSET", "hash"}, []string{"HDEL", "hash"}
	for i := range 2000 {
		pairs = append(pairs, strconv.Itoa(i), "v")
		names = append(names, strconv.Itoa(i))
	}
	var made, removed atomic.Int64
	var clients sync.WaitGroup
	for _, x := range []struct {
		request []string
		sum     *atomic.Int64
	}{{pairs, &made}, {pairs, &made}, {names, &removed}, {names, &removed}} {
		clients.Go(func() {
			p := s.Join()
			defer p.Leave()
			for range 20 {
				n, err := strconv.Atoi(strings.TrimSpace(p.Raw(x.request...)[1:]))
				if err != nil {
					t.Error(err)
				}
				x.sum.Add(int64(n))
			}
		})
	}
	clients.Wait()
	if left := s.Do("HLEN", "hash"); left != fmt.Sprintf(":%d\n", made.Load()-removed.Load()) {
		t.Errorf("%d fields were made and %d removed, and HLEN is %q", made.Load(), removed.Load(), left)
	}
}

// A hash that is flushed away or expires while a request with many fields is at work
// has all of them in the end.
func TestManyFieldsSurviveAFlush(t *testing.T) {
	s := newServer(t)
	pairs := []string{"HSET", "hash"}
	for i := range 3000 {
		pairs = append(pairs, strconv.Itoa(i), "v")
	}
	var done atomic.Bool
	var flusher sync.WaitGroup
	flusher.Go(func() {
		p := s.Join()
		defer p.Leave()
		for !done.Load() {
			p.Raw("FLUSHALL")
		}
	})
	for range 10 {
		// Flushed before or after it: never in part.
		s.Do(pairs...)
		if n := s.Do("HLEN", "hash"); n != ":0\n" && n != ":3000\n" {
			t.Errorf("HLEN is %q", n)
		}
	}
	done.Store(true)
	flusher.Wait()
}

// What is read in steps is all there.
func TestLargeHashesAreWhole(t *testing.T) {
	s := newServer(t)
	const fields = 10_000
	for i := range fields {
		s.Do("HSET", "hash", "field:"+strconv.Itoa(i), "value:"+strconv.Itoa(i)+strings.Repeat("v", i%50))
	}
	reply, _ := s.Send(commandtest.Encode([][]byte{[]byte("DUMP"), []byte("hash")}))
	_, payload, _ := strings.Cut(string(reply), "\r\n")
	if got := s.Do("RESTORE", "copy", "0", strings.TrimSuffix(payload, "\r\n")); got != "+OK\n" {
		t.Fatalf("RESTORE: %q", got)
	}
	if got := s.Do("RENAME", "copy", "again"); got != "+OK\n" {
		t.Fatalf("RENAME: %q", got)
	}
	names := []string{"HMGET", "again"}
	for i := range fields {
		names = append(names, "field:"+strconv.Itoa(i))
	}
	names = append(names, "none")
	values := strings.Split(s.Do(names...), "\n")
	for i := range fields {
		if want := "value:" + strconv.Itoa(i) + strings.Repeat("v", i%50); values[2+2*i] != want {
			t.Fatalf("field %d is %q, want %q", i, values[2+2*i], want)
		}
	}
	if last := values[len(values)-2]; last != "$-1" {
		t.Errorf("a field that is not there is %q", last)
	}
	for request, elements := range map[string]int{"HGETALL": 2 * fields, "HKEYS": fields, "HVALS": fields} {
		if n := strings.Count(s.Do(request, "again"), "$"); n != elements {
			t.Errorf("%s has %d elements", request, n)
		}
	}
	if n := strings.Count(s.Do("HRANDFIELD", "again", "9000"), "$"); n != 9000 {
		t.Errorf("HRANDFIELD has %d elements", n)
	}
}
