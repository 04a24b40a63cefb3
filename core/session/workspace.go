package session

import (
	"github.com/redistill-go/redistill/core/buffer"
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/resp"
	"github.com/redistill-go/redistill/core/stats"
	"github.com/redistill-go/redistill/core/store"
	"github.com/redistill-go/redistill/core/sys"
)

const (
	inputSize  = 64 << 10 // bytes of a workspace's input buffer
	minRead    = 4 << 10  // free bytes that are worth a read
	outputSize = 64 << 10 // bytes of a workspace's first chunk of output
	keepArgs   = 4096     // arguments, and what is kept for each
	keepParts  = 256
	// keepScratch is how many bytes a command may leave in Ctx.Scratch.
	keepScratch = 128 << 10
	// flushAt is the length of output from which it is sent before the rest
	// of the batch is executed.
	flushAt = outputSize
	// maxBatch bounds how many requests are parsed ahead, and with it what
	// touching their keys may push out of the cache.
	maxBatch = 64
)

// Workspace is what a session works with while its client has something to do.
type Workspace struct {
	buffers *buffer.Pool
	in      []byte
	filled  int // bytes of in that came from the client
	parser  resp.Parser
	blob    *blob   // the large argument that is arriving
	blobs   []*blob // large arguments of the current request, by number
	large   bool    // the session's
	spare   *rest   // to put things aside in; nil: there is none
	shelf   *shelf  // where it goes when it is given back

	batch []request
	next  int // the first request of batch that was not executed

	out    resp.Writer
	args   [][]byte
	vector []byte // the pool's memory that the arguments are in if there are many
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

// newWorkspace makes one without buffers.
func newWorkspace(sh *Shared) *Workspace {
	ws := &Workspace{
		buffers: sh.Buffers,
		parser:  resp.NewParser(&sh.Limits),
		batch:   make([]request, 0, maxBatch),
		counts:  stats.NewBatch(sh.Env.Table.Len()),
	}
	ws.parser.Pool = sh.Buffers
	ws.out = resp.Writer{Pool: sh.Buffers, Failed: sh.Env.Stats.Failed}
	ws.ctx.W, ws.ctx.Env, ws.ctx.Counts = &ws.out, sh.Env, ws.counts
	ws.caller.ws = ws
	ws.ctx.Caller = &ws.caller
	return ws
}

// equip gets the buffers that every workspace has, where they are missing or
// have another size than usual.
func (ws *Workspace) equip() {
	if cap(ws.in) != inputSize {
		ws.buffers.Put(ws.in)
		ws.in = ws.buffers.Get(inputSize)
		ws.in = ws.in[:cap(ws.in)]
	}
	if cap(ws.out.Buf) != outputSize {
		ws.buffers.Put(ws.out.Buf)
		ws.out.Buf = ws.buffers.Get(outputSize)
	}
}

// strip gives the buffers back.
func (ws *Workspace) strip() {
	ws.buffers.Put(ws.in)
	ws.in = nil
	ws.out.Release()
}

// trim lets go of what only an unusual request needs.
func (ws *Workspace) trim() {
	if cap(ws.out.Parts) > keepParts {
		ws.out.Parts = nil
	}
	if cap(ws.blobs) > keepArgs {
		ws.blobs = nil
	}
	ws.caller.session = nil
	ws.ctx.Reset()
	if cap(ws.ctx.Scratch) > keepScratch {
		ws.ctx.Scratch = nil
	}
}

// Idle says whether nothing is half done, so that the workspace may be given
// back.
func (ws *Workspace) Idle() bool {
	return ws.filled == 0 && ws.blob == nil && !ws.parser.Partial() && ws.out.Len() == 0
}

// ReadBuf is where the next bytes from the client go. It is never empty, and
// it is a large argument's final place while one is arriving. Where that is what
// comes next, most likely, it is short: what is read here of such an argument has
// to be copied.
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
	if ws.large {
		return ws.in[ws.filled : ws.filled+minRead]
	}
	return ws.in[ws.filled:]
}

