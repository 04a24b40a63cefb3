package scan_test

import (
	"bufio"
	"strconv"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/command/commandtest"
)

// scanAll runs SCAN to its end and returns how often each key came. between is
// called after each step.
func scanAll(s *commandtest.Server, t *testing.T, between func(step int), options ...string) map[string]int {
	t.Helper()
	seen := map[string]int{}
	cursor := "0"
	for step := 0; ; step++ {
		if step > 100_000 {
			t.Fatal("SCAN does not end")
		}
		lines := bufio.NewScanner(strings.NewReader(s.Do(append([]string{"SCAN", cursor}, options...)...)))
		var values []string
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "$") && lines.Scan() {
				values = append(values, lines.Text())
			}
		}
		for _, key := range values[1:] {
			seen[key]++
		}
		if cursor = values[0]; cursor == "0" {
			return seen
		}
		between(step)
	}
}

// Keys that are there all the time come exactly once while the table grows a
// hundredfold and shrinks again.
func TestScanIsCompleteWhileTheTableChanges(t *testing.T) {
	s := newServer(t)
	const kept = 500
	for i := range kept {
		s.Do("SET", "kept:"+strconv.Itoa(i), "v")
	}
	added, removed := 0, 0
	seen := scanAll(s, t, func(step int) {
		for range 400 {
			if step < 60 {
				s.Do("SET", "new:"+strconv.Itoa(added), "v")
				added++
			} else if removed < added {
				s.Do("DEL", "new:"+strconv.Itoa(removed))
				removed++
			}
		}
	}, "COUNT", "7")
	if added < 10_000 {
		t.Fatalf("only %d keys were added", added)
	}
	for i := range kept {
		if n := seen["kept:"+strconv.Itoa(i)]; n != 1 {
			t.Errorf("key %d came %d times", i, n)
		}
	}
}

func TestScanFilters(t *testing.T) {
	s := newServer(t)
	for i := range 100 {
		s.Do("SET", "a:"+strconv.Itoa(i), "v")
		s.Do("SET", "b:"+strconv.Itoa(i), "v")
	}
	none := func(int) {}
	for _, c := range []struct {
		options []string
		want    int
	}{
		{nil, 200},
		{[]string{"MATCH", "a:*"}, 100},
		{[]string{"MATCH", "?:1", "COUNT", "3"}, 2},
		{[]string{"TYPE", "string", "MATCH", "b:*"}, 100},
		{[]string{"TYPE", "hash"}, 0},
		{[]string{"COUNT", "9223372036854775807"}, 200},
	} {
		if got := len(scanAll(s, t, none, c.options...)); got != c.want {
			t.Errorf("SCAN %q found %d keys, want %d", c.options, got, c.want)
		}
	}
}

func TestKeysOfManyShards(t *testing.T) {
	s := newServer(t)
	for i := range 1000 {
		s.Do("SET", "k"+strconv.Itoa(i), "v")
	}
	if got := s.Do("KEYS", "*"); !strings.HasPrefix(got, "*1000\n") || strings.Count(got, "\nk") != 1000 {
		t.Errorf("KEYS * begins with %.20q and has %d keys", got, strings.Count(got, "\nk"))
	}
	if got := s.Do("KEYS", "k99?"); !strings.HasPrefix(got, "*10\n") {
		t.Errorf("KEYS k99? begins with %.20q", got)
	}
}
