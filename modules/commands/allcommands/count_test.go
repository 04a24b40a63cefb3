package allcommands_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// What only counts, or looks at the server or its clients, waits for nobody who has
// a shard, however long that takes.
func TestCountingTakesNoShard(t *testing.T) {
	s := newServer(t)
	for i := range 1000 {
		s.Do("SET", fmt.Sprint(i), "v", "EX", "1000")
	}
	sh := s.Env.Store.Lock(s.Env.Store.Key([]byte("1")))
	done := make(chan struct{})
	go func() {
		for _, request := range []string{
			"DBSIZE", "RANDOMKEY", "INFO everything", "MEMORY STATS", "MEMORY DOCTOR", "MEMORY MALLOC-STATS", "CLIENT LIST", "CLIENT INFO",
			"COMMAND COUNT", "SLOWLOG GET", "LATENCY LATEST", "LASTSAVE", "CONFIG GET *", "PING", "TIME", "CLIENT TRACKINGINFO",
		} {
			if reply := s.Do(strings.Fields(request)...); reply == "" || reply[0] == '-' {
				t.Errorf("%s: %.100q", request, reply)
			}
		}
		s.Env.Held() // as the metrics do
		close(done)
	}()
	select {
	case <-done:
		sh.Unlock()
	case <-time.After(30 * time.Second):
		sh.Unlock()
		<-done
		t.Error("a command waits for the shard")
	}
}
