package session

import (
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/store"
)

// queue keeps a request of a transaction until EXEC, as far as a client may
// make the server keep what it sent.
func (s *Session) queue(ws *Workspace, rq *request, cmd *command.Command) {
	ws.out.Simple("QUEUED")
	if s.Client.Doomed() {
		return
	}
	var staged func(i int) *store.Staged
	if len(ws.blobs) > 0 {
		staged = func(i int) *store.Staged {
			if n := rq.args[i].Blob; n != 0 {
				return ws.blobs[n-1].staged
			}
			return nil
		}
	}
	bytes := ws.ctx.Queue(cmd, staged)
	for _, b := range ws.blobs {
		if b != nil {
			b.staged = nil
		}
	}
	if bytes > s.shared.Limits.MaxRequest {
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
