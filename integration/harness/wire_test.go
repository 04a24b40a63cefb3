package harness

import (
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A Conn gives up on a server that does not answer, and lives as long as its test
// otherwise.
func TestAConnLivesAsLongAsTheServerAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		c := NewConn(ours)
		defer func() { _ = c.Close() }()
		go func() {
			b := make([]byte, 100)
			for range 5 {
				if _, err := theirs.Read(b); err != nil {
					return
				}
				time.Sleep(ConnTimeout - time.Second)
				_, _ = theirs.Write([]byte("+PONG\r\n"))
			}
			_, _ = theirs.Read(b)
		}()
		for i := range 5 {
			if reply, err := c.Do("PING"); err != nil || reply != "+PONG\r\n" {
				t.Fatalf("%d: %q, %v", i, reply, err)
			}
		}
		began := time.Now()
		if _, err := c.Do("PING"); err == nil || !strings.Contains(err.Error(), "timeout") || time.Since(began) != ConnTimeout {
			t.Errorf("%v, after %v", err, time.Since(began))
		}
		// A deadline that was set stays.
		if err := c.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		began = time.Now()
		if _, err := c.Reply(); err == nil || time.Since(began) != time.Second {
			t.Errorf("%v, after %v", err, time.Since(began))
		}
	})
}
