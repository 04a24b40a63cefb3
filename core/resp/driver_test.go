package resp_test

import (
	"slices"
	"strconv"

	"github.com/redistill-go/redistill/core/resp"
)

// driver reads requests as a session does: it fills a buffer, gives large
// arguments places of their own, and forgets what it has read.
type driver struct {
	parser resp.Parser
	in     []byte
	blobs  map[int][]byte
	blob   int // the one that is arriving
	left   int // bytes of it still to come
	auth   bool

	got    [][]string
	broken string // the protocol error
	spans  int    // most spans that one request had so far, complete or not
}

func newDriver(limits *resp.Limits, auth bool) *driver {
	return &driver{parser: resp.NewParser(limits), blobs: map[int][]byte{}, auth: auth}
}

// feed takes bytes as they come from a client.
func (d *driver) feed(b []byte) {
	n := min(d.left, len(b))
	d.blobs[d.blob] = append(d.blobs[d.blob], b[:n]...)
	d.left -= n
	d.in = append(d.in, b[n:]...)
	for d.broken == "" && d.left == 0 && d.step() {
	}
}

// step says whether there is more to do.
func (d *driver) step() bool {
	args, st := d.parser.Next(d.in, d.auth)
	d.spans = max(d.spans, len(d.parser.Arguments()))
	switch st {
	case resp.Complete:
		var request []string
		for _, sp := range args {
			request = append(request, d.argument(sp))
		}
		d.got = append(d.got, request)
		return true
	case resp.WantBlob:
		d.forget()
		want := d.parser.BlobLen()
		blob, from, n := d.parser.TakeBlob(d.in)
		d.blobs[blob] = slices.Clone(d.in[from : from+n])
		d.in = slices.Delete(d.in, from, from+n)
		d.blob, d.left = blob, want-n
		return d.left == 0
	case resp.Broken:
		d.broken = d.parser.Err()
	default:
		d.forget()
	}
	return false
}

func (d *driver) argument(sp resp.Span) string {
	if sp.Blob != 0 {
		if len(d.blobs[int(sp.Blob)]) != int(sp.Len) {
			return "a blob of the wrong length"
		}
		return string(d.blobs[int(sp.Blob)])
	}
	return string(d.in[sp.Off : sp.Off+sp.Len])
}

func (d *driver) forget() {
	done := d.parser.Pos()
	d.parser.Reset(done)
	d.in = slices.Delete(d.in, 0, done)
}

// equal says whether both read the same.
func (d *driver) equal(o *driver) bool {
	return d.broken == o.broken && slices.EqualFunc(d.got, o.got, slices.Equal)
}

// chunks cuts input at lengths that cuts gives, again and again.
func chunks(input, cuts []byte) (all [][]byte) {
	for i := 0; len(input) > 0; i++ {
		n := len(input)
		if len(cuts) > 0 {
			n = min(n, int(cuts[i%len(cuts)])+1)
		}
		all = append(all, input[:n])
		input = input[n:]
	}
	return all
}

// encode writes requests as arrays of bulk strings.
func encode(requests ...[]string) (out []byte) {
	for _, r := range requests {
		out = append(out, '*')
		out = append(strconv.AppendInt(out, int64(len(r)), 10), "\r\n"...)
		for _, a := range r {
			out = append(out, '$')
			out = append(strconv.AppendInt(out, int64(len(a)), 10), "\r\n"...)
			out = append(append(out, a...), "\r\n"...)
		}
	}
	return out
}
