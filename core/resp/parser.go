package resp

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/redistill-go/redistill/core/buffer"
)

// Limits bound what one request may ask for.
type Limits struct {
	// MaxArgs bounds the arguments of one request. That a request says how many
	// follow costs nothing, so what bounds memory is MaxRequest.
	MaxArgs int
	MaxBulk int // bytes of one argument
	// AuthArgs and AuthBulk take their place before a client has
	// authenticated: enough for AUTH and HELLO, too little to be of use in
	// exhausting memory.
	AuthArgs, AuthBulk int
	// MaxRequest bounds the bytes of one request, except for those that go to
	// a Blob; AuthRequest does before a client has authenticated, 0: as MaxRequest.
	MaxRequest, AuthRequest int
	// BlobMin is the length from which an argument that has not arrived yet is
	// read to a place of its own.
	BlobMin int
}

// AuthBulk is the most bytes of an argument before a client has authenticated, a
// password included.
const AuthBulk = 16384

// authRest is room for what comes with a password: HELLO and its other arguments.
const authRest = 1 << 10

// DefaultLimits are Redis's own limits, which since 7.0 are 2^31-1 arguments,
// and a bulk length as configured.
func DefaultLimits(maxBulk int) Limits {
	return Limits{
		MaxArgs: math.MaxInt32, MaxBulk: maxBulk,
		AuthArgs: 10, AuthBulk: AuthBulk,
		MaxRequest: 1 << 30, AuthRequest: AuthBulk + authRest, BlobMin: 64 << 10,
	}
}

// maxLine is the most bytes of an inline request or of a length line.
const maxLine = 64 << 10

// Span is an argument's place: bytes Off to Off+Len of the input, or, if Blob
// is not 0, all of the blob with that number. A request may have millions, and so
// it is small; MaxRequest and MaxBulk are less than 2 GiB.
type Span struct{ Off, Len, Blob int32 }

// Status is what Next found.
type Status uint8

const (
	// Incomplete says that the request needs more bytes; Next goes on where it was.
	Incomplete Status = iota
	// Complete comes with the arguments, one at least.
	Complete
	// WantBlob says that the next argument is BlobLen bytes long and not there.
	// The caller answers with TakeBlob and calls Next again.
	WantBlob
	// Broken says that the client broke the protocol; Err says how. The connection
	// can't go on.
	Broken
)

// Parser reads requests from a buffer that its owner fills, one after another.
type Parser struct {
	// Pool is where the places of many arguments go; nil: the Go heap.
	Pool   *buffer.Pool
	limits *Limits
	spans  buffer.List[Span] // arguments of the requests since Reset
	first  int               // index of the current request's first span
	start  int               // offset of the current request
	pos    int               // offset of the next byte to look at
	open   bool              // a request has begun
	left   int               // arguments of it still to come
	tail   bool              // the CR LF behind an argument that went to a blob comes next
	bulk   int               // length of the argument whose length line was read, or -1
	blobs  int               // the last number given to a blob of the requests in spans
	err    string
}

// spansInHeap is how many arguments have their places on the Go heap, which are
// kept for the next requests.
const spansInHeap = 4096

// NewParser makes a parser. limits may be shared and must not change.
func NewParser(limits *Limits) Parser {
	return Parser{limits: limits, bulk: -1, spans: buffer.List[Span]{Heap: spansInHeap * spanSize}}
}

// Err is the protocol error in Redis's words, to be sent as "-ERR " and this.
func (p *Parser) Err() string { return "Protocol error: " + p.err }

// Pos is the offset up to which all bytes belong to complete requests; those
// before it may be dropped once the requests have been executed.
func (p *Parser) Pos() int {
	if p.Partial() {
		return p.start
	}
	return p.pos
}

// Partial says whether part of a request has been read.
func (p *Parser) Partial() bool { return p.open }

// Long says whether the places of arguments are in the pool's memory: they move as
// more are added, so that complete requests must be forgotten before.
func (p *Parser) Long() bool { return p.spans.Pooled() }

