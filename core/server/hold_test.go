package server

import "testing"

// While a stop saves, reads are answered and writes wait. Then they go on, if the
// server does, or are never executed.
func TestHeldWrites(t *testing.T) {
	for name, goesOn := range map[string]bool{"the server goes on": true, "the server ends": false} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, Options{})
			l := f.listen()
			writer, transaction, reader := f.dial(l), f.dial(l), f.dial(l)
			transaction.do("MULTI", "+OK\r\n")
			transaction.do("SET k 2", "+QUEUED\r\n")
			reader.do("SET k 1", "+OK\r\n")
			pauses := &f.shared.Env.Pauses
			pauses.Hold()
			writer.send("GET k\r\nDEL k\r\nGET k\r\n")
			writer.expect("$1\r\n1\r\n")
			transaction.send("EXEC\r\n")
			reader.do("CLIENT PAUSE 0", "+OK\r\n")
			reader.do("CLIENT UNPAUSE", "+OK\r\n") // which is not what they wait for
			reader.do("GET k", "$1\r\n1\r\n")
			if goesOn {
				pauses.Release()
				transaction.expect("*1\r\n+OK\r\n")
				writer.expect(":1\r\n")
				return
			}
			if err := f.drain(t.Context()); err != nil {
				t.Error(err)
			}
			writer.ends()
			transaction.ends()
			sh := f.store.Lock(f.store.Key([]byte("k")))
			defer sh.Unlock()
			if e, ok := sh.Get(f.store.Key([]byte("k")), 0); !ok || string(e.Value()) != "1" {
				t.Error("a write was executed")
			}
		})
	}
}
