package main

import (
	"slices"

	"github.com/redistill-go/redistill/integration/measure"
)

// compared prints figures of both servers, one pair for each round, with the
// bar for the median of their ratios.
func (b *bench) compared(title, format string, ours, theirs []float64, bar float64) {
	ratios := measure.Ratios(ours, theirs)
	b.print("  %-44s"+format+format+"%8.2f%8.2f%8.2f%8.2f  %s\n", title, measure.Median(ours), measure.Median(theirs),
		slices.Min(ratios), measure.Median(ratios), slices.Max(ratios), bar, verdict(measure.Median(ratios) <= bar))
}

// informed prints figures that there is no bar for.
func (b *bench) informed(title, format string, ours, theirs []float64) {
	ratios := measure.Ratios(ours, theirs)
	b.print("  %-44s"+format+format+"%8.2f%8.2f%8.2f\n", title, measure.Median(ours), measure.Median(theirs),
		slices.Min(ratios), measure.Median(ratios), slices.Max(ratios))
}

func (b *bench) comparedHead(title, ours, theirs string) {
	b.print("\n%-46s%12s%14s%8s%8s%8s%8s\n", title, ours, theirs, "min", "median", "max", "bar")
}

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "MISSED"
}
