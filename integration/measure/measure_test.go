package measure

import (
	"slices"
	"testing"
	"time"
)

func TestQuantiles(t *testing.T) {
	var l Latencies
	if q := l.Quantile(0.5); q != 0 {
		t.Errorf("without samples: %s", q)
	}
	for i := 100; i > 0; i-- {
		l.Add(time.Duration(i) * time.Millisecond)
	}
	for q, want := range map[float64]time.Duration{0.5: 50 * time.Millisecond, 0.99: 99 * time.Millisecond, 1: 100 * time.Millisecond} {
		if got := l.Quantile(q); got != want {
			t.Errorf("quantile %v: %s", q, got)
		}
	}
	l.Reset()
	l.Add(time.Hour)
	if q := l.Quantile(0.5); q < 4*time.Second || l.Len() != 1 {
		t.Errorf("an hour came out as %s", q)
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{3}, 3}, {[]float64{3, 1, 2}, 2}, {[]float64{4, 1, 3, 2}, 2.5}} {
		if got := Median(c.values); got != c.want {
			t.Errorf("median of %v: %v", c.values, got)
		}
	}
	if q := Ratios([]float64{1, 6}, []float64{2, 3}); !slices.Equal(q, []float64{0.5, 2}) {
		t.Errorf("ratios %v", q)
	}
}
