package integration

import (
	"net"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/redistill-go/redistill/integration/harness"
)

// Clients save as they do with Redis, and what they saved is there after a
// kill.
func TestSaveCommandsOfRealClients(t *testing.T) {
	for name, set := range backends(t) {
		t.Run(name, func(t *testing.T) {
			set := append(set, "persistence.save_on_shutdown=false")
			s := harness.Redistill(t, harness.Options{Set: set})
			c := newClient(t, &redis.Options{Addr: s.TCP})
			ctx := t.Context()
			started, err := c.LastSave(ctx).Result()
			if err != nil || started <= 0 {
				t.Fatalf("LASTSAVE before a save: %d, %v", started, err)
			}
			check(t, "SET", "OK")(c.Set(ctx, "saved by", "SAVE", 0).Result())
			if n := persistenceInfo(t, c)["rdb_changes_since_last_save"]; n != "1" {
				t.Errorf("%s changes since the last save, want 1", n)
			}
			check(t, "SAVE", "OK")(c.Save(ctx).Result())
			if n := persistenceInfo(t, c)["rdb_changes_since_last_save"]; n != "0" {
				t.Errorf("%s changes after SAVE, want 0", n)
			}
			if at, err := c.LastSave(ctx).Result(); err != nil || at < started {
				t.Errorf("LASTSAVE went from %d to %d, %v", started, at, err)
			}
			check(t, "SET", "OK")(c.Set(ctx, "saved by", "BGSAVE", 0).Result())
			check(t, "BGSAVE", "Background saving started")(c.BgSave(ctx).Result())
			await(t, "BGSAVE", func() bool { return persistenceInfo(t, c)["rdb_bgsave_in_progress"] == "0" })
			if status := persistenceInfo(t, c)["rdb_last_bgsave_status"]; status != "ok" {
				t.Errorf("the last BGSAVE's status is %q", status)
			}
			check(t, "SET", "OK")(c.Set(ctx, "saved by", "nobody", 0).Result())
			if err := s.Kill(); err != nil {
				t.Fatal(err)
			}

			s = harness.Redistill(t, harness.Options{Set: set, Unix: true})
			c = newClient(t, &redis.Options{Addr: s.TCP})
			check(t, "GET after a kill", "BGSAVE")(c.Get(ctx, "saved by").Result())
			host, port, err := net.SplitHostPort(s.TCP)
			if err != nil {
				t.Fatal(err)
			}
			cli := endpoint{args: []string{"-h", host, "-p", port}}
			check(t, "SET", "OK")(c.Set(ctx, "saved by", "redis-cli", 0).Result())
			if out := tool(t, nil, "redis-cli", cli, "SAVE"); out != "OK\n" {
				t.Errorf("redis-cli SAVE: %q", out)
			}
			if out := tool(t, nil, "redis-cli", cli, "BGSAVE", "SCHEDULE"); !strings.HasPrefix(out, "Background saving ") {
				t.Errorf("redis-cli BGSAVE SCHEDULE: %q", out)
			}
			await(t, "BGSAVE", func() bool { return persistenceInfo(t, c)["rdb_bgsave_in_progress"] == "0" })
			if err := dial(t, s).Send("SHUTDOWN", "NOSAVE"); err != nil {
				t.Fatal(err)
			}
			if code, err := s.Wait(); err != nil || code != 0 {
				t.Errorf("SHUTDOWN NOSAVE: exit code %d, %v", code, err)
			}
			s = harness.Redistill(t, harness.Options{Set: set})
			c = newClient(t, &redis.Options{Addr: s.TCP})
			check(t, "GET after SHUTDOWN NOSAVE", "redis-cli")(c.Get(ctx, "saved by").Result())
		})
	}
}
