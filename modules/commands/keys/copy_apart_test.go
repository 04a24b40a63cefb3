package keys_test

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redistill-go/redistill/core/command/commandtest"
)

const twinFields = 3000

// twinField is the name of a field: so many of them make a hash that is copied apart.
func twinField(i int) string { return fmt.Sprintf("%064d", i) }

func twinPairs(value string) (pairs []string) {
	for i := range twinFields {
		pairs = append(pairs, twinField(i), value)
	}
	return pairs
}

// A copy of a large hash that is written to is what the hash was at one moment: of
// fields that are raised one after another, those before some place are one higher
// than those from there on.
func TestCopyIsOfOneMoment(t *testing.T) {
	s := newServer(t)
	s.Do(append([]string{"HSET", "from"}, twinPairs("0")...)...)
	var done atomic.Bool
	var writer sync.WaitGroup
	writer.Go(func() {
		p := s.Join()
		defer p.Leave()
		for generation := 1; !done.Load(); generation++ {
			for i := range twinFields {
				p.Raw("HSET", "from", twinField(i), strconv.Itoa(generation))
			}
		}
	})
	for n := range 12 {
		to := "to" + strconv.Itoa(n%3)
		s.Do("COPY", "from", to, "REPLACE")
		names := []string{"HMGET", to}
		for i := range twinFields {
			names = append(names, twinField(i))
		}
		at, falls := 0, 0
		for _, line := range strings.Split(s.Do(names...), "\n") {
			value, err := strconv.Atoi(line)
			switch {
			case err != nil || line == "":
				continue
			case at > 0 && value != falls:
				if value != falls-1 {
					t.Fatalf("field %d is %d, after %d", at, value, falls)
				}
			}
			at, falls = at+1, value
		}
		if at != twinFields {
			t.Fatalf("the copy has %d fields", at)
		}
	}
	done.Store(true)
	writer.Wait()
}

// Nothing that is written to a large hash is lost when it is renamed meanwhile, and
// nothing is there twice.
func TestRenameLosesNothing(t *testing.T) {
	s := newServer(t)
	var done atomic.Bool
	var writers sync.WaitGroup
	var added atomic.Int64
	for w := range 2 {
		writers.Go(func() {
			p := s.Join()
			defer p.Leave()
			for i := w; !done.Load(); i += 7 {
				p.Raw("HINCRBY", "from", twinField(i%twinFields), "1")
				added.Add(1)
			}
		})
	}
	total := int64(0)
	sum := func(key string) {
		for _, line := range strings.Split(s.Do("HVALS", key), "\n") {
			if n, err := strconv.Atoi(line); err == nil {
				total += int64(n)
			}
		}
	}
	for n := range 8 {
		for i := range twinFields {
			s.Do("HSETNX", "from", twinField(i), "0")
		}
		to := "to" + strconv.Itoa(n)
		if got := s.Do("RENAMENX", "from", to); got != ":1\n" {
			t.Fatalf("RENAMENX: %q", got)
		}
		sum(to)
	}
	done.Store(true)
	writers.Wait()
	sum("from")
	if total != added.Load() {
		t.Errorf("the fields add up to %d, and %d were added", total, added.Load())
	}
}

// A long string is one value or the other, whatever is copied and renamed meanwhile.
func TestLongStringsStayWholeAsTheyMove(t *testing.T) {
	s := newServer(t)
	const length = 200_000
	filled := func(b byte) string { return strings.Repeat(string(b), length) }
	s.Do("SET", "a", filled('a'))
	var done atomic.Bool
	var others sync.WaitGroup
	others.Go(func() {
		p := s.Join()
		defer p.Leave()
		for n := 0; !done.Load(); n++ {
			p.Raw("SET", "a", filled('a'+byte(n%26)))
		}
	})
	others.Go(func() {
		p := s.Join()
		defer p.Leave()
		for !done.Load() {
			p.Raw("RENAME", "b", "c")
			p.Raw("RENAME", "c", "a")
		}
	})
	for range 100 {
		s.Do("COPY", "a", "b", "REPLACE")
		for _, key := range []string{"a", "b", "c"} {
			value := strings.TrimSuffix(s.Do("GET", key), "\n")
			if value = value[strings.IndexByte(value, '\n')+1:]; value != "" && value[0] != '$' && value != filled(value[0]) {
				t.Fatalf("%s has %d bytes that begin with %.10q and are not all the same", key, len(value), value)
			}
		}
	}
	done.Store(true)
	others.Wait()
}

// What a command has built for a client that has gone is given back, and nobody has
// seen anything of it.
func TestNothingIsLeftOfWorkForAClientThatHasGone(t *testing.T) {
	s := newServer(t)
	s.Do(append([]string{"HSET", "from"}, twinPairs(strings.Repeat("v", 2000))...)...)
	reply, _ := s.Send(commandtest.Encode([][]byte{[]byte("DUMP"), []byte("from")}))
	_, payload, _ := strings.Cut(string(reply), "\r\n")
	payload = strings.TrimSuffix(payload, "\r\n")
	entries := func() int64 {
		for {
			h := s.Env.Store.Held()
			if h.Leaving == 0 {
				return h.Entries
			}
			runtime.Gosched()
		}
	}
	before, keys := entries(), s.Do("KEYS", "*")
	for _, request := range [][]string{
		{"COPY", "from", "to0"}, {"COPY", "from", "to1"}, {"RENAME", "from", "to0"}, {"RENAME", "from", "to1"}, {"RESTORE", "to", "0", payload},
	} {
		for lives := range 4 {
			s.Client.SetLink(&commandtest.LostLink{Lives: lives})
			s.Do(request...)
			s.Client.SetLink(nil)
			if s.Do("EXISTS", "from") == ":0\n" { // it took no copy
				s.Do("RENAME", request[2], "from")
			}
			if got := s.Do("KEYS", "*"); got != keys || entries() != before {
				t.Errorf("after %.20q the keys are %q and take %d bytes, before %q and %d", request[:2], got, entries(), keys, before)
			}
		}
	}
}

// The payload of a large hash has the fields that have not expired, though nobody has
// removed the others yet, and counts them.
func TestDumpOfALargeHashWithExpiredFields(t *testing.T) {
	s := newServer(t)
	s.Do(append([]string{"HSET", "from"}, twinPairs(strings.Repeat("v", 50))...)...)
	s.Do("HPEXPIRE", "from", "100", "FIELDS", "3", twinField(1), twinField(77), twinField(2999))
	s.Do("HPEXPIRE", "from", "1000", "FIELDS", "1", twinField(5))
	s.Now.Add(500)
	payload := dumped(s, t, "from")
	s.Do("RESTORE", "to", "0", payload)
	if got := s.Do("HLEN", "to"); got != ":"+strconv.Itoa(twinFields-3)+"\n" {
		t.Errorf("%q fields", got)
	}
	if got := s.Do("HMGET", "to", twinField(0), twinField(77)); got != "*2\n$50\n"+strings.Repeat("v", 50)+"\n$-1\n" {
		t.Errorf("%q", got)
	}
	if got := s.Do("HPTTL", "to", "FIELDS", "2", twinField(5), twinField(6)); got != "*2\n:500\n:-1\n" {
		t.Errorf("%q", got)
	}
}
