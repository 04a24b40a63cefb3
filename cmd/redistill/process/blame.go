package process

import (
	"fmt"
	"strings"

	"go.uber.org/dig"
	"go.uber.org/fx/fxevent"
)

// blame remembers the module whose constructor failed first.
type blame struct{ module string }

// LogEvent implements fxevent.Logger.
func (b *blame) LogEvent(event fxevent.Event) {
	if b.module != "" {
		return
	}
	switch e := event.(type) {
	case *fxevent.Provided:
		b.note(e.ModuleName, e.Err)
	case *fxevent.Run:
		b.note(e.ModuleName, e.Err)
	case *fxevent.Invoked:
		b.note(e.ModuleName, e.Err)
	}
}

func (b *blame) note(module string, err error) {
	if err != nil {
		b.module = module
	}
}

// on is err's root cause, beginning with the module's ID.
func (b *blame) on(err error) error { return blamed(b.module, dig.RootCause(err)) }

func blamed(module string, cause error) error {
	if module == "" || strings.HasPrefix(cause.Error(), module+":") {
		return cause
	}
	return fmt.Errorf("%s: %w", module, cause)
}
