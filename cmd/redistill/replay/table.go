package replay

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/redistill-go/redistill/core/eviction"
)

// bars are how many percentage points above the reference a policy may be.
var bars = map[string]float64{"allkeys-s3fifo": 1, "allkeys-lru": 2}

// barFrom is the size of the cache from which on the bars hold: with fewer
// objects, a few requests make the difference.
const barFrom = 1000

// Options are what Compare replays.
type Options struct {
	Traces    []string // files
	Reference *Reference
	Policies  []eviction.Policy
	Sizes     []int // objects; none: those of the reference, else some shares of the trace's keys
	ValueSize int   // see Run
	Pace      time.Duration
}

// Compare replays every trace with every policy and size and prints a table.
// It returns how many bars were missed.
func Compare(out io.Writer, o Options) (missed int, err error) {
	for _, path := range o.Traces {
		t, err := ReadTrace(path)
		if err != nil {
			return missed, err
		}
		sizes := o.Sizes
		if len(sizes) == 0 {
			if sizes = o.Reference.Sizes(t.Name); len(sizes) == 0 {
				sizes = []int{max(t.Unique/100, 10), max(t.Unique/10, 10)}
			}
		}
		if _, err := fmt.Fprintf(out, "\n%s: %d requests for %d keys\n", t.Name, len(t.Requests), t.Unique); err != nil {
			return missed, err
		}
		for _, objects := range sizes {
			n, err := o.compareSize(out, t, objects)
			missed += n
			if err != nil {
				return missed, err
			}
		}
	}
	return missed, nil
}

func (o *Options) compareSize(out io.Writer, t *Trace, objects int) (missed int, err error) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	title := fmt.Sprintf("%d objects", objects)
	if best, ok := o.Reference.Best(t.Name, objects); ok {
		title += fmt.Sprintf(", optimum %.4f", best)
	}
	var lines []string
	line := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	line("policy\tmiss ratio\treference\tpoints\tbar\theld\tns/op\tpolicy B/key\tshards\tlimit MiB\t")
	for _, p := range o.Policies {
		run := Run{Trace: t, Policy: p, Objects: objects, Size: o.ValueSize, Pace: o.Pace, Expiring: strings.HasPrefix(p.Name(), "volatile-")}
		got, err := run.Do()
		if err != nil {
			return missed, err
		}
		reference, points, verdict := "", "", ""
		if ref, ok := o.Reference.Ratio(t.Name, objects, p.Name()); ok {
			above := (got.MissRatio - ref) * 100
			reference, points = fmt.Sprintf("%.4f", ref), fmt.Sprintf("%+.2f", above)
			if bar, ok := bars[p.Name()]; ok && objects >= barFrom {
				verdict = "met"
				if above > bar {
					verdict = "missed"
					missed++
				}
			}
		}
		line("%s\t%.4f\t%s\t%s\t%s\t%.0f\t%d\t%.1f\t%d\t%.1f\t", p.Name(), got.MissRatio, reference, points, verdict,
			got.Held, got.PerOp.Nanoseconds(), got.PerKey, got.Shards, float64(got.Limit)/(1<<20))
	}
	if _, err := fmt.Fprintf(out, "\n%s\n", title); err != nil {
		return missed, err
	}
	for _, l := range lines {
		if _, err := fmt.Fprintln(w, l); err != nil {
			return missed, err
		}
	}
	return missed, w.Flush()
}
