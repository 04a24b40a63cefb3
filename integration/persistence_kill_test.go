package integration

import (
	"errors"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/redistill-go/redistill/integration/harness"
)

// crash is a server that is killed again and again while clients write and
// snapshots are taken.
type crash struct {
	t       *testing.T
	options harness.Options
	writers []*writer
	random  *rand.Rand

	// Snapshots are numbered by a key that is set before each. begun is the
	// newest that was asked for, complete the newest that was reported.
	begun, complete    int
	windows            map[int]window
	during, unreported int // kills
	// longest is how many steps were taken during the longest snapshot.
	longest int64
}

const markerKey = "marker"

// Killed at any moment, the server starts again with the last snapshot that
// was complete, exactly: never half of one, none that is older than the last
// one reported, and none of a moment that nobody asked for.
func TestKilledServerLoadsTheLastSnapshot(t *testing.T) {
	for name, set := range backends(t) {
		t.Run(name, func(t *testing.T) {
			t.Logf("%d kills with seed %d: repeat with -kills and -seed", *killsFlag, *seedFlag)
			c := &crash{
				t: t, options: harness.Options{Set: append(set, "persistence.save_on_shutdown=false")},
				random: rand.New(rand.NewPCG(*seedFlag, 7)), windows: map[int]window{}, longest: 20, writers: newWriters(),
			}
			for kill := range *killsFlag {
				c.life()
				if t.Failed() {
					t.Fatalf("after kill number %d", kill)
				}
			}
			_, client := c.start()
			c.check(client)
			t.Logf("%d kills came during a snapshot, which %d times was complete before its end was reported; %d snapshots", c.during, c.unreported, c.begun)
		})
	}
}

func (c *crash) start() (*harness.Server, *redis.Client) {
	c.t.Helper()
	s := harness.Redistill(c.t, c.options)
	return s, newClient(c.t, &redis.Options{Addr: s.TCP, Protocol: 2})
}

// life is one life of the server: it starts, is looked at, written to, saved
// from, and killed.
func (c *crash) life() {
	t := c.t
	t.Helper()
	s, client := c.start()
	if c.complete == 0 {
		writeBase(t, client)
		if err := client.Set(t.Context(), markerKey, 0, 0).Err(); err != nil {
			t.Fatal(err)
		}
	} else {
		c.check(client)
	}
	var steps atomic.Int64
	reached := make(chan struct{})
	target := 1 + c.random.Int64N(3*c.longest)
	kill := runAll(t.Context(), s, c.writers, func() {
		if steps.Add(1) == target {
			close(reached)
		}
	})
	err := c.saveUntil(client, reached, &steps)
	if err := errors.Join(err, kill()); err != nil {
		t.Fatal(err)
	}
}

// saveUntil takes one snapshot after the other until enough steps are taken.
// The last of them is then still being written, mostly. The first of all is
// waited for, so that there is one to load.
func (c *crash) saveUntil(client *redis.Client, reached <-chan struct{}, steps *atomic.Int64) error {
	ctx := c.t.Context()
	enough := func() bool {
		select {
		case <-reached:
			return c.complete > 0
		default:
			return false
		}
	}
	for !enough() {
		number := c.begun + 1
		if err := client.Set(ctx, markerKey, number, 0).Err(); err != nil {
			return err
		}
		w := window{first: ackedBy(c.writers)}
		c.begun = number
		reply, err := client.Do(ctx, "BGSAVE").Text()
		w.last = sentBy(c.writers)
		c.windows[number] = w
		if err != nil || !strings.HasPrefix(reply, "Background saving started") {
			return errors.Join(errors.New("BGSAVE replies "+reply), err)
		}
		begin := steps.Load()
		for saving := true; saving; {
			if enough() {
				return nil
			}
			info, err := client.Info(ctx, "persistence").Result()
			if err != nil {
				return err
			}
			saving = strings.Contains(info, "rdb_bgsave_in_progress:1")
			if !saving && !strings.Contains(info, "rdb_last_bgsave_status:ok") {
				return errors.New("BGSAVE failed")
			}
		}
		c.complete = number
		c.longest = max(c.longest, steps.Load()-begin)
	}
	return nil
}

// check makes sure that what the server has loaded is the last complete
// snapshot, and lets the numbers go on from there.
func (c *crash) check(client *redis.Client) {
	t := c.t
	t.Helper()
	marker, err := client.Get(t.Context(), markerKey).Int()
	if err != nil {
		t.Fatal(err)
	}
	steps := checkState(t, client, c.writers, 1)
	if marker != c.complete && marker != c.begun {
		t.Fatalf("snapshot %d was loaded; %d was the last one reported as complete, %d the last one begun", marker, c.complete, c.begun)
	}
	if w := c.windows[marker]; !w.has(steps) {
		t.Fatalf("snapshot %d was loaded with the writers at %v; it was taken between %v and %v", marker, steps, w.first, w.last)
	}
	if c.begun > c.complete {
		c.during++
	}
	if marker > c.complete {
		c.unreported++
	}
	c.complete, c.begun = marker, c.begun+1 // a number that was begun is not used again
}
