package session

import (
	"sync/atomic"
	"time"

	"github.com/redistill-go/redistill/core/buffer"
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/lane"
	"github.com/redistill-go/redistill/core/resp"
)

// Shared is what all sessions of a server have in common. Its fields do not
// change once the first session runs.
type Shared struct {
	Env    *command.Env
	Limits resp.Limits
	// Buffers is where input and output go; nil: the Go heap.
	Buffers *buffer.Pool
	// ReplyLimit bounds the replies of one client that wait to be sent, in bytes;
	// nil: nothing does. It may be changed at any time.
	ReplyLimit *atomic.Int64
	// Lane is where long work waits for its turn; nil: nothing does. The server that
	// serves the sessions makes it.
	Lane *lane.Lane
	// Clock tells the time in ms since the Unix epoch; nil: the system's.
	Clock func() int64
}

func (sh *Shared) now() int64 {
	if sh.Clock != nil {
		return sh.Clock()
	}
	return time.Now().UnixMilli()
}

// Session is one client's conversation.
type Session struct {
	// What every batch looks at comes first, so that it lies together.
	shared *Shared
	rest   *rest // nil: nothing is half done, or a workspace has it
	large  bool  // the last request had a large argument, and so may the next
	// Grows, if not nil, is called before something that may make the session hold
	// much: a large argument of n bytes, or a reply, 0. No shard is locked.
	Grows func(n int64)
	// Reserves, if not nil, is called before a request of very many arguments takes n
	// bytes beside them, and says whether it may; else it ends the session. No shard
	// is locked.
	Reserves func(n int64) bool
	// Turn is what the client has of the processor: the driver begins and ends it.
	Turn   lane.Turn
	Client command.Client
}

// New makes a session for a client that has just connected.
func New(sh *Shared) *Session {
	s := &Session{shared: sh, Turn: lane.NewTurn(sh.Lane)}
	s.Client.Created = time.Now()
	s.Client.Proto = 2
	s.Client.Resp.Store(2)
	s.Client.Authenticated = sh.Env.Auth.Password() == ""
	s.Client.Last.Store(-1)
	s.Client.Active.Store(sh.now())
	return s
}

// Next is what the driver does after Run, once it has sent the output.
type Next uint8

const (
	// Read is to wait for more bytes.
	Read Next = iota
	// Flush is to call Run again, there is more to execute.
	Flush
	// Close is to close the connection.
	Close
	// Hold is to call Await, once the output is sent, and then Run again.
	Hold
)

// Run executes what has been read, as far as it is complete and as the output
// may grow before it is sent.
func (s *Session) Run(ws *Workspace) Next {
	s.attach(ws)
	next := s.run(ws)
	if t := s.shared.Env.Tracking; t.Due() {
		t.Flush(s.Client.ID)
	}
	s.endLap(ws)
	s.Client.Active.Store(ws.ctx.Now)
	ws.counts.ErrorReplies, ws.out.Errors = ws.out.Errors, 0
	ws.counts.Flush(s.shared.Env.Stats, ws.received, ws.sent)
	ws.received, ws.sent = 0, 0
	return next
}

func (s *Session) attach(ws *Workspace) {
	ws.ctx.Store = s.shared.Env.Store
	ws.out.Pins = ws.ctx.Store
	ws.ctx.Client = &s.Client
	ws.caller.session = s
	if limit := s.shared.ReplyLimit; limit != nil {
		ws.out.Limit = int(limit.Load())
	}
	now, at := s.shared.moment()
	ws.ctx.Now = now
	ws.ctx.Turn = &s.Turn
	s.Turn.Since(at)
	ws.watch.start(at, s.shared.Env.Stats.Alert())
}

func (s *Session) run(ws *Workspace) Next {
	env := s.shared.Env
	ws.out.Proto = s.Client.Proto
	if s.Client.Waiting() {
		ws.ctx.EndWait()
	}
	for {
		ws.out.Proto = s.Client.Proto
		for ws.next < len(ws.batch) {
			rq := &ws.batch[ws.next]
			if env.Pauses.On() && rq.cmd != nil && env.Pauses.Holds(&s.Client, rq.cmd) {
				if env.Pauses.Over() {
					return Close
				}
				return Hold
			}
			ws.next++
			before := ws.out.Mark()
			s.execute(ws, rq)
			if ws.vector != nil {
				ws.unlist()
			}
			if s.Client.Mode() != 0 && s.Client.After(rq.cmd) {
				ws.out.Rewind(before)
				s.Client.MuteWaiting()
			}
			if ws.out.Overflow {
				s.shared.Env.Stats.OutputLimitCloses.Add(1)
				ws.out.Rewind(before)
				return Close
			}
			if s.Client.Closing {
				return Close
			}
			if s.Client.Waiting() {
				return Hold
			}
			if len(ws.out.Buf) >= flushAt || len(ws.out.Parts) > 0 {
				return Flush
			}
		}
		s.endLap(ws)
		ws.forget()
		switch st := s.parse(ws); {
		case len(ws.batch) > 0:
			if s.large && len(ws.blobs) == 0 {
				s.large, ws.large = false, false
			}
			s.warm(ws)
		case st == resp.Broken:
			s.shared.Env.Stats.ProtocolErrors.Add(1)
			ws.out.Error("ERR " + ws.parser.Err())
			return Close
		default:
			ws.compact()
			return Read
		}
	}
}

// Await waits, after Run has said Hold, until the session can go on, or until
// it is woken and left, for a session that is paused, or gone, for one that
// waits, says that nobody is there any more.
func (s *Session) Await(left, gone func() bool) {
	if s.Client.Waiting() {
		s.Client.Await(gone)
		return
	}
	s.shared.Env.Pauses.Wait(left)
}

