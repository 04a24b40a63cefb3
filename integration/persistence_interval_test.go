package integration

import (
	"path/filepath"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/redistill-go/redistill/integration/harness"
)

// A kill loses no more than what came after the last flush.
func TestKillLosesNoMoreThanAnInterval(t *testing.T) {
	dir := t.TempDir()
	for name, set := range map[string][]string{
		"file":   {"persistence.backend=file", "persistence.file.path=" + filepath.Join(dir, "dump.rdb"), "persistence.interval=100ms"},
		"pebble": {"persistence.backend=pebble", "persistence.pebble.dir=" + filepath.Join(dir, "a"), "persistence.interval=100ms"},
		"pebble, continuous": {"persistence.backend=pebble", "persistence.pebble.dir=" + filepath.Join(dir, "b"),
			"persistence.pebble.mode=continuous", "persistence.pebble.interval=1s"},
	} {
		t.Run(name, func(t *testing.T) { losesNoMoreThanAnInterval(t, append(set, "persistence.save_on_shutdown=false")) })
	}
}

func losesNoMoreThanAnInterval(t *testing.T, set []string) {
	all := newWriters()
	for life := range 2 { // of which the second begins with what the first has left
		s := harness.Redistill(t, harness.Options{Set: set})
		c := newClient(t, &redis.Options{Addr: s.TCP, Protocol: 2})
		if life == 0 {
			writeBase(t, c)
		} else {
			checkState(t, c, all, 0)
		}
		kill := runAll(t.Context(), s, all, func() {})
		// What is acknowledged while no snapshot is going on is in the next one.
		var w window
		var saves string
		await(t, "the end of a snapshot", func() bool {
			w.first = ackedBy(all)
			info := persistenceInfo(t, c)
			saves = info["rdb_saves"]
			return info["rdb_bgsave_in_progress"] == "0"
		})
		await(t, "a snapshot", func() bool { return persistenceInfo(t, c)["rdb_saves"] != saves })
		if err := kill(); err != nil {
			t.Fatal(err)
		}
		w.last = sentBy(all)

		s = harness.Redistill(t, harness.Options{Set: set})
		c = newClient(t, &redis.Options{Addr: s.TCP, Protocol: 2})
		if steps := checkState(t, c, all, 0); !w.has(steps) {
			t.Errorf("after a kill the writers are at %v; they were at %v before a snapshot that was reported and at %v at last", steps, w.first, w.last)
		}
		if err := s.Kill(); err != nil {
			t.Fatal(err)
		}
	}
}
