package process

import (
	"context"
	"errors"
	"log/slog"

	"github.com/redistill-go/redistill/core/command"
)

// prepareStop saves the last snapshot, if one is wanted, while the server still
// serves, so that it can go on if that fails. Reads are answered meanwhile. Writes
// wait: those that the snapshot doesn't have must not be answered, and when the
// server ends they are not executed any more.
func (p process) prepareStop(a *attempt) error {
	switch {
	case !p.State.served.Load(): // nothing new, and a damaged snapshot stays as it is
	case a.Last == command.SaveNever, a.Last == command.SaveAsConfigured && !p.Config.Persistence.SaveOnShutdown:
		p.State.noLast.Store(true)
	case p.Backend == nil && a.Last == command.SaveAlways && !p.State.stops.forced(a):
		return errNowhere
	case p.Backend != nil:
		return p.saveLast(a)
	}
	return nil
}

func (p process) saveLast(a *attempt) error {
	p.State.set("saving the last snapshot")
	p.Env.Pauses.Hold()
	err := p.Saver.SaveLast(a.ctx)
	if err == nil {
		return nil
	}
	if cause := context.Cause(a.ctx); cause != nil {
		err = cause
	}
	if !errors.Is(err, errAborted) && p.State.stops.forced(a) {
		slog.Error("stopping without the last snapshot", "error", err)
		p.State.noLast.Store(true)
		return nil
	}
	p.Env.Pauses.Release()
	p.State.set("")
	return err
}

// saveRest saves what the last snapshot has not, when nobody writes any more: what
// a command may have written that was being executed when the snapshot was taken,
// or all of it if the process ends without having been asked to.
func (p process) saveRest(ctx context.Context) error {
	if !p.State.served.Load() || p.State.noLast.Load() {
		return nil
	}
	return p.Saver.SaveRest(ctx, p.Config.Persistence.SaveOnShutdown)
}
