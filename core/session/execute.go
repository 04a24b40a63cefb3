package session

import (
	"bytes"
	"math"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/store"
	"github.com/redistill-go/redistill/core/sys"
)

// Redis's own texts.
const (
	textOOM     = "OOM command not allowed when used memory > 'maxmemory'."
	textNoAuth  = "NOAUTH Authentication required."
	textNoMulti = "ERR Command not allowed inside a transaction"
	textLoading = "LOADING Redis is loading the dataset in memory"
)

// execute runs one request: the checks that come before every command, in
// Redis's order, and then its handler.
func (s *Session) execute(ws *Workspace, rq *request) {
	ctx := &ws.ctx
	args := ws.args
	if cap(args) < len(rq.args) {
		if args = s.moreArgs(ws, rq); args == nil {
			s.Client.Closing = true
			return
		}
	}
	args = args[:len(rq.args)]
	for i, sp := range rq.args {
		args[i] = ws.bytes(sp)
	}
	ctx.Args, ctx.First, ctx.TakeStaged = args, rq.key, nil
	if len(ws.blobs) > 0 {
		defer ws.freeBlobs()
		ctx.TakeStaged = ws.takeStaged
	}
	if rq.cmd == nil && webRequest(args[0]) {
		s.Client.Closing = true
		return
	}
	cmd, problem := resolve(rq.cmd, args)
	if problem == "" {
		problem = s.refuse(ws, cmd)
	}
	if problem != "" {
		if cmd != nil {
			ws.counts.Rejected(cmd.Index)
		}
		ws.out.Error(ctx.Reject(cmd, problem))
		return
	}
	if cmd != rq.cmd && cmd.FirstKey > 0 && cmd.FirstKey < len(args) {
		ctx.First = ctx.Store.Key(args[cmd.FirstKey])
	}
	s.Client.Last.Store(int32(cmd.Index))
	if s.Client.InMulti() && !cmd.Direct {
		s.queue(ws, rq, cmd)
		return
	}
	ctx.Cmd = cmd
	if !cmd.Brief && cmd.Touches() {
		s.mayGrow(0)
	}
	if !ws.pass(cmd) {
		s.callTimed(ws, cmd)
		return
	}
	errs := ws.out.Errors
	cmd.Handler(ctx)
	ws.counts.Called(cmd.Index, ws.out.Errors != errs)
	s.show(ws)
}

// moreArgs is room for the arguments of a request; nil: there is none, and the
// client is to go.
func (s *Session) moreArgs(ws *Workspace, rq *request) [][]byte {
	if len(rq.args) > keepArgs && s.Reserves != nil && !s.Reserves(s.work(ws, rq)) {
		return nil
	}
	return ws.moreArgs(len(rq.args))
}

// work is about how many bytes a request of many arguments takes beside them: their
// list, and what the command needs while it runs, or until EXEC if it is queued.
func (s *Session) work(ws *Workspace, rq *request) int64 {
	n := int64(len(rq.args))
	list := n * int64(sys.SizeOf[[]byte]())
	if rq.cmd == nil {
		return list
	}
	cmd := rq.cmd
	if sub := cmd.Sub(ws.bytes(rq.args[1])); sub != nil {
		cmd = sub
	}
	work := cmd.Work
	if s.Client.InMulti() && !cmd.Direct {
		work = command.Queueing
	}
	// Large ones have places of their own, which they keep.
	return list + work.Of(n, max(int64(rq.args[n-1].Off)-int64(rq.args[0].Off), 0))
}

// show shows the command that was executed to the monitors.
func (s *Session) show(ws *Workspace) {
	if s.shared.Env.Monitors.Any() {
		ws.ctx.Show()
	}
}

// resolve finds the subcommand, if the command has any, and says what is wrong
// with the request as far as the table tells.
func resolve(cmd *command.Command, args [][]byte) (found *command.Command, problem string) {
	if cmd == nil {
		return nil, command.UnknownCommandError(args)
	}
	if cmd.ArityOK(len(args)) && len(cmd.Subs()) > 0 && len(args) > 1 {
		sub := cmd.Sub(args[1])
		if sub == nil {
			return cmd, command.UnknownSubcommandError(cmd, args[1])
		}
		cmd = sub
	}
	if !cmd.ArityOK(len(args)) {
		return cmd, command.ArityError(cmd)
	}
	return cmd, ""
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
		if env.Auth.Password() != "" {
			return textNoAuth
		}
		s.Client.Authenticated = true // the password was taken away since it came
	}
	for _, b := range ws.blobs {
		if b != nil && b.refused {
			return textOOM
		}
	}
	flags := cmd.Flags
	if s.Client.InMulti() {
		if flags |= s.Client.AlsoFlags(cmd); flags.Has(command.NoMulti) {
			return textNoMulti
		}
	}
	if flags&command.DenyOOM != 0 && !s.admit(ws, cmd) {
		return textOOM
	}
	if s.Client.Mode() != 0 {
		if s.Client.TurnsAway(cmd) {
			env.Stats.ConnectionsRejected.Add(1)
			s.Client.Closing = true
			return command.TooManyClients
		}
		if text := s.Client.Forbids(cmd); text != "" {
			return text
		}
	}
	if cmd.Flags&command.Loading == 0 && env.Loading != nil && env.Loading.Load() {
		return textLoading
	}
	return ""
}

// admit makes room for what the command may add to the store and says whether
// there is some.
func (s *Session) admit(ws *Workspace, cmd *command.Command) bool {
	st := s.shared.Env.Store
	if !st.Limited() {
		return true
	}
	ws.ctx.Cmd = cmd
	return st.Admit(ws.ctx.Now, int(min(ws.ctx.Adds(s.Client.InMulti() && !cmd.Direct), math.MaxInt)))
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
