// Command rueidis checks rueidis, whose default settings cache replies on the
// client's side.
package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/rueidis"

	"github.com/redistill-go/redistill/integration/clients/go/script"
)

func main() {
	var c rueidis.Client
	script.Check("connect by default", func(context.Context) (err error) {
		c, err = rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{script.Addr}})
		return err
	})
	if c != nil {
		commands(c, "RESP3")
		caching(c)
	}
	script.Check("connect with RESP2", func(ctx context.Context) error {
		c, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{script.Addr}, AlwaysRESP2: true, DisableCache: true})
		if err == nil {
			commands(c, "RESP2")
		}
		return err
	})
	security()
	if c != nil {
		script.Check("reconnect after a restart", func(ctx context.Context) error {
			if err := c.Do(ctx, c.B().Set().Key("k").Value("v").Build()).Error(); err != nil {
				return err
			}
			if err := script.Restart(); err != nil {
				return err
			}
			return script.Eventually(ctx, func() error {
				if n, err := c.Do(ctx, c.B().Exists().Key("k").Build()).AsInt64(); err != nil || n != 0 {
					return fmt.Errorf("EXISTS k: %d, %w", n, err)
				}
				return c.Do(ctx, c.B().Set().Key("k").Value("v").Build()).Error()
			})
		})
	}
	script.End()
}

func commands(c rueidis.Client, protocol string) {
	check := func(name string, run func(ctx context.Context, s *script.Same, do func(args ...string) rueidis.RedisResult)) {
		script.Check(name+", "+protocol, func(ctx context.Context) error {
			s := &script.Same{}
			do := func(args ...string) rueidis.RedisResult {
				return c.Do(ctx, c.B().Arbitrary(args...).Build())
			}
			s.Check("FLUSHALL", "OK")(any2(do("FLUSHALL").ToString()))
			run(ctx, s, do)
			return s.Err()
		})
	}
	check("strings and expiry", func(ctx context.Context, s *script.Same, do func(...string) rueidis.RedisResult) {
		s.Check("SET", "OK")(any2(do("SET", "k", "a\x00\r\nb", "EX", "60").ToString()))
		s.Check("GET", "a\x00\r\nb")(any2(do("GET", "k").ToString()))
		s.Check("TTL", 60)(any2(do("TTL", "k").AsInt64()))
		s.Check("INCR", 1)(any2(do("INCR", "n").AsInt64()))
		s.Check("INCRBYFLOAT", 1.5)(any2(do("INCRBYFLOAT", "n", "0.5").AsFloat64()))
		s.Check("PEXPIRE", 1)(any2(do("PEXPIRE", "k", "30").AsInt64()))
		s.Check("it goes", nil)(nil, script.Eventually(ctx, func() error {
			if n, err := do("EXISTS", "k").AsInt64(); err != nil || n != 0 {
				return fmt.Errorf("EXISTS: %d, %w", n, err)
			}
			return nil
		}))
	})
	check("pipeline", func(ctx context.Context, s *script.Same, _ func(...string) rueidis.RedisResult) {
		var cmds rueidis.Commands
		for range 1000 {
			cmds = append(cmds, c.B().Incr().Key("n").Build())
		}
		replies := c.DoMulti(ctx, cmds...)
		s.Check("1000 INCR", 1000)(any2(replies[len(replies)-1].AsInt64()))
	})
	check("transaction and watch conflict", func(ctx context.Context, s *script.Same, do func(...string) rueidis.RedisResult) {
		attempt := func(interfere bool) error {
			return c.Dedicated(func(d rueidis.DedicatedClient) error {
				if err := d.Do(ctx, d.B().Watch().Key("n").Build()).Error(); err != nil {
					return err
				}
				if interfere {
					if err := do("SET", "n", "10").Error(); err != nil {
						return err
					}
				}
				replies := d.DoMulti(ctx, d.B().Multi().Build(), d.B().Incr().Key("n").Build(), d.B().Incr().Key("n").Build(), d.B().Exec().Build())
				values, err := replies[3].AsIntSlice()
				if err == nil && fmt.Sprint(values) != "[11 12]" {
					err = fmt.Errorf("EXEC: %v", values)
				}
				return err
			})
		}
		if err := attempt(true); !rueidis.IsRedisNil(err) {
			s.Fails("EXEC after a conflict", "null", fmt.Errorf("%w", err))
		}
		s.Check("EXEC", nil)(nil, attempt(false))
		s.Check("GET", "12")(any2(do("GET", "n").ToString()))
	})
	check("scan", func(ctx context.Context, s *script.Same, do func(...string) rueidis.RedisResult) {
		pairs := map[string]string{}
		for i := range 1000 {
			pairs[fmt.Sprint("key:", i)] = "v"
		}
		for key, err := range rueidis.MSet(c, ctx, pairs) {
			s.Check("MSET "+key, nil)(nil, err)
		}
		seen := map[string]bool{}
		scanner := rueidis.NewScanner(func(cursor uint64) (rueidis.ScanEntry, error) {
			return c.Do(ctx, c.B().Scan().Cursor(cursor).Match("key:*").Count(50).Build()).AsScanEntry()
		})
		for key := range scanner.Iter() {
			seen[key] = true
		}
		s.Check("SCAN", 1000)(len(seen), scanner.Err())
	})
	check("hashes", func(ctx context.Context, s *script.Same, do func(...string) rueidis.RedisResult) {
		s.Check("HSET", 2)(any2(do("HSET", "h", "a", "1", "b", "x").AsInt64()))
		s.Check("HGETALL", "map[a:1 b:x]")(any2(do("HGETALL", "h").AsStrMap()))
		s.Check("HINCRBY", 3)(any2(do("HINCRBY", "h", "a", "2").AsInt64()))
		s.Check("HMGET", "[3 x]")(any2(do("HMGET", "h", "a", "b").AsStrSlice()))
		entry, err := do("HSCAN", "h", "0", "MATCH", "b").AsScanEntry()
		s.Check("HSCAN", "{[b x] 0}")(entry, err)
		s.Fails("GET of a hash", "WRONGTYPE", do("GET", "h").Error())
	})
}

