package session

import (
	"time"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/resp"
)

// Shared is what all sessions of a server have in common. It does not change
// once the first session runs.
type Shared struct {
	Env    *command.Env
	Limits resp.Limits
	// OutputLimit bounds the replies that wait to be sent, in bytes.
	OutputLimit int
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
	Client command.Client
	shared *Shared
}

// New makes a session for a client that has just connected.
func New(sh *Shared) *Session {
	s := &Session{shared: sh}
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
	ws.ctx.W = &ws.out
	ws.ctx.Store = s.shared.Env.Store
	ws.ctx.Env = s.shared.Env
	ws.ctx.Client = &s.Client
	ws.ctx.Counts = ws.counts
	ws.caller = caller{s, ws}
	ws.ctx.Caller = &ws.caller
	now, at := s.shared.moment()
	ws.ctx.Now = now
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
			sent, parts := len(ws.out.Buf), len(ws.out.Parts)
			s.execute(ws, rq)
			if s.Client.Mode() != 0 && s.Client.After(rq.cmd) {
				s.unpin(ws, parts)
				ws.out.Buf, ws.out.Overflow = ws.out.Buf[:sent], false
				s.Client.MuteWaiting()
			}
			if ws.out.Overflow {
				s.shared.Env.Stats.OutputLimitCloses.Add(1)
				s.unpin(ws, parts)
				ws.out.Buf = ws.out.Buf[:sent]
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

// forget drops the executed batch.
func (ws *Workspace) forget() {
	ws.parser.Reset(0)
	ws.batch, ws.next = ws.batch[:0], 0
}

// compact moves what is left of the input to the buffer's front.
func (ws *Workspace) compact() {
	done := ws.parser.Pos()
	ws.parser.Reset(done)
	ws.filled = copy(ws.in, ws.in[done:ws.filled])
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
	for len(ws.batch) < limit {
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

// bytes is the argument at sp.
func (ws *Workspace) bytes(sp resp.Span) []byte {
	if sp.Blob != 0 {
		return ws.blobs[sp.Blob-1].bytes
	}
	return ws.in[sp.Off : sp.Off+sp.Len : sp.Off+sp.Len]
}

// Sent tells that the output has been sent.
func (s *Session) Sent(ws *Workspace) {
	ws.sent += int64(ws.Pending())
	s.unpin(ws, 0)
	ws.out.Buf = ws.out.Buf[:0]
	if cap(ws.out.Buf) > 4*keepOutput {
		ws.out.Buf = make([]byte, 0, outputSize)
	}
}

// unpin lets go of the large values in the output, from the given one on.
func (s *Session) unpin(ws *Workspace, from int) {
	for i := from; i < len(ws.out.Parts); i++ {
		s.shared.Env.Store.Unpin(ws.out.Parts[i].Ref)
		ws.out.Parts[i] = resp.Part{}
	}
	ws.out.Parts = ws.out.Parts[:from]
}

// Abandon ends the session with whatever is half done in the workspace, which
// is afterwards as good as new. ws may be nil.
func (s *Session) Abandon(ws *Workspace) {
	if ws == nil {
		return
	}
	s.unpin(ws, 0)
	ws.freeBlobs()
	stats := s.shared.Env.Stats
	stats.NetInput.Add(ws.received)
	stats.NetOutput.Add(ws.sent)
	ws.received, ws.sent = 0, 0
	ws.filled, ws.blob = 0, nil
	ws.parser = resp.NewParser(&s.shared.Limits)
	ws.batch, ws.next = ws.batch[:0], 0
	ws.out.Buf, ws.out.Overflow = ws.out.Buf[:0], false
}

// End lets go of what the client has queued, watched and tracked. The driver calls it
// once, when the connection has ended.
func (s *Session) End() {
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
	return args[1].Len
}

// takeBlob gives the large argument that is next in the input its place.
func (s *Session) takeBlob(ws *Workspace) {
	b := &blob{length: ws.parser.BlobLen()}
	st := s.shared.Env.Store
	if !st.Admit(ws.ctx.Now, b.length) {
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

func (ws *Workspace) freeBlobs() {
	for i, b := range ws.blobs {
		if b != nil && b.staged != nil {
			b.staged.Free()
		}
		ws.blobs[i] = nil
	}
	ws.blobs = ws.blobs[:0]
}