// Reset forgets complete requests. The input's first n bytes are dropped,
// n <= Pos.
func (p *Parser) Reset(n int) {
	if n == 0 && p.first == 0 {
		return // a long request that arrives in small pieces comes here often
	}
	p.start -= n
	p.pos -= n
	p.blobs = 0
	switch {
	case p.first < len(p.spans.All):
		p.spans.All = p.spans.All[:copy(p.spans.All, p.spans.All[p.first:])]
		for i := range p.spans.All {
			p.spans.All[i].Off -= int32(n)
			p.blobs = max(p.blobs, int(p.spans.All[i].Blob))
		}
	case cap(p.spans.All) > spansInHeap && !p.Partial():
		p.spans.Clear(p.Pool)
	default:
		p.spans.All = p.spans.All[:0]
	}
	p.first = 0
}

// fewSpans is up to how many arguments of an incomplete request are copied where
// it changes its parser, so that either keeps room of its own.
const fewSpans = 64

// Move makes another parser, which has no request, go on where this one is, which
// is then as new. Complete requests have been forgotten.
func (p *Parser) Move(to *Parser) {
	mine, other := p.spans, to.spans
	*to = *p
	if !mine.Pooled() && len(mine.All) <= fewSpans {
		to.spans = other
		to.spans.All = append(other.All[:0], mine.All...)
		mine.All = mine.All[:0]
	} else {
		mine = other
	}
	*p = Parser{Pool: p.Pool, limits: p.limits, bulk: -1, spans: mine}
}

// Forget drops all requests, the incomplete one too, and room for many arguments.
func (p *Parser) Forget() {
	p.spans.Clear(p.Pool)
	if cap(p.spans.All) > fewSpans {
		p.spans.All = nil
	}
	*p = Parser{Pool: p.Pool, limits: p.limits, bulk: -1, spans: p.spans}
}

// Held is the number of bytes that the places of the arguments take.
func (p *Parser) Held() int { return p.spans.Held() }

// spanSize is that of a Span, in bytes.
const spanSize = 12

// Next looks for a request in the input. authenticated chooses the limits.
// The spans of a complete request are valid until Reset. Once it is Broken, it
// stays so.
func (p *Parser) Next(in []byte, authenticated bool) ([]Span, Status) {
	if p.err != "" {
		return nil, Broken // the line that was wrong may have been written over
	}
	if !p.open {
		if st := p.begin(in, authenticated); st != Complete {
			return nil, st
		}
	}
	if st := p.arguments(in, authenticated); st != Complete {
		return nil, st
	}
	r := p.spans.All[p.first:]
	p.first = len(p.spans.All)
	p.open, p.start = false, p.pos
	return r, Complete
}

// begin reads what a request starts with: the number of its arguments, or the
// whole of it if it is inline. Requests without arguments are skipped.
func (p *Parser) begin(in []byte, authenticated bool) Status {
	for {
		p.start = p.pos
		if p.pos >= len(in) {
			return Incomplete
		}
		if in[p.pos] != '*' {
			st := p.inlineRequest(in)
			if st == Incomplete {
				return p.more(in, authenticated)
			}
			if st == Complete && len(p.spans.All) == p.first {
				continue
			}
			p.open = st == Complete
			return st
		}
		n, next, st := p.length(in, p.pos+1, "too big mbulk count string")
		switch {
		case st == Incomplete || st == Broken && p.err != "":
			return st
		case st == Broken || n > int64(p.limits.MaxArgs):
			return p.fail("invalid multibulk length")
		case n > int64(p.limits.AuthArgs) && !authenticated:
			return p.fail("unauthenticated multibulk length")
		}
		p.pos = next
		if n > 0 {
			p.open, p.left = true, int(n)
			return Complete
		}
	}
}

// arguments reads bulk strings until the request is complete.
func (p *Parser) arguments(in []byte, authenticated bool) Status {
	if p.tail {
		if p.pos+2 > len(in) {
			return Incomplete
		}
		if string(in[p.pos:p.pos+2]) != "\r\n" {
			return p.fail(badEnd)
		}
		p.pos, p.tail = p.pos+2, false
	}
	for p.left > 0 {
		if p.bulk < 0 {
			if p.pos >= len(in) {
				return p.more(in, authenticated)
			}
			if c := in[p.pos]; c != '$' {
				return p.fail("expected '$', got '" + string([]byte{oneLine(c)}) + "'")
			}
			n, next, st := p.length(in, p.pos+1, "too big bulk count string")
			switch {
			case st == Incomplete:
				return p.more(in, authenticated)
			case st == Broken && p.err != "":
				return st
			case st == Broken || n < 0 || n > int64(p.limits.MaxBulk):
				return p.fail("invalid bulk length")
			case n > int64(p.limits.AuthBulk) && !authenticated:
				return p.fail("unauthenticated bulk length")
			}
			p.bulk, p.pos = int(n), next
		}
		end := p.pos + p.bulk
		if end+2 > len(in) {
			if p.bulk >= p.limits.BlobMin {
				return WantBlob
			}
			return p.more(in, authenticated)
		}
		// A client that has counted wrongly must not have what it meant as data
		// taken for requests.
		if string(in[end:end+2]) != "\r\n" {
			return p.fail(badEnd)
		}
		if len(p.spans.All) == cap(p.spans.All) {
			p.moreSpans()
		}
		p.spans.All = append(p.spans.All, Span{Off: int32(p.pos), Len: int32(p.bulk)})
		p.pos, p.bulk = end+2, -1
		p.left--
	}
	return Complete
}