// caching reads through the client's cache and waits for the server to say
// that the cached reply is out of date.
func caching(c rueidis.Client) {
	script.Check("client-side caching", func(ctx context.Context) error {
		s := &script.Same{}
		set := func(args ...string) {
			s.Check(args[0], nil)(nil, c.Do(ctx, c.B().Arbitrary(args...).Build()).Error())
		}
		get := func() rueidis.RedisResult { return c.DoCache(ctx, c.B().Get().Key("cached").Cache(), time.Minute) }
		becomes := func(want string) {
			s.Check("GET becomes "+want, nil)(nil, script.Eventually(ctx, func() error {
				got, err := get().ToString()
				if rueidis.IsRedisNil(err) {
					got, err = "nothing", nil
				}
				if err != nil || got != want {
					return fmt.Errorf("GET: %q, %w", got, err)
				}
				return nil
			}))
		}
		set("SET", "cached", "1")
		becomes("1")
		if !get().IsCacheHit() {
			s.Fails("a second GET", "an answer from the cache", errors.New("asked the server"))
		}
		set("SET", "cached", "2")
		becomes("2")
		set("PEXPIRE", "cached", "50")
		becomes("nothing")
		set("SET", "cached", "3")
		becomes("3")
		set("FLUSHALL")
		becomes("nothing")
		return s.Err()
	})
}

func security() {
	script.Check("AUTH", func(ctx context.Context) error {
		s := &script.Same{}
		connect := func(user, password string) error {
			c, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{script.AuthAddr}, Username: user, Password: password})
			if err == nil {
				err = c.Do(ctx, c.B().Ping().Build()).Error()
				c.Close()
			}
			return err
		}
		s.Check("the password", nil)(nil, connect("", script.Password))
		s.Check("user and password", nil)(nil, connect("default", script.Password))
		s.Fails("a wrong password", "WRONGPASS", connect("", "wrong"))
		s.Fails("no password", "NOAUTH", connect("", ""))
		return s.Err()
	})
	script.Check("TLS", func(ctx context.Context) error {
		config, err := script.TLS()
		if err != nil {
			return err
		}
		c, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{script.TLSAddr}, TLSConfig: config})
		if err != nil {
			return err
		}
		defer c.Close()
		return c.Do(ctx, c.B().Ping().Build()).Error()
	})
}

func any2[T any](v T, err error) (any, error) { return v, err }
