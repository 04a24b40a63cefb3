package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/redistill-go/redistill/integration/harness"
)

// waitBar is how long a command may wait for eviction or compaction, in s.
const waitBar = 0.002

// bucket counts what took longer than the one before and up to its bound.
type bucket struct {
	bound string // in s, as in the metrics
	n     int64
}

// waitsOf reads a histogram of the server from its metrics.
func waitsOf(ctx context.Context, s *harness.Server, name string) ([]bucket, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.Admin+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }() // it was read
	return readWaits(response.Body, name)
}

func readWaits(page io.Reader, name string) (histogram []bucket, err error) {
	lines, last := bufio.NewScanner(page), int64(0)
	for lines.Scan() {
		line, ok := strings.CutPrefix(lines.Text(), name+`_bucket{le="`)
		if !ok {
			continue
		}
		bound, count, _ := strings.Cut(line, `"} `)
		n, err := strconv.ParseInt(count, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		histogram = append(histogram, bucket{bound, n - last})
		last = n
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if _, ok := longer(histogram); !ok {
		return nil, fmt.Errorf("the metrics have no %s with a bucket of %g s", name, waitBar)
	}
	return histogram, nil
}

// longer is how many took longer than waitBar; it fails if no bucket ends there.
func longer(histogram []bucket) (n int64, ok bool) {
	for _, b := range histogram {
		if ok {
			n += b.n
		}
		bound, err := strconv.ParseFloat(b.bound, 64)
		ok = ok || err == nil && bound == waitBar
	}
	return n, ok
}

// waitsRow adds up a whole run.
func (b *bench) waitsRow(ctx context.Context, s *harness.Server, policy string, limit int64) error {
	for _, h := range []struct{ name, what string }{
		{"redistill_memory_wait_seconds", "commands made room"},
		{"redistill_compaction_hold_seconds", "compaction held a lock"},
	} {
		histogram, err := waitsOf(ctx, s, h.name)
		if err != nil {
			return err
		}
		all, row := int64(0), ""
		for _, bucket := range histogram {
			all += bucket.n
			if bucket.n > 0 {
				row += fmt.Sprintf(" %s: %d", bucket.bound, bucket.n)
			}
		}
		over, _ := longer(histogram)
		b.print("%-16s%6s  %s %d times, %d of them longer than %g s: %s; by upper bound in s:%s\n",
			policy, mebi(limit), h.what, all, over, waitBar, verdict(over == 0), row)
	}
	return nil
}
