package offline

import (
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// Progress shows on a terminal how many keys were read so far. How many there
// are is known at the end only, so that it shows a count and a rate.
type Progress struct {
	bar *progressbar.ProgressBar // nil: nobody watches
	// pending are keys that the bar, which takes a lock, was not told of yet.
	pending atomic.Int64
}

// tellEvery is how many keys the bar is told of at once.
const tellEvery = 4096

// NewProgress makes one that writes to out if out is a terminal and nothing
// otherwise.
func NewProgress(out io.Writer, title string) *Progress {
	file, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return &Progress{}
	}
	return &Progress{bar: progressbar.NewOptions64(-1,
		progressbar.OptionSetWriter(out),
		progressbar.OptionSetDescription(title),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("keys"),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)}
}

// Moved says that n more keys were read. It may be called from any goroutine.
func (p *Progress) Moved(n int) {
	if p.bar == nil || p.pending.Add(int64(n)) < tellEvery {
		return
	}
	_ = p.bar.Add64(p.pending.Swap(0)) // a terminal that is gone is no reason to stop
}

// Done takes the bar away.
func (p *Progress) Done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
