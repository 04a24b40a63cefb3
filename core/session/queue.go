package session

import "github.com/redistill-go/redistill/core/command"

// queue keeps a request of a transaction until EXEC, as far as a client may
// make the server keep what it sent.
func (s *Session) queue(ws *Workspace, rq *request, cmd *command.Command) {
	ws.out.Simple("QUEUED")
	if s.Client.Doomed() {
		return
	}
	t := s.Client.Queue(cmd, ws.ctx.First)
	for _, sp := range rq.args {
		if sp.Blob == 0 {
			t.Add(ws.bytes(sp))
			continue
		}
		b := ws.blobs[sp.Blob-1]
		t.AddStaged(b.staged)
		b.staged = nil
	}
	if t.Size() > s.shared.Limits.MaxRequest {
		s.Client.Closing = true
	}
}

// caller is the session as EXEC sees it.
type caller struct {
	session *Session
	ws      *Workspace
}

// Call implements command.Caller.
func (c *caller) Call(cmd *command.Command) {
	c.ws.ctx.Cmd = cmd
	c.session.callTimed(c.ws, cmd)
}
