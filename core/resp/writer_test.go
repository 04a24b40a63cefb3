package resp_test

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/tidwall/redcon"
	"pgregory.net/rapid"

	"github.com/redistill-go/redistill/core/resp"
)

func TestWriter(t *testing.T) {
	for _, c := range []struct {
		name  string
		write func(*resp.Writer)
		two   string // in RESP2
		three string // in RESP3; empty: the same
	}{
		{"OK", func(w *resp.Writer) { w.OK() }, "+OK\r\n", ""},
		{"Simple", func(w *resp.Writer) { w.Simple("PONG") }, "+PONG\r\n", ""},
		{"Error", func(w *resp.Writer) { w.Error("ERR no such key") }, "-ERR no such key\r\n", ""},
		{"Error of lines", func(w *resp.Writer) { w.Error("ERR a\r\nb\nc\r\n\r\n") }, "-ERR a  b c\r\n", ""},
		{"Int 0", func(w *resp.Writer) { w.Int(0) }, ":0\r\n", ""},
		{"Int 9", func(w *resp.Writer) { w.Int(9) }, ":9\r\n", ""},
		{"Int 10", func(w *resp.Writer) { w.Int(10) }, ":10\r\n", ""},
		{"Int -1", func(w *resp.Writer) { w.Int(-1) }, ":-1\r\n", ""},
		{"Int min", func(w *resp.Writer) { w.Int(math.MinInt64) }, ":-9223372036854775808\r\n", ""},
		{"Bulk", func(w *resp.Writer) { w.Bulk([]byte("a\r\n\x00")) }, "$4\r\na\r\n\x00\r\n", ""},
		{"Bulk empty", func(w *resp.Writer) { w.Bulk(nil) }, "$0\r\n\r\n", ""},
		{"BulkString", func(w *resp.Writer) { w.BulkString("ab") }, "$2\r\nab\r\n", ""},
		{"BulkInt", func(w *resp.Writer) { w.BulkInt(-42) }, "$3\r\n-42\r\n", ""},
		{"Null", func(w *resp.Writer) { w.Null() }, "$-1\r\n", "_\r\n"},
		{"NullArray", func(w *resp.Writer) { w.NullArray() }, "*-1\r\n", "_\r\n"},
		{"Array", func(w *resp.Writer) { w.Array(12) }, "*12\r\n", ""},
		{"Array empty", func(w *resp.Writer) { w.Array(0) }, "*0\r\n", ""},
		{"Map", func(w *resp.Writer) { w.Map(7) }, "*14\r\n", "%7\r\n"},
		{"Set", func(w *resp.Writer) { w.Set(7) }, "*7\r\n", "~7\r\n"},
		{"Push", func(w *resp.Writer) { w.Push(2) }, ">2\r\n", ""},
		{"Bool true", func(w *resp.Writer) { w.Bool(true) }, ":1\r\n", "#t\r\n"},
		{"Bool false", func(w *resp.Writer) { w.Bool(false) }, ":0\r\n", "#f\r\n"},
		{"Double", func(w *resp.Writer) { w.Double(-1.5) }, "$4\r\n-1.5\r\n", ",-1.5\r\n"},
		{"Double whole", func(w *resp.Writer) { w.Double(123456) }, "$6\r\n123456\r\n", ",123456\r\n"},
		{"Double large", func(w *resp.Writer) { w.Double(1e17) }, "$5\r\n1e+17\r\n", ",1e+17\r\n"},
		{"Double small", func(w *resp.Writer) { w.Double(0.0000152587890625) }, "$17\r\n1.52587890625e-05\r\n", ",1.52587890625e-05\r\n"},
		{"Double inf", func(w *resp.Writer) { w.Double(math.Inf(1)) }, "$3\r\ninf\r\n", ",inf\r\n"},
		{"Double -inf", func(w *resp.Writer) { w.Double(math.Inf(-1)) }, "$4\r\n-inf\r\n", ",-inf\r\n"},
		{"Double nan", func(w *resp.Writer) { w.Double(math.NaN()) }, "$3\r\nnan\r\n", ",nan\r\n"},
		{"Verbatim", func(w *resp.Writer) { w.Verbatim("txt", "a\r\nb") }, "$4\r\na\r\nb\r\n", "=8\r\ntxt:a\r\nb\r\n"},
		{"Refer", func(w *resp.Writer) { w.Refer([]byte("ab"), 1) }, "$2\r\n\r\n", ""},
	} {
		for proto, want := range map[int]string{0: c.two, 2: c.two, 3: c.three} {
			if want == "" {
				want = c.two
			}
			w := resp.Writer{Proto: proto}
			if c.write(&w); string(w.Buf) != want {
				t.Errorf("%s in protocol %d: %q, want %q", c.name, proto, w.Buf, want)
			}
		}
	}
}

func TestWriterCountsErrors(t *testing.T) {
	var w resp.Writer
	w.OK()
	w.Error("ERR a")
	w.Error("ERR b")
	if w.Errors != 2 {
		t.Errorf("%d errors, want 2", w.Errors)
	}
}

// What is written in RESP2 is read back by an independent reader.
func TestWriterAgreesWithRedcon(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := resp.Writer{Proto: 2}
		want := writeValue(t, &w, 0)
		n, got := redcon.ReadNextRESP(w.Buf)
		if n != len(w.Buf) {
			t.Fatalf("%q: %d of %d bytes are a reply", w.Buf, n, len(w.Buf))
		}
		if s := describe(got); s != want {
			t.Fatalf("%q: read as %s, want %s", w.Buf, s, want)
		}
	})
}