// parse reads requests up to the size of a batch. It stops early at a large
// argument that has not arrived, which is given a place if it is the next
// thing to happen.
func (s *Session) parse(ws *Workspace) resp.Status {
	if ws.blob != nil {
		return resp.Incomplete
	}
	limit := maxBatch
	if !s.Client.Authenticated {
		limit = 1 // what comes after AUTH may be larger than what comes before
	}
	for len(ws.batch) < limit && (len(ws.batch) == 0 || !ws.parser.Long()) {
		spans, st := ws.parser.Next(ws.in[:ws.filled], s.Client.Authenticated)
		switch {
		case st == resp.Complete:
			rq := s.prepare(ws, spans)
			ws.batch = append(ws.batch, rq)
			if rq.cmd != nil && rq.cmd.Flags&command.NoAuth != 0 {
				return resp.Complete // it may change what the next request is allowed to be
			}
		case st == resp.WantBlob && len(ws.batch) == 0:
			s.takeBlob(ws)
			if ws.blob != nil {
				return resp.Incomplete
			}
		default:
			return st
		}
	}
	return resp.Complete
}

// prepare looks up the request's command and hashes its first key.
func (s *Session) prepare(ws *Workspace, spans []resp.Span) request {
	env := s.shared.Env
	rq := request{args: spans, cmd: env.Table.Lookup(ws.bytes(spans[0]))}
	if rq.cmd != nil && rq.cmd.FirstKey > 0 && rq.cmd.FirstKey < len(spans) {
		rq.key = env.Store.Key(ws.bytes(spans[rq.cmd.FirstKey]))
	}
	return rq
}

// warm touches the index and then the entries of all keys of the batch.
func (s *Session) warm(ws *Workspace) {
	ws.watch.begin(len(ws.batch))
	if len(ws.batch) < 2 {
		return
	}
	st := s.shared.Env.Store
	for i := range ws.batch {
		if rq := &ws.batch[i]; rq.key.Bytes != nil {
			rq.guess = st.Warm(rq.key)
		}
	}
	for i := range ws.batch {
		ws.noise += st.Touch(ws.batch[i].guess)
	}
}

// Sent tells that the output has been sent.
func (s *Session) Sent(ws *Workspace) {
	ws.sent += int64(ws.Pending())
	ws.out.Reset()
}

// Abandon ends the session with whatever is half done in the workspace, which
// is afterwards as good as new. ws may be nil.
func (s *Session) Abandon(ws *Workspace) {
	if ws == nil {
		return
	}
	ws.freeBlobs()
	stats := s.shared.Env.Stats
	stats.NetInput.Add(ws.received)
	stats.NetOutput.Add(ws.sent)
	ws.received, ws.sent = 0, 0
	ws.filled, ws.blob = 0, nil
	ws.parser.Forget()
	ws.batch, ws.next = ws.batch[:0], 0
	ws.out.Reset()
}

// End lets go of what the client has half sent, queued, watched and tracked. The
// driver calls it once, when the connection has ended.
func (s *Session) End() {
	if r := s.rest; r != nil {
		s.rest = nil
		freeBlobs(r.blobs)
		r.parser.Forget()
		s.shared.Buffers.Put(r.in)
	}
	s.Client.EndTransaction(s.shared.Env)
	s.shared.Env.Left(&s.Client)
}

// Feed runs the session on bytes, for drivers that have them at hand, and
// returns the replies and whether the connection is to be closed.
func (s *Session) Feed(ws *Workspace, input []byte) (replies []byte, closed bool) {
	for {
		n := copy(ws.ReadBuf(), input)
		input = input[n:]
		ws.Filled(n)
		for next := Flush; next == Flush || next == Hold; {
			if next == Hold {
				s.Client.Unblock(false)
				s.shared.Env.Pauses.Wait(func() bool { return false })
			}
			next = s.Run(ws)
			// The error is that of the function, which has none.
			_ = ws.Output(func(b []byte) error { replies = append(replies, b...); return nil })
			s.Sent(ws)
			if next == Close {
				return replies, true
			}
		}
		if len(input) == 0 {
			return replies, false
		}
	}
}

// keyLen is the length of the key that a request's large argument belongs to,
// as far as it can be known before the request is complete: that of its first
// key.
func (s *Session) keyLen(ws *Workspace) int {
	args := ws.parser.Arguments()
	if len(args) < 2 {
		return 0
	}
	cmd := s.shared.Env.Table.Lookup(ws.bytes(args[0]))
	if cmd == nil || cmd.FirstKey != 1 || args[1].Blob != 0 {
		return 0
	}
	return int(args[1].Len)
}

func (s *Session) mayGrow(n int64) {
	if s.Grows != nil {
		s.Grows(n)
	}
}

// takeBlob gives the large argument that is next in the input its place.
func (s *Session) takeBlob(ws *Workspace) {
	s.large, ws.large = true, true
	b := &blob{length: ws.parser.BlobLen()}
	s.mayGrow(int64(b.length))
	st := s.shared.Env.Store
	if !st.Fits(b.length) || !ws.buffers.Fits(st.Lent()+int64(b.length)) {
		b.refused = true
	} else if staged, err := st.Stage(s.keyLen(ws), b.length); err != nil {
		b.refused = true
	} else {
		b.staged, b.bytes = staged, staged.Bytes()
	}
	number, from, n := ws.parser.TakeBlob(ws.in[:ws.filled])
	copy(b.bytes, ws.in[from:from+n])
	ws.filled = from + copy(ws.in[from:], ws.in[from+n:ws.filled])
	b.filled = n
	for len(ws.blobs) < number {
		ws.blobs = append(ws.blobs, nil)
	}
	ws.blobs[number-1] = b
	if b.filled < b.length {
		ws.blob = b
	}
}
