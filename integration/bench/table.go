package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/redistill-go/redistill/integration/measure"
)

// row is one figure of both servers, with one value per round.
type row struct {
	title       string
	unit        string
	format      string
	ours, redis []float64
}

type table struct {
	rows []row
}

func (t *table) addLoad(title string, ours, redis []sample) {
	for _, figure := range []struct {
		unit, format string
		of           func(sample) float64
	}{
		{"throughput, ops/s", "%.0f", func(s sample) float64 { return s.throughput }},
		{"server cpu per op, µs", "%.3f", func(s sample) float64 { return s.cpu }},
		{"batch p50, ms", "%.3f", func(s sample) float64 { return s.p50 }},
		{"batch p99, ms", "%.3f", func(s sample) float64 { return s.p99 }},
	} {
		r := row{title: title, unit: figure.unit, format: figure.format}
		for i := range ours {
			r.ours = append(r.ours, figure.of(ours[i]))
			r.redis = append(r.redis, figure.of(redis[i]))
		}
		t.rows = append(t.rows, r)
	}
}

func (t *table) addMemory(title string, ours, redis float64) {
	t.rows = append(t.rows, row{title, "bytes per key beyond payload", "%.1f", []float64{ours}, []float64{redis}})
}

func (t *table) print(out io.Writer, o options) error {
	socket := "TCP on the loopback"
	if o.unix {
		socket = "a unix socket"
	}
	if _, err := fmt.Fprintf(out, "\n%d rounds of %s, %d connections over %s, %d keys, %d-byte values, generator %s.\n"+
		"Medians; the ratio is redistill / redis-server, round by round.\n\n",
		o.rounds, o.duration, o.connections, socket, o.keys, o.value, o.generator); err != nil {
		return err
	}
	title := ""
	for _, r := range t.rows {
		if r.title != title {
			title = r.title
			if _, err := fmt.Fprintf(out, "%-42s%12s%14s%8s%8s%8s\n", title, "redistill", "redis-server", "min", "median", "max"); err != nil {
				return err
			}
		}
		ratios := measure.Ratios(r.ours, r.redis)
		if _, err := fmt.Fprintf(out, "  %-40s%12s%14s%8.2f%8.2f%8.2f\n", r.unit,
			fmt.Sprintf(r.format, measure.Median(r.ours)), fmt.Sprintf(r.format, measure.Median(r.redis)),
			slices.Min(ratios), measure.Median(ratios), slices.Max(ratios)); err != nil {
			return err
		}
	}
	return nil
}
