package session

import (
	"sync"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/resp"
	"github.com/redistill-go/redistill/core/stats"
	"github.com/redistill-go/redistill/core/store"
)

const (
	inputSize  = 64 << 10 // bytes of a pooled input buffer
	minRead    = 4 << 10  // free bytes that are worth a read
	outputSize = 16 << 10 // bytes of a new output buffer
	keepOutput = 128 << 10
	keepArgs   = 4096 // arguments, and what is kept for each
	// flushAt is the length of output from which it is sent before the rest
	// of the batch is executed.
	flushAt = 64 << 10
	// maxBatch bounds how many requests are parsed ahead, and with it what
	// touching their keys may push out of the cache.
	maxBatch = 64
)

// Workspace is what a session works with while its client has something to do.
type Workspace struct {
	in     []byte
	filled int // bytes of in that came from the client
	parser resp.Parser
	blob   *blob   // the large argument that is arriving
	blobs  []*blob // large arguments of the current request, by number

	batch []request
	next  int // the first request of batch that was not executed

	out    resp.Writer
	args   [][]byte
	ctx    command.Ctx
	caller caller
	blamed int64 // error replies that a call in a transaction was blamed for
	counts *stats.Batch
	watch  stopwatch
	noise  uint64 // what touching memory read

	received, sent int64 // bytes since the counters were last flushed
}

// request is a parsed request.
type request struct {
	args  []resp.Span
	cmd   *command.Command // nil: unknown
	key   store.Key        // if cmd has keys
	guess uint64
}

// blob is a large argument with a place of its own.
type blob struct {
	staged  *store.Staged // nil: refused, or taken by the command
	refused bool          // there is no memory for it and it is skipped
	bytes   []byte
	filled  int // bytes that have arrived
	length  int
}

// Pool lends workspaces.
type Pool struct{ pool sync.Pool }

// NewPool makes a pool for sessions of sh.
func NewPool(sh *Shared) *Pool {
	p := &Pool{}
	p.pool.New = func() any {
		return &Workspace{
			in:     make([]byte, inputSize),
			parser: resp.NewParser(&sh.Limits),
			batch:  make([]request, 0, maxBatch),
			out:    resp.Writer{Buf: make([]byte, 0, outputSize), Limit: sh.OutputLimit, Failed: sh.Env.Stats.Failed},
			counts: stats.NewBatch(sh.Env.Table.Len()),
		}
	}
	return p
}

// Get lends a workspace.
func (p *Pool) Get() *Workspace { return p.pool.Get().(*Workspace) }

// Put takes a workspace back, which must be Idle.
func (p *Pool) Put(ws *Workspace) {
	if cap(ws.in) > inputSize {
		ws.in = make([]byte, inputSize)
	}
	if cap(ws.out.Buf) > keepOutput {
		ws.out.Buf = make([]byte, 0, outputSize)
	}
	if cap(ws.args) > keepArgs {
		ws.args = nil
	}
	if cap(ws.out.Parts) > keepArgs {
		ws.out.Parts = nil
	}
	if cap(ws.blobs) > keepArgs {
		ws.blobs = nil
	}
	ws.caller = caller{}
	ws.ctx.Reset()
	if cap(ws.ctx.Scratch) > keepOutput {
		ws.ctx.Scratch = nil
	}
	p.pool.Put(ws)
}

// Idle says whether nothing is half done, so that the workspace may be given
// back.
func (ws *Workspace) Idle() bool {
	return ws.filled == 0 && ws.blob == nil && !ws.parser.Partial() && len(ws.out.Buf) == 0
}

// ReadBuf is where the next bytes from the client go. It is never empty, and
// it is a large argument's final place while one is arriving.
func (ws *Workspace) ReadBuf() []byte {
	if b := ws.blob; b != nil {
		if !b.refused {
			return b.bytes[b.filled:]
		}
		// Skipped bytes go where the next ones overwrite them.
		ws.reserve(minRead)
		free := ws.in[ws.filled:]
		return free[:min(len(free), b.length-b.filled)]
	}
	ws.reserve(minRead)
	return ws.in[ws.filled:]
}

// reserve makes room for n more bytes of input.
func (ws *Workspace) reserve(n int) {
	if len(ws.in)-ws.filled >= n {
		return
	}
	bigger := make([]byte, 2*len(ws.in)+n)
	copy(bigger, ws.in[:ws.filled])
	ws.in = bigger
}

// Filled tells that n bytes were read into ReadBuf.
func (ws *Workspace) Filled(n int) {
	ws.received += int64(n)
	if b := ws.blob; b != nil {
		if b.filled += n; b.filled == b.length {
			ws.blob = nil
		}
		return
	}
	ws.filled += n
}

// Output is what to send, in order: the parts that replies point to, each
// preceded by the bytes before it, and then the rest. next is called for each
// piece until it fails.
func (ws *Workspace) Output(next func([]byte) error) error {
	from := 0
	for _, p := range ws.out.Parts {
		if err := next(ws.out.Buf[from:p.At]); err != nil {
			return err
		}
		if err := next(p.Bytes); err != nil {
			return err
		}
		from = p.At
	}
	if from == len(ws.out.Buf) {
		return nil
	}
	return next(ws.out.Buf[from:])
}

// Plain returns the output if it is one piece, which it is unless a large
// value is in it.
func (ws *Workspace) Plain() (b []byte, ok bool) { return ws.out.Buf, len(ws.out.Parts) == 0 }

// Pending is the number of bytes to send.
func (ws *Workspace) Pending() int {
	n := len(ws.out.Buf)
	for _, p := range ws.out.Parts {
		n += len(p.Bytes)
	}
	return n
}

// Input is how many bytes of input it holds that were not executed, those of
// the request that is running included, and how many more have room.
func (ws *Workspace) Input() (waiting, free int) { return ws.filled, len(ws.in) - ws.filled }
