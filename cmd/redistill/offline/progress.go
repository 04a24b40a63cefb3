package offline

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

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
	done := make(chan struct{})
	var drawing sync.WaitGroup
	drawing.Go(func() { draw(out, title, loader.LoadProgress(), done) })
	return func() {
		close(done)
		drawing.Wait()
	}
}

// clearLine takes the cursor to the begin of the line and empties that.
const clearLine = "\r\x1b[K"

func draw(out io.Writer, title string, p *snapshot.Progress, done <-chan struct{}) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	begin := time.Now()
	for {
		select {
		case <-done:
			_, _ = io.WriteString(out, clearLine) // a terminal that is gone is no reason to stop
			return
		case now := <-tick.C:
			if at, total := p.Now(); total > 0 {
				_, _ = io.WriteString(out, clearLine+progressLine(title, at, total, now.Sub(begin)))
			}
		}
	}
}

// barWidth is how many characters the bar has.
const barWidth = 30

// progressLine is how far something is that has done so many bytes of the total, of
// which there are some, in a time.
func progressLine(title string, at, total int64, took time.Duration) string {
	filled := int(barWidth * float64(at) / float64(total))
	line := fmt.Sprintf("%s %3d%% [%s%s] %s of %s", title, int(100*float64(at)/float64(total)),
		strings.Repeat("=", filled), strings.Repeat(" ", barWidth-filled), Bytes(at), Bytes(total))
	rate := float64(at) / took.Seconds()
	if at == 0 || took < time.Second {
		return line
	}
	left := time.Duration(float64(total-at) / rate * float64(time.Second))
	return fmt.Sprintf("%s, %s/s, %s left", line, Bytes(int64(rate)), left.Round(time.Second))
}
