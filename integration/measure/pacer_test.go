package measure

import (
	"testing"
	"time"
)

// A reply is counted from the moment when its request was due, however the
// bytes arrive.
func TestPacerTakesReplies(t *testing.T) {
	p := &Pacer{}
	var c paced
	c.waiting = []reply{{Reply{5, '+'}, 0}, {Reply{9, '$'}, time.Millisecond}}
	for i, read := range []string{"+O", "K\r\n$3\r\nab", "c\r\n"} {
		if err := p.take(&c, []byte(read), time.Duration(i+1)*10*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	if p.Latency.Len() != 2 || len(c.waiting) != 0 || p.Latency.Quantile(0.5) != 20*time.Millisecond || p.Latency.Quantile(1) != 29*time.Millisecond {
		t.Errorf("%d samples, %s and %s", p.Latency.Len(), p.Latency.Quantile(0.5), p.Latency.Quantile(1))
	}
	for _, bad := range []string{"-ERR no\r\n", "$-1\r\n"} {
		c = paced{waiting: []reply{{Reply: Reply{9, '$'}}}}
		if err := p.take(&c, []byte(bad), 0); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
	if err := p.take(&paced{}, []byte("+OK\r\n"), 0); err == nil {
		t.Error("a reply that nobody awaits: no error")
	}
}
