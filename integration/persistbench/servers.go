package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redistill-go/redistill/integration/harness"
)

// variant is a way to keep snapshots, and what it is compared with.
type variant struct {
	name string
	set  []string // the word DIR stands for the directory
	peer string   // rdbcompression of redis-server
	// incremental: only the first snapshot of a directory is a whole one.
	incremental bool
}

var variants = []variant{
	{"file-lzf", []string{"persistence.backend=file", "persistence.file.path=DIR/dump.rdb", "persistence.file.compression=true"}, "yes", false},
	{"file", []string{"persistence.backend=file", "persistence.file.path=DIR/dump.rdb", "persistence.file.compression=false"}, "no", false},
	{"pebble", []string{"persistence.backend=pebble", "persistence.pebble.dir=DIR/store"}, "yes", true},
}

// itself is the binary that makes redis-server the server under test, too,
// which shows how much the figures vary by themselves.
const itself = "redis-server"

func (b *bench) startOurs(ctx context.Context, v variant, dir string) (*harness.Server, error) {
	if b.binary == itself {
		return b.startRedis(ctx, v.peer, dir)
	}
	set := []string{"persistence.save_on_shutdown=false"}
	for _, s := range v.set {
		set = append(set, strings.ReplaceAll(s, "DIR", dir))
	}
	return harness.StartRedistill(ctx, b.binary, harness.Options{Set: append(set, b.set...)})
}

func (b *bench) startRedis(ctx context.Context, compress, dir string) (*harness.Server, error) {
	return harness.StartRedis(ctx, harness.Options{Args: []string{"--dir", dir, "--rdbcompression", compress}})
}

// pollEvery is how often a server is asked whether its BGSAVE is done.
const pollEvery = 5 * time.Millisecond

// bgsave returns how long a BGSAVE takes from the request to its end.
func bgsave(ctx context.Context, s *harness.Server) (time.Duration, error) {
	c, err := harness.Dial(ctx, "tcp", s.TCP)
	if err != nil {
		return 0, err
	}
	defer func() { _ = c.Close() }() // nothing is lost with it
	begin := time.Now()
	reply, err := c.Do("BGSAVE")
	if err != nil {
		return 0, err
	}
	if !strings.HasPrefix(reply, "+Background saving started") {
		return 0, fmt.Errorf("%s: BGSAVE replies %q", s.Name, reply)
	}
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-s.Exited():
			return 0, fmt.Errorf("%s ended during BGSAVE; its output:\n%s", s.Name, s.Output())
		case <-poll.C:
		}
		info, err := c.Do("INFO", "persistence")
		if err != nil {
			return 0, errors.Join(ctx.Err(), err)
		}
		if strings.Contains(info, "rdb_bgsave_in_progress:1") {
			continue
		}
		took := time.Since(begin)
		if !strings.Contains(info, "rdb_last_bgsave_status:ok") {
			return 0, fmt.Errorf("%s: BGSAVE failed; its output:\n%s", s.Name, s.Output())
		}
		return took, nil
	}
}
