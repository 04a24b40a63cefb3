package session

import (
	"time"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/stats"
)

// stopwatch tells how long commands take and reads the clock as rarely as it
// can: a reading costs a sixth of a GET.
//
// A command that is not brief is timed by itself, and so is one that is alone
// in its batch. Of brief commands in a pipeline one in about 128 is, at random,
// and stands for those before it. Whatever ran between two readings is a lap.
// A lap that took less than the threshold of the slow log had no slow command
// in it, so none is ever missed. In one that took longer something was held
// up, which command cannot be known, and the last of the lap is named. Where
// the threshold is so short that a lap of quick commands would reach it, every
// command is timed by itself.
type stopwatch struct {
	at    time.Duration // the last reading
	ran   int           // the last command since, as its place in the batch plus 1; or fresh or stale
	skip  uint32        // brief commands until one is timed
	seed  uint32
	each  bool          // time every command
	alert time.Duration // what takes so long is reported
}

const (
	fresh = 0  // no time has passed since the reading
	stale = -1 // time has passed in which no command ran
)

// eachBelow is the threshold under which every command is timed. A lap has at
// most maxBatch commands, some twenty microseconds' worth.
const eachBelow = time.Millisecond

// moment is the time for commands, in ms since the Unix epoch, and a reading
// for the stopwatch: the time since the start.
func (sh *Shared) moment() (now int64, at time.Duration) {
	t := time.Now()
	now, at = t.UnixMilli(), t.Sub(sh.Env.Stats.Started)
	if sh.Clock != nil {
		now = sh.Clock()
	}
	return now, at
}

func (sh *Shared) read() time.Duration { return time.Since(sh.Env.Stats.Started) }

// start begins a run, during which the thresholds do not change.
func (w *stopwatch) start(at, alert time.Duration) { w.at, w.ran, w.alert = at, fresh, alert }

// begin begins a batch of n requests. What comes before its first command, if
// it is several, is no command's time.
func (w *stopwatch) begin(n int) {
	w.each = n == 1 || w.alert < eachBelow
	if n > 1 {
		w.ran = stale
	}
}

// pass says whether the command goes without a time of its own, and makes it
// part of the lap.
func (ws *Workspace) pass(cmd *command.Command) bool {
	w := &ws.watch
	if !cmd.Brief || w.skip == 0 || w.each || len(ws.blobs) > 0 {
		return false
	}
	w.skip--
	w.ran = ws.next
	return true
}

// draw chooses which brief command is timed next: one in 128 on average. The
// distance varies so that it never falls in step with a pipeline's pattern.
func (w *stopwatch) draw() {
	w.seed = w.seed*1664525 + 1013904223
	w.skip = 64 + w.seed>>25
}

// callTimed runs a command's handler, counts the call and times it.
func (s *Session) callTimed(ws *Workspace, cmd *command.Command) {
	w := &ws.watch
	s.endLap(ws)
	begin, args, errs := w.at, ws.ctx.Args, ws.out.Errors-ws.blamed
	if cmd.Brief {
		w.draw()
	}
	cmd.Handler(&ws.ctx)
	w.at, w.ran = s.shared.read(), fresh
	took := w.at - begin
	// An error in a transaction is blamed on its command and not on EXEC.
	failed := ws.out.Errors - ws.blamed - errs
	ws.blamed += failed
	ws.counts.Called(cmd.Index, failed > 0)
	s.shared.Env.Stats.Timed(cmd.Index, took, ws.counts.Weight(cmd.Index))
	if took >= w.alert {
		s.report(ws, cmd, took, args)
	}
	s.show(ws)
}

// endLap reads the clock, unless nothing happened since the last reading.
func (s *Session) endLap(ws *Workspace) {
	w := &ws.watch
	if w.ran == fresh {
		return
	}
	begin, ran := w.at, w.ran
	w.at, w.ran = s.shared.read(), fresh
	if took := w.at - begin; took >= w.alert && ran != stale {
		rq := &ws.batch[ran-1]
		args := make([][]byte, len(rq.args))
		for i, sp := range rq.args {
			args[i] = ws.bytes(sp)
		}
		s.report(ws, rq.cmd, took, args)
	}
}

// report enters a command that took long where that is kept.
func (s *Session) report(ws *Workspace, cmd *command.Command, took time.Duration, args [][]byte) {
	st, now := s.shared.Env.Stats, time.UnixMilli(ws.ctx.Now)
	event := stats.EventCommand
	if cmd.Flags.Has(command.Fast) {
		event = stats.EventFastCommand
	}
	st.Latency.Record(event, now, took)
	if took >= st.Slowlog.Threshold() && !cmd.Flags.Has(command.SkipSlowlog) {
		st.Slowlog.Enter(now, took, command.Redacted(cmd, args), s.Client.Addr, s.Client.Name())
	}
}
