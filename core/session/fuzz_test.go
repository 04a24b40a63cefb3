package session

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/command"
)

const (
	fuzzReserve = 64 << 20 // all memory that the store can have
	fuzzMemory  = 1 << 20
	fuzzOutput  = 256 << 10
)

// repeatable are the commands whose replies depend on nothing but what the
// session was sent.
func repeatable() []command.Spec {
	return slices.DeleteFunc(allSpecs(), func(s command.Spec) bool {
		return slices.Contains([]string{"client", "info", "keys", "scan", "randomkey", "time"}, s.Name)
	})
}

// expand makes bytes of fuzzed ones: some stand for what is hard to guess, as
// large arguments are.
func expand(in []byte) []byte {
	var out []byte
	for _, c := range in {
		switch c {
		case 0xf0:
			out = append(out, "$70000\r\n"+strings.Repeat("x", 70_000)+"\r\n"...)
		case 0xf1:
			out = append(out, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n"...)
		case 0xf2:
			out = append(out, "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"...)
		case 0xf3:
			out = append(out, "*3\r\n$6\r\nAPPEND\r\n$1\r\nk\r\n"...)
		case 0xf4:
			out = append(out, "*5\r\n$4\r\nMSET\r\n$1\r\nk\r\n"...)
		case 0xf5:
			out = append(out, "*2\r\n$4\r\nAUTH\r\n$1\r\np\r\n"...)
		default:
			out = append(out, c)
		}
	}
	return out
}

// FuzzSession: whatever a client sends, in whatever pieces, the session
// answers with whole replies, stays within its limits, and leaves nothing
// behind.
func FuzzSession(f *testing.F) {
	for _, s := range []string{
		"PING\r\nSET k v\r\nGET k\r\nINCR n\r\nQUIT\r\nPING\r\n",
		"HELLO 3\r\nMGET k \"\\x00\" none\r\nCONFIG GET *\r\nCOMMAND COUNT\r\nRESET\r\nGET none\r\n",
		"\xf1\xf0\xf2\xf2FLUSHALL\r\n\xf2", "\xf1\xf0\xf3\xf0\xf2APPEND k x\r\nSETRANGE k 5 y\r\nGETRANGE k 0 -2\r\n",
		"\xf4\xf0$1\r\nj\r\n\xf0MGET k j k k\r\n", "\xf4\xf0\xf0\xf0DEL k\r\nDBSIZE\r\n", "*2\r\n$4\r\nECHO\r\n\xf0", "*2\r\n\xf0\xf0",
		"AUTH p\r\nRESET\r\n\xf1\xf0", "\xf5\xf1\xf0\xf2", "SETRANGE k 60000000 x\r\nGET k\r\nEXPIRE k 1\r\nPERSIST k\r\n",
		"*1\r\n$-2\r\n", "*1\r\n$9223372036854775807\r\n", "PING\r\n\"a\"b\"\r\n", "POST / HTTP/1.1\r\nHost: x\r\n",
		"SET k 1 EX 10 GET\r\nGETEX k PX 5\r\nINCRBYFLOAT k 1e3\r\nSET k v NX\r\nGETSET k 2\r\nGETDEL k\r\nTTL k\r\n",
	} {
		f.Add([]byte(s), []byte{255}, false, false)
		f.Add([]byte(s), []byte{3, 200}, true, false)
		f.Add([]byte(s), []byte{1, 90, 30}, false, true)
	}
	f.Fuzz(func(t *testing.T, fuzzed, cuts []byte, password, limited bool) {
		if bytes.Count(fuzzed, []byte{0xf0}) > 20 {
			return // no more to learn, and slow
		}
		input := expand(fuzzed)
		o := setup{reserve: fuzzReserve, output: fuzzOutput, specs: repeatable()}
		if password {
			o.password = "p"
		}
		if limited {
			o.memory, o.specs = fuzzMemory, nil
		}
		whole, wholeClosed := play(t, o, input, nil)
		cut, cutClosed := play(t, o, input, cuts)
		// Where memory runs out depends on more than what was sent.
		if limited || bytes.Contains(whole, []byte("-OOM")) || bytes.Contains(cut, []byte("-OOM")) {
			return
		}
		if !bytes.Equal(whole, cut) || wholeClosed != cutClosed {
			t.Fatalf("whole, closed %v: %.300q\ncut, closed %v: %.300q", wholeClosed, whole, cutClosed, cut)
		}
	})
}

// play feeds a new session of a new server and checks what must always hold.
func play(t *testing.T, o setup, input, cuts []byte) (out []byte, closed bool) {
	s := newServer(t, o)
	c := s.connect()
	for i := 0; len(input) > 0 && !closed; i++ {
		n := len(input)
		if len(cuts) > 0 {
			cut := int(cuts[i%len(cuts)])
			n = min(n, 1+cut*cut) // 1 byte to 64 KiB
		}
		next := Flush
		for piece := input[:n]; len(piece) > 0 && next != Close; {
			k := copy(c.ws.ReadBuf(), piece)
			if k == 0 {
				t.Fatal("there is nowhere to read to")
			}
			c.ws.Filled(k)
			piece = piece[k:]
			for next = Flush; next == Flush; {
				next = c.Run(c.ws)
				if c.ws.out.Copied() > fuzzOutput+outputSize {
					t.Fatalf("%d bytes of output", c.ws.out.Copied())
				}
				if err := c.ws.Output(func(b []byte) error { out = append(out, b...); return nil }); err != nil {
					t.Fatal(err)
				}
				c.Sent(c.ws)
			}
		}
		if closed = next == Close; !closed && n%2 == 0 {
			c.rest()
		}
		input = input[n:]
		if c.ws.filled > len(c.ws.in) || len(c.ws.in) > 8*inputSize {
			t.Fatalf("%d bytes of %d in the input buffer", c.ws.filled, len(c.ws.in))
		}
	}
	if _, err := countReplies(out); err != nil {
		t.Fatal(err)
	}
	c.leave()
	if !c.ws.Idle() {
		t.Fatal("the workspace is not idle afterwards")
	}
	s.store.Whole().Flush()()
	if left := s.store.Memory().Allocated; left != 0 {
		t.Fatalf("%d bytes are left", left)
	}
	return out, closed
}
