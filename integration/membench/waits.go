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

// waitBar is how long a command may wait for eviction or compaction, as the
// metric names its bucket.
const waitBar = "0.002"

// waitsOf reads a histogram of the server from its metrics: how many there were,
// how many took longer than waitBar, and the least bound that none was beyond.
func waitsOf(ctx context.Context, s *harness.Server, name string) (all, longer int64, bound string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.Admin+"/metrics", nil)
	if err != nil {
		return 0, 0, "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, 0, "", err
	}
	defer func() { _ = response.Body.Close() }() // it was read
	return readWaits(response.Body, name)
}

func readWaits(page io.Reader, name string) (all, longer int64, bound string, err error) {
	within, begin := int64(-1), name+`_bucket{le="`
	lines, last := bufio.NewScanner(page), int64(0)
	for lines.Scan() {
		le, rest, ok := strings.Cut(strings.TrimPrefix(lines.Text(), begin), `"} `)
		if !ok || !strings.HasPrefix(lines.Text(), begin) {
			continue
		}
		if all, err = strconv.ParseInt(rest, 10, 64); err != nil {
			return 0, 0, "", fmt.Errorf("%s: %w", name, err)
		}
		if all > last {
			bound, last = le, all
		}
		if le == waitBar {
			within = all
		}
	}
	if err := lines.Err(); err != nil {
		return 0, 0, "", err
	}
	if within < 0 {
		return 0, 0, "", fmt.Errorf("the metrics have no %s with a bucket of %s s", name, waitBar)
	}
	return all, all - within, bound, nil
}

// waitsRow adds up a whole run.
func (b *bench) waitsRow(ctx context.Context, s *harness.Server, policy string, limit int64) error {
	for _, h := range []struct{ name, what string }{
		{"redistill_memory_wait_seconds", "commands made room"},
		{"redistill_compaction_hold_seconds", "compaction held a lock"},
	} {
		all, longer, bound, err := waitsOf(ctx, s, h.name)
		if err != nil {
			return err
		}
		b.print("%-16s%6s  %s %d times, %d of them longer than %s s, all within %s s: %s\n",
			policy, mebi(limit), h.what, all, longer, waitBar, bound, verdict(longer == 0))
	}
	return nil
}
