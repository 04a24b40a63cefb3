package offline

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/redistill-go/redistill/core/snapshot"
)

// ShowProgress shows on a terminal how far the load of a backend is, until the
// function that it returns is called. It shows nothing if out is no terminal or
// the backend does not tell.
func ShowProgress(out io.Writer, title string, from snapshot.Backend) (stop func()) {
	loader, ok := from.(snapshot.Loader)
	file, isFile := out.(*os.File)
	if !ok || !isFile || !term.IsTerminal(int(file.Fd())) {
		return func() {}
	}
	bar := progressbar.NewOptions64(1, // until the total is known
		progressbar.OptionSetWriter(out),
		progressbar.OptionSetDescription(title),
		progressbar.OptionShowBytes(true),
		progressbar.OptionUseIECUnits(true),
		progressbar.OptionClearOnFinish(),
	)
	done := make(chan struct{})
	var drawing sync.WaitGroup
	drawing.Go(func() { draw(bar, loader.LoadProgress(), done) })
	return func() {
		close(done)
		drawing.Wait()
		_ = bar.Finish() // a terminal that is gone is no reason to stop
	}
}

func draw(bar *progressbar.ProgressBar, p *snapshot.Progress, done <-chan struct{}) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		if at, total := p.Now(); total > 0 {
			bar.ChangeMax64(total)
			_ = bar.Set64(at)
		}
	}
}
