package admin

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/VictoriaMetrics/metrics"

	"github.com/redistill-go/redistill/core/service"
)

// The types of metric, as Prometheus names them.
const (
	counter = "counter"
	gauge   = "gauge"

	histogram = "histogram"
)

// newSet makes the set that writes every metric of the tables. The set's own
// gauges and counters would carry neither help nor the right type, hence a
// writer.
func newSet(host service.Host) *metrics.Set {
	set := metrics.NewSet()
	set.RegisterMetricsWriter(func(w io.Writer) {
		r := reading{Figures: host.Observer.Figures(), stats: host.Stats, notReady: host.Health.Ready()}
		for _, f := range slices.Concat(families, heldFamilies()) {
			f.writeHead(w)
			write(w, f.Type, f.Name, f.value(&r))
		}
		for _, f := range durationFamilies {
			f.writeHead(w)
			writeDurations(w, f.Name, f.value(&r))
		}
		for _, f := range commandFamilies {
			f.writeHead(w)
			for i, name := range host.Commands {
				write(w, f.Type, fmt.Sprintf("%s{%s=%q}", f.Name, f.Label, name), f.value(host.Stats, i))
			}
		}
	})
	return set
}

func (d Doc) writeHead(w io.Writer) {
	// The writer is a buffer: writing to it does not fail.
	_, _ = fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", d.Name, d.Help, d.Name, d.Type)
}

// write prefers plain digits to 1.5e+06, which people find hard to read.
func write(w io.Writer, kind, name string, value float64) {
	whole := value >= 0 && value < math.MaxInt64 && value == math.Trunc(value)
	switch {
	case whole && kind == counter:
		metrics.WriteCounterUint64(w, name, uint64(value))
	case kind == counter:
		metrics.WriteCounterFloat64(w, name, value)
	case whole:
		metrics.WriteGaugeUint64(w, name, uint64(value))
	default:
		metrics.WriteGaugeFloat64(w, name, value)
	}
}

// writeDurations writes a histogram in seconds.
func writeDurations(w io.Writer, name string, d service.Durations) {
	var count uint64
	for i, n := range d.Counts {
		count += uint64(n)
		bound := "+Inf"
		if i < len(d.Bounds) {
			bound = strconv.FormatFloat(d.Bounds[i].Seconds(), 'g', -1, 64)
		}
		metrics.WriteCounterUint64(w, fmt.Sprintf("%s_bucket{le=%q}", name, bound), count)
	}
	metrics.WriteGaugeFloat64(w, name+"_sum", d.Sum.Seconds())
	metrics.WriteCounterUint64(w, name+"_count", count)
}
