package integration

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redistill-go/redistill/integration/harness"
)

// overEach runs the test with a go-redis client of default settings over each
// transport of one server.
func overEach(t *testing.T, test func(t *testing.T, c *redis.Client)) {
	certs := certificates(t)
	s := serve(t, harness.Options{Unix: true, TLS: certs})
	for _, over := range []struct {
		name    string
		options redis.Options
	}{
		{"tcp", redis.Options{Addr: s.TCP}},
		{"tls", redis.Options{Addr: s.TLS, TLSConfig: certs.Client}},
		{"unix", redis.Options{Network: "unix", Addr: s.Unix}},
		{"tcp with RESP2", redis.Options{Addr: s.TCP, Protocol: 2}},
	} {
		t.Run(over.name, func(t *testing.T) {
			c := newClient(t, &over.options)
			if err := c.FlushAll(t.Context()).Err(); err != nil {
				t.Fatal(err)
			}
			test(t, c)
		})
	}
}

func newClient(t *testing.T, o *redis.Options) *redis.Client {
	t.Helper()
	c := redis.NewClient(o)
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("closing the client: %v", err)
		}
	})
	return c
}

// check fails the test unless the command succeeded with this value.
func check[T comparable](t *testing.T, what string, wanted T) func(T, error) {
	t.Helper()
	return func(got T, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if got != wanted {
			t.Fatalf("%s: got %v, want %v", what, got, wanted)
		}
	}
}

func TestStringsAndCounters(t *testing.T) {
	overEach(t, func(t *testing.T, c *redis.Client) {
		ctx := t.Context()
		check(t, "SET", "OK")(c.Set(ctx, "s", "v1", 0).Result())
		check(t, "GET", "v1")(c.Get(ctx, "s").Result())
		if err := c.Get(ctx, "absent").Err(); !errors.Is(err, redis.Nil) {
			t.Fatalf("GET of an absent key: %v", err)
		}
		check(t, "SET GET", "v1")(c.SetArgs(ctx, "s", "v2", redis.SetArgs{Get: true}).Result())
		check(t, "SETNX", false)(c.SetNX(ctx, "s", "v3", 0).Result())
		check(t, "APPEND", int64(4))(c.Append(ctx, "s", "++").Result())
		check(t, "GETRANGE", "2+")(c.GetRange(ctx, "s", 1, 2).Result())
		check(t, "SETRANGE", int64(6))(c.SetRange(ctx, "s", 4, "!!").Result())
		check(t, "STRLEN", int64(6))(c.StrLen(ctx, "s").Result())
		check(t, "GETDEL", "v2++!!")(c.GetDel(ctx, "s").Result())
		check(t, "EXISTS", int64(0))(c.Exists(ctx, "s").Result())

		check(t, "INCR", int64(1))(c.Incr(ctx, "n").Result())
		check(t, "INCRBY", int64(41))(c.IncrBy(ctx, "n", 40).Result())
		check(t, "DECRBY", int64(-9))(c.DecrBy(ctx, "n", 50).Result())
		check(t, "DECR", int64(-10))(c.Decr(ctx, "n").Result())
		check(t, "INCRBYFLOAT", -9.5)(c.IncrByFloat(ctx, "n", 0.5).Result())
		if err := c.Incr(ctx, "n").Err(); err == nil || err.Error() != "ERR value is not an integer or out of range" {
			t.Fatalf("INCR of a float: %v", err)
		}

		check(t, "MSET", "OK")(c.MSet(ctx, "a", "1", "b", "2").Result())
		check(t, "MSETNX", false)(c.MSetNX(ctx, "b", "3", "c", "3").Result())
		values, err := c.MGet(ctx, "a", "absent", "b").Result()
		if err != nil || len(values) != 3 || values[0] != "1" || values[1] != nil || values[2] != "2" {
			t.Fatalf("MGET: %v, %v", values, err)
		}
		check(t, "TYPE", "string")(c.Type(ctx, "a").Result())
		check(t, "TOUCH", int64(2))(c.Touch(ctx, "a", "b", "absent").Result())
		check(t, "UNLINK", int64(2))(c.Unlink(ctx, "a", "b", "absent").Result())
		check(t, "DBSIZE", int64(1))(c.DBSize(ctx).Result())
		check(t, "RANDOMKEY", "n")(c.RandomKey(ctx).Result())

		binary := "\x00\r\n$5\r\n\xff"
		check(t, "SET of a binary key", "OK")(c.Set(ctx, binary, binary, 0).Result())
		check(t, "GET of a binary key", binary)(c.Get(ctx, binary).Result())
		check(t, "SET of nothing", "OK")(c.Set(ctx, "", "", 0).Result())
		check(t, "GET of nothing", "")(c.Get(ctx, "").Result())
	})
}