// writeValue writes any value and describes it.
func writeValue(t *rapid.T, w *resp.Writer, depth int) string {
	s := rapid.String().Draw(t, "text")
	n := rapid.Int64().Draw(t, "number")
	kinds := 10
	if depth == 3 {
		kinds = 7
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		w.Bulk([]byte(s))
		return fmt.Sprintf("$%q", s)
	case 1:
		w.BulkString(s)
		return fmt.Sprintf("$%q", s)
	case 2:
		w.Int(n)
		return fmt.Sprintf(":%d", n)
	case 3:
		w.BulkInt(n)
		return fmt.Sprintf("$\"%d\"", n)
	case 4:
		w.Error("ERR " + s)
		s = strings.NewReplacer("\r", " ", "\n", " ").Replace(strings.TrimRight("ERR "+s, "\r\n"))
		return fmt.Sprintf("-%q", s)
	case 5:
		w.Bool(n > 0)
		return fmt.Sprintf(":%d", map[bool]int{true: 1}[n > 0])
	case 6:
		w.Verbatim("txt", s)
		return fmt.Sprintf("$%q", s)
	case 7:
		return writeList(t, w, depth, 1, w.Array)
	case 8:
		return writeList(t, w, depth, 2, w.Map)
	default:
		return writeList(t, w, depth, 1, w.Set)
	}
}

func writeList(t *rapid.T, w *resp.Writer, depth, width int, begin func(int)) string {
	n := rapid.IntRange(0, 3).Draw(t, "length")
	begin(n)
	var all []string
	for range n * width {
		all = append(all, writeValue(t, w, depth+1))
	}
	return fmt.Sprint(all)
}

func describe(r redcon.RESP) string {
	switch r.Type {
	case redcon.Integer:
		return ":" + r.String()
	case redcon.Array:
		var all []string
		r.ForEach(func(e redcon.RESP) bool { all = append(all, describe(e)); return true })
		return fmt.Sprint(all)
	default:
		return fmt.Sprintf("%c%q", r.Type, r.Data)
	}
}

func TestWriterLimit(t *testing.T) {
	big := make([]byte, 60)
	w := resp.Writer{Limit: 100}
	w.Bulk(big)
	if w.Overflow || len(w.Buf) != len("$60\r\n")+60+2 {
		t.Fatalf("%d bytes under the limit: overflow %v, %d written", 60, w.Overflow, len(w.Buf))
	}
	before := len(w.Buf)
	for name, write := range map[string]func(){
		"Bulk": func() { w.Bulk(big) }, "BulkString": func() { w.BulkString(string(big)) },
		"Verbatim": func() { w.Verbatim("txt", string(big)) },
	} {
		w.Overflow = false
		if write(); !w.Overflow || len(w.Buf) != before {
			t.Errorf("%s over the limit: overflow %v, %d bytes more", name, w.Overflow, len(w.Buf)-before)
		}
	}
	w = resp.Writer{}
	if w.Bulk(make([]byte, 1<<20)); w.Overflow {
		t.Error("overflow without a limit")
	}
}

func TestWriterDoesNotAllocate(t *testing.T) {
	w := resp.Writer{Buf: make([]byte, 0, 4096), Parts: make([]resp.Part, 0, 1)}
	value := make([]byte, 256)
	for _, proto := range []int{2, 3} {
		w.Proto = proto
		if n := testing.AllocsPerRun(100, func() {
			w.Reset()
			w.OK()
			w.Simple("PONG")
			w.Error("ERR a\r\nb")
			w.Int(1 << 40)
			w.Bulk(value)
			w.BulkString("value")
			w.BulkInt(-1 << 40)
			w.Null()
			w.NullArray()
			w.Array(10)
			w.Map(10)
			w.Set(10)
			w.Bool(true)
			w.Double(3.25)
			w.Verbatim("txt", "text")
			w.Refer(value, 1)
		}); n != 0 {
			t.Errorf("protocol %d: %v allocations", proto, n)
		}
	}
}

func TestJoinAddsWhatWasWrittenAside(t *testing.T) {
	w, aside := resp.Writer{Limit: 40}, resp.Writer{Limit: 40}
	aside.BulkString("one")
	aside.BulkString("two")
	w.Array(2)
	w.Join(&aside)
	if want := "*2\r\n$3\r\none\r\n$3\r\ntwo\r\n"; string(w.Buf) != want || w.Overflow {
		t.Fatalf("%q, overflow %v, want %q", w.Buf, w.Overflow, want)
	}
	if len(aside.Buf) != 0 {
		t.Errorf("%q is still aside", aside.Buf)
	}
	aside.BulkString("more than fits")
	if w.Join(&aside); !w.Overflow || aside.Overflow {
		t.Errorf("over the limit: overflow %v, aside %v", w.Overflow, aside.Overflow)
	}
	w, aside = resp.Writer{}, resp.Writer{Overflow: true}
	if w.Join(&aside); !w.Overflow {
		t.Error("what was too long aside is not too long joined")
	}
}

// Strings of all lengths near those at which a length gets a digit more, with and
// without room for them.
func TestBulkOfEveryLength(t *testing.T) {
	for n := range 1100 {
		b := bytes.Repeat([]byte{byte('a' + n%26)}, n)
		want := "$" + strconv.Itoa(n) + "\r\n" + string(b) + "\r\n"
		for _, room := range []int{0, n, n + 5, n + 10, n + 23, n + 24, n + 25, n + 100} {
			w := resp.Writer{Buf: append(make([]byte, 0, 3+room), "+\r\n"...)}
			if w.Bulk(b); string(w.Buf) != "+\r\n"+want {
				t.Fatalf("%d bytes with room for %d: %q", n, room, w.Buf)
			}
		}
	}
}