// moreSpans makes room for twice as many arguments, and no more than the request
// has.
func (p *Parser) moreSpans() {
	p.spans.Room(p.Pool, min(cap(p.spans.All)+fewSpans, p.left))
}

// more asks for more input, unless the request has had enough.
func (p *Parser) more(in []byte, authenticated bool) Status {
	had := len(in) - p.start
	if most := p.limits.AuthRequest; !authenticated && most > 0 && had > most {
		return p.fail("unauthenticated bulk length")
	}
	if had > p.limits.MaxRequest {
		return p.fail("too big request")
	}
	return Incomplete
}

// BlobLen is the length of the argument that WantBlob was said for.
func (p *Parser) BlobLen() int { return p.bulk }

// Arguments returns the arguments of the current request that are complete.
func (p *Parser) Arguments() []Span { return p.spans.All[p.first:] }

// TakeBlob tells that the argument is read to a place of its own, under the
// number that it returns, the first being 1. The caller cuts from the input
// the n bytes from offset from on, which begin the argument, and reads the
// rest of it, and nothing else, to the place; then it calls Next again.
func (p *Parser) TakeBlob(in []byte) (blob, from, n int) {
	p.blobs++
	from, n = p.pos, min(len(in)-p.pos, p.bulk)
	p.spans.Add(p.Pool, Span{Len: int32(p.bulk), Blob: int32(p.blobs)})
	p.bulk, p.tail = -1, true
	p.left--
	return p.blobs, from, n
}

// badEnd is what Valkey says since 9.0.5 where CR LF should be and is not.
const badEnd = "invalid CRLF in request"

// length reads a decimal number up to CR LF. Broken with an empty p.err means
// that it is not a number.
func (p *Parser) length(in []byte, at int, tooLong string) (n int64, next int, st Status) {
	i := at
	if i < len(in) && '1' <= in[i] && in[i] <= '9' {
		v := int64(in[i] - '0')
		// Most lengths are of one digit or two, and something follows.
		if i+4 <= len(in) {
			rest := binary.LittleEndian.Uint32(in[i:]) >> 8
			if rest&0xffff == crlf {
				return v, i + 3, Complete
			}
			if digit := rest&0xff - '0'; digit <= 9 && rest>>8 == crlf {
				return 10*v + int64(digit), i + 4, Complete
			}
		}
		for i++; i < len(in) && i < at+10 && '0' <= in[i] && in[i] <= '9'; i++ {
			v = v*10 + int64(in[i]-'0')
		}
		if i+1 < len(in) && string(in[i:i+2]) == "\r\n" {
			return v, i + 2, Complete
		}
	}
	line := in[at:min(len(in), at+maxLine+1)]
	cr := bytes.IndexByte(line, '\r')
	if cr < 0 || at+cr+1 >= len(in) {
		if len(line) > maxLine && cr < 0 {
			return 0, 0, p.fail(tooLong)
		}
		return 0, 0, Incomplete
	}
	if in[at+cr+1] != '\n' {
		return 0, 0, p.fail(badEnd)
	}
	v, ok := ParseInt(line[:cr])
	if !ok {
		return 0, 0, Broken
	}
	return v, at + cr + 2, Complete
}

func (p *Parser) fail(msg string) Status {
	p.err = msg
	return Broken
}

// oneLine keeps a stray byte from breaking the error reply's line. Like Redis,
// it leaves all others as they are.
func oneLine(c byte) byte {
	if c == '\r' || c == '\n' {
		return ' '
	}
	return c
}
