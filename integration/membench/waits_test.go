package main

import (
	"slices"
	"strings"
	"testing"
)

func TestWaitsAreReadFromTheMetrics(t *testing.T) {
	page := "# TYPE x histogram\n" +
		"x_bucket{le=\"0.001\"} 5\nx_bucket{le=\"0.002\"} 7\nx_bucket{le=\"0.1\"} 9\nx_bucket{le=\"+Inf\"} 9\nx_sum 1\nx_count 9\n"
	got, err := readWaits(strings.NewReader(page), "x")
	if want := []bucket{{"0.001", 5}, {"0.002", 2}, {"0.1", 2}, {"+Inf", 0}}; !slices.Equal(got, want) || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	if n, ok := longer(got); n != 2 || !ok {
		t.Errorf("%d longer, %v", n, ok)
	}
	for _, bad := range []string{"y", "x_bucket{le=\"0.001\"} 5\n"} {
		if _, err := readWaits(strings.NewReader(bad), "x"); err == nil {
			t.Errorf("%q: no error for a histogram that is not there", bad)
		}
	}
}
