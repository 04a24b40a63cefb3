package session

import (
	"bytes"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/store"
)

// Redis's own texts.
const (
	textOOM     = "OOM command not allowed when used memory > 'maxmemory'."
	textNoAuth  = "NOAUTH Authentication required."
	textLoading = "LOADING Redis is loading the dataset in memory"
)

// execute runs one request: the checks that come before every command, in
// Redis's order, and then its handler.
func (s *Session) execute(ws *Workspace, rq *request) {
	ctx := &ws.ctx
	ws.args = ws.args[:0]
	for _, sp := range rq.args {
		ws.args = append(ws.args, ws.bytes(sp))
	}
	ctx.Args, ctx.First, ctx.TakeStaged = ws.args, rq.key, nil
	if len(ws.blobs) > 0 {
		defer ws.freeBlobs()
		ctx.TakeStaged = ws.takeStaged
	}
	cmd := rq.cmd
	if cmd == nil && webRequest(ws.args[0]) {
		s.Client.Closing = true
		return
	}
	if cmd == nil {
		ws.out.Error(command.UnknownCommandError(ws.args))
		return
	}
	if !cmd.ArityOK(len(ws.args)) {
		ws.out.Error(command.ArityError(cmd))
		ws.counts.Rejected(cmd.Index)
		return
	}
	if len(cmd.Subs()) > 0 && len(ws.args) > 1 {
		sub := cmd.Sub(ws.args[1])
		if sub == nil {
			ws.out.Error(command.UnknownSubcommandError(cmd, ws.args[1]))
			ws.counts.Rejected(cmd.Index)
			return
		}
		if cmd = sub; !cmd.ArityOK(len(ws.args)) {
			ws.out.Error(command.ArityError(cmd))
			ws.counts.Rejected(cmd.Index)
			return
		}
	}
	if text := s.refuse(ws, cmd); text != "" {
		ws.out.Error(text)
		ws.counts.Rejected(cmd.Index)
		return
	}
	ctx.Cmd = cmd
	s.Client.Last.Store(int32(cmd.Index))
	errs := ws.out.Errors
	cmd.Handler(ctx)
	ws.counts.Called(cmd.Index, ws.out.Errors != errs)
}

// webRequest says whether the command is a line of an HTTP request: a web page
// that makes a browser talk to this port. Like Redis, the server hangs up
// before the page's next line, which could be a command.
func webRequest(name []byte) bool {
	return bytes.EqualFold(name, []byte("post")) || bytes.EqualFold(name, []byte("host:"))
}

// refuse says why the command may not run now, or nothing.
func (s *Session) refuse(ws *Workspace, cmd *command.Command) string {
	env := s.shared.Env
	if !s.Client.Authenticated && cmd.Flags&command.NoAuth == 0 {
		return textNoAuth
	}
	for _, b := range ws.blobs {
		if b != nil && b.refused {
			return textOOM
		}
	}
	if cmd.Flags&command.DenyOOM != 0 && !env.Store.Admit(ws.ctx.Now) {
		return textOOM
	}
	if cmd.Flags&command.Loading == 0 && env.Loading != nil && env.Loading.Load() {
		return textLoading
	}
	return ""
}

// takeStaged hands argument i of the running request over to its handler, if
// it was read to a place of its own that fits a key of keyLen bytes.
func (ws *Workspace) takeStaged(i, keyLen int) *store.Staged {
	sp := ws.batch[ws.next-1].args[i]
	if sp.Blob == 0 {
		return nil
	}
	b := ws.blobs[sp.Blob-1]
	if b.staged == nil || b.staged.KeyLen() != keyLen {
		return nil
	}
	staged := b.staged
	b.staged = nil
	return staged
}