func TestExpiry(t *testing.T) {
	overEach(t, func(t *testing.T, c *redis.Client) {
		ctx := t.Context()
		check(t, "SET EX", "OK")(c.Set(ctx, "k", "v", time.Hour).Result())
		if ttl, err := c.TTL(ctx, "k").Result(); err != nil || ttl <= 0 || ttl > time.Hour {
			t.Fatalf("TTL: %s, %v", ttl, err)
		}
		check(t, "EXPIRE GT", false)(c.ExpireGT(ctx, "k", time.Minute).Result())
		check(t, "EXPIRE LT", true)(c.ExpireLT(ctx, "k", time.Minute).Result())
		check(t, "PERSIST", true)(c.Persist(ctx, "k").Result())
		check(t, "TTL without expiry", time.Duration(-1))(c.TTL(ctx, "k").Result())
		check(t, "TTL of an absent key", time.Duration(-2))(c.TTL(ctx, "absent").Result())
		at := time.Now().Add(24 * time.Hour).Truncate(time.Second)
		check(t, "EXPIREAT", true)(c.ExpireAt(ctx, "k", at).Result())
		check(t, "EXPIRETIME", time.Duration(at.Unix())*time.Second)(c.ExpireTime(ctx, "k").Result())
		check(t, "GETEX PERSIST", "v")(c.GetEx(ctx, "k", 0).Result())
		check(t, "EXPIREAT in the past", true)(c.ExpireAt(ctx, "k", time.Unix(1, 0)).Result())
		check(t, "EXISTS after it", int64(0))(c.Exists(ctx, "k").Result())

		// Keys that expire are gone to every command and leave DBSIZE without
		// being asked for.
		for i := range 100 {
			check(t, "SET PX", "OK")(c.Set(ctx, fmt.Sprint("short", i), "v", 50*time.Millisecond).Result())
		}
		eventually(t, "100 expired keys are swept", func() error {
			if n, err := c.DBSize(ctx).Result(); err != nil || n != 0 {
				return fmt.Errorf("DBSIZE: %d, %v", n, err)
			}
			return nil
		})
		check(t, "EXISTS of an expired key", int64(0))(c.Exists(ctx, "short1").Result())
	})
}

// eventually repeats the condition until it holds.
func eventually(t *testing.T, what string, condition func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), harness.StartTimeout)
	defer cancel()
	retry := time.NewTicker(5 * time.Millisecond)
	defer retry.Stop()
	for {
		err := condition()
		if err == nil {
			return
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			t.Fatalf("%s: %v", what, err)
		}
	}
}

// A scan must return every key that is there from its beginning to its end,
// however much the table grows in between.
func TestScanWhileTheTableGrows(t *testing.T) {
	overEach(t, func(t *testing.T, c *redis.Client) {
		ctx := t.Context()
		const stable = 2000
		set := func(prefix string, from, to int) {
			pipe := c.Pipeline()
			for i := from; i < to; i++ {
				pipe.Set(ctx, fmt.Sprintf("%s:%d", prefix, i), i, 0)
			}
			if _, err := pipe.Exec(ctx); err != nil {
				t.Fatal(err)
			}
		}
		set("stable", 0, stable)
		seen := map[string]bool{}
		growing := 0
		for cursor, first := uint64(0), true; first || cursor != 0; first = false {
			keys, next, err := c.Scan(ctx, cursor, "stable:*", 100).Result()
			if err != nil {
				t.Fatal(err)
			}
			for _, k := range keys {
				seen[k] = true
			}
			cursor = next
			if growing < 50_000 {
				set("growing", growing, growing+2500)
				growing += 2500
			}
		}
		if len(seen) != stable {
			t.Errorf("SCAN returned %d of %d keys", len(seen), stable)
		}
		n := 0
		iter := c.ScanType(ctx, 0, "growing:1*", 1000, "string").Iterator()
		for iter.Next(ctx) {
			n++
		}
		if err := iter.Err(); err != nil || n == 0 {
			t.Errorf("SCAN with TYPE: %d keys, %v", n, err)
		}
	})
}