// reserve makes room for n more bytes of input.
func (ws *Workspace) reserve(n int) {
	if len(ws.in)-ws.filled >= n {
		return
	}
	ws.in = ws.buffers.Grow(ws.in[:ws.filled], ws.filled+max(n, inputSize))
	ws.in = ws.in[:cap(ws.in)]
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

// Shrink lets go of the room that is not used, while the client keeps the
// session waiting.
func (ws *Workspace) Shrink() {
	if cap(ws.in) > buffer.Capacity(ws.filled) {
		small := append(ws.buffers.Get(ws.filled), ws.in[:ws.filled]...)
		ws.buffers.Put(ws.in)
		ws.in = small[:cap(small)]
		for i := ws.next; i < len(ws.batch); i++ {
			if rq := &ws.batch[i]; rq.key.Bytes != nil {
				rq.key.Bytes = ws.bytes(rq.args[rq.cmd.FirstKey])
			}
		}
	}
	ws.out.Shrink()
}

// Plain returns the output if it is one piece, which it is unless it is long or
// a large value is in it.
func (ws *Workspace) Plain() (b []byte, ok bool) { return ws.out.Rest(), len(ws.out.Parts) == 0 }

// Output is what to send, in order. next is called for each piece until it
// fails.
func (ws *Workspace) Output(next func([]byte) error) error {
	for _, p := range ws.out.Parts {
		if err := next(p.Bytes); err != nil {
			return err
		}
	}
	if b := ws.out.Rest(); len(b) > 0 {
		return next(b)
	}
	return nil
}

// Pieces appends the first pieces of the output to dst, as many as there is
// room for.
func (ws *Workspace) Pieces(dst [][]byte) [][]byte {
	n := min(cap(dst)-len(dst), len(ws.out.Parts))
	for _, p := range ws.out.Parts[:n] {
		dst = append(dst, p.Bytes)
	}
	if b := ws.out.Rest(); len(b) > 0 && len(dst) < cap(dst) {
		dst = append(dst, b)
	}
	return dst
}

// SentSome tells that the first n bytes of the output were sent, and gives back
// what held them.
func (ws *Workspace) SentSome(n int) {
	ws.out.Advance(n)
	ws.sent += int64(n)
}

// Pending is the number of bytes to send.
func (ws *Workspace) Pending() int { return ws.out.Len() }

// Unread is Pending without the values of the store that replies point to.
func (ws *Workspace) Unread() int { return ws.out.Copied() }

// Input is how many bytes of input it holds that were not executed, those of
// the request that is running included, and how many more have room.
func (ws *Workspace) Input() (waiting, free int) { return ws.filled, len(ws.in) - ws.filled }

// Held is what it holds, in bytes, without values of the store that replies
// point to: how much input has arrived that was not executed, and what input and
// output take, once Shrink has let go of the rest.
func (ws *Workspace) Held() (arrived, input, output int) {
	input = buffer.Capacity(ws.filled) + ws.parser.Held() + ws.staged()
	return ws.filled, input, ws.out.Copied()
}

// staged is how many bytes large arguments have taken that no command has got.
func (ws *Workspace) staged() (n int) {
	for _, b := range ws.blobs {
		if b != nil && b.staged != nil {
			n += b.length
		}
	}
	return n
}

// bytes is the argument at sp.
func (ws *Workspace) bytes(sp resp.Span) []byte {
	if sp.Blob != 0 {
		return ws.blobs[sp.Blob-1].bytes
	}
	return ws.in[sp.Off : sp.Off+sp.Len : sp.Off+sp.Len]
}

// forget drops the executed batch.
func (ws *Workspace) forget() {
	for i := range ws.batch {
		if len(ws.batch[i].args) > keepArgs {
			ws.batch[i] = request{} // its arguments' places are given back
		}
	}
	ws.parser.Reset(0)
	ws.batch, ws.next = ws.batch[:0], 0
}

// moreArgs is room for n arguments, until unlist. Many are in the pool's memory, though the
// collector does not look there: what they point to is the workspace's own.
func (ws *Workspace) moreArgs(n int) [][]byte {
	switch {
	case n <= keepArgs:
		ws.args = make([][]byte, 0, min(max(n, 2*cap(ws.args)), keepArgs))
		return ws.args
	case ws.buffers == nil:
		return make([][]byte, 0, n)
	}
	ws.vector = ws.buffers.Get(n * sys.SizeOf[[]byte]())
	return sys.Lend[[]byte](ws.vector)
}

// unlist gives back the room for many arguments.
func (ws *Workspace) unlist() {
	ws.buffers.Put(ws.vector)
	ws.vector, ws.ctx.Args = nil, nil
}

// compact moves what is left of the input to the buffer's front.
func (ws *Workspace) compact() {
	done := ws.parser.Pos()
	ws.parser.Reset(done)
	ws.filled = copy(ws.in, ws.in[done:ws.filled])
}

func (ws *Workspace) freeBlobs() {
	freeBlobs(ws.blobs)
	ws.blobs = ws.blobs[:0]
}

// freeBlobs gives back what no command has taken, and forgets all.
func freeBlobs(blobs []*blob) {
	for _, b := range blobs {
		if b != nil && b.staged != nil {
			b.staged.Free()
		}
	}
	clear(blobs)
}
