package allcommands_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
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
	reads := map[string]func(p *peer) string{
		"HMGET":       func(p *peer) string { return p.do(append([]string{"HMGET", "hash"}, few...)...) },
		"HMGET many":  func(p *peer) string { return p.do(append([]string{"HMGET", "hash"}, names...)...) },
		"HVALS":       func(p *peer) string { return p.do("HVALS", "hash") },
		"transaction": func(p *peer) string { p.do("MULTI"); p.do("HVALS", "hash"); return p.do("EXEC") },
		"transaction of all": func(p *peer) string {
			p.do("MULTI")
			p.do("DBSIZE")
			p.do(append([]string{"HMGET", "hash"}, few...)...)
			return p.do("EXEC")
		},
		"COPY": func(p *peer) string {
			p.do("COPY", "hash", "copy", "REPLACE")
			return p.do("HVALS", "copy")
		},
	}
	for way, read := range reads {
		readers.Go(func() {
			p := s.join()
			defer p.leave(s)
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
			p := s.join()
			defer p.leave(s)
			for n := range 30 {
				value := fmt.Sprintf("generation:%d:%d", w, n)
				switch n % 5 {
				case 3:
					p.want(t, ":1\r\n", append([]string{"HSETEX", "hash", "EX", "1000", "FIELDS", count}, all(value)...)...)
				case 4:
					p.do(append([]string{"HDEL", "hash"}, names...)...)
				default:
					p.do(append([]string{"HSET", "hash"}, all(value)...)...)
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
			p := s.join()
			defer p.leave(s)
			for range 20 {
				n, err := strconv.Atoi(strings.TrimSpace(p.do(x.request...)[1:]))
				if err != nil {
					t.Error(err)
				}
				x.sum.Add(int64(n))
			}
		})
	}
	clients.Wait()
	if left := s.do("HLEN", "hash"); left != fmt.Sprintf(":%d\n", made.Load()-removed.Load()) {
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
		p := s.join()
		defer p.leave(s)
		for !done.Load() {
			p.do("FLUSHALL")
		}
	})
	for range 10 {
		// Flushed before or after it: never in part.
		s.do(pairs...)
		if n := s.do("HLEN", "hash"); n != ":0\n" && n != ":3000\n" {
			t.Errorf("HLEN is %q", n)
		}
	}
	done.Store(true)
	flusher.Wait()
}