func TestPipelineOfAThousand(t *testing.T) {
	overEach(t, func(t *testing.T, c *redis.Client) {
		ctx := t.Context()
		pipe := c.Pipeline()
		sets := make([]*redis.StatusCmd, 1000)
		gets := make([]*redis.StringCmd, 1000)
		for i := range sets {
			key := fmt.Sprint("key", i)
			sets[i] = pipe.Set(ctx, key, strings.Repeat(key, 20), 0)
			gets[i] = pipe.Get(ctx, key)
		}
		if _, err := pipe.Exec(ctx); err != nil {
			t.Fatal(err)
		}
		for i := range sets {
			check(t, "SET", "OK")(sets[i].Result())
			check(t, "GET", strings.Repeat(fmt.Sprint("key", i), 20))(gets[i].Result())
		}
	})
}

func TestManyConnectionsAtOnce(t *testing.T) {
	overEach(t, func(t *testing.T, c *redis.Client) {
		const clients, each = 32, 50
		errs := make(chan error, clients)
		for range clients {
			go func() {
				var err error
				for range each {
					if err = c.Incr(t.Context(), "shared").Err(); err != nil {
						break
					}
				}
				errs <- err
			}()
		}
		for range clients {
			if err := <-errs; err != nil {
				t.Fatal(err)
			}
		}
		check(t, "GET", clients*each)(c.Get(t.Context(), "shared").Int())
	})
}

func TestAuthentication(t *testing.T) {
	s := serve(t, harness.Options{Password: "s3cret"})
	ctx := t.Context()
	check(t, "PING with the password", "PONG")(newClient(t, &redis.Options{Addr: s.TCP, Password: "s3cret"}).Ping(ctx).Result())
	check(t, "PING with user and password", "PONG")(newClient(t, &redis.Options{Addr: s.TCP, Username: "default", Password: "s3cret"}).Ping(ctx).Result())
	for _, o := range []*redis.Options{{Password: "wrong"}, {Username: "somebody", Password: "s3cret"}, {}} {
		o.Addr = s.TCP
		err := newClient(t, o).Ping(ctx).Err()
		if err == nil || !strings.HasPrefix(err.Error(), "WRONGPASS ") && !strings.HasPrefix(err.Error(), "NOAUTH ") {
			t.Errorf("PING with password %q of user %q: %v", o.Password, o.Username, err)
		}
	}

	c := dial(t, s)
	want(t, c, "-NOAUTH Authentication required.\r\n", "GET", "k")
	want(t, c, "-NOAUTH Authentication required.\r\n", "PING")
	want(t, c, "-WRONGPASS invalid username-password pair or user is disabled.\r\n", "AUTH", "wrong")
	want(t, c, "-NOAUTH Authentication required.\r\n", "GET", "k")
	want(t, c, "+OK\r\n", "AUTH", "s3cret")
	want(t, c, "$-1\r\n", "GET", "k")
	want(t, c, "+RESET\r\n", "RESET")
	want(t, c, "-NOAUTH Authentication required.\r\n", "GET", "k")
}

func TestTLSRefusesPlaintext(t *testing.T) {
	s := serve(t, harness.Options{TLS: certificates(t)})
	nc, err := net.Dial("tcp", s.TLS)
	if err != nil {
		t.Fatal(err)
	}
	c := harness.NewConn(nc)
	defer func() { _ = c.Close() }() // closed by the server
	if reply, err := c.Do("PING"); err == nil {
		t.Errorf("a plaintext PING to the TLS port got %q", reply)
	}
	alive(t, s)
}
