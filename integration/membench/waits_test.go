package main

import (
	"strings"
	"testing"
)

func TestWaitsAreReadFromTheMetrics(t *testing.T) {
	page := "# TYPE x histogram\n" +
		"x_bucket{le=\"0.001\"} 5\nx_bucket{le=\"0.002\"} 7\nx_bucket{le=\"0.1\"} 9\nx_bucket{le=\"+Inf\"} 9\nx_sum 1\nx_count 9\n"
	all, longer, bound, err := readWaits(strings.NewReader(page), "x")
	if all != 9 || longer != 2 || bound != "0.1" || err != nil {
		t.Errorf("%d, %d longer, all within %q, %v", all, longer, bound, err)
	}
	if _, _, _, err := readWaits(strings.NewReader(page), "y"); err == nil {
		t.Error("no error for a histogram that is not there")
	}
}
