// Command goredis checks go-redis.
package main

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redistill-go/redistill/integration/clients/go/script"
)

func main() {
	c := redis.NewClient(&redis.Options{Addr: script.Addr})
	script.Check("connect by default", func(ctx context.Context) error { return c.Ping(ctx).Err() })
	both(c)
	two := redis.NewClient(&redis.Options{Addr: script.Addr, Protocol: 2})
	script.Check("connect with RESP2", func(ctx context.Context) error { return two.Ping(ctx).Err() })
	both(two)
	security()
	script.Check("reconnect after a restart", func(ctx context.Context) error {
		if err := c.Set(ctx, "k", "v", 0).Err(); err != nil {
			return err
		}
		if err := script.Restart(); err != nil {
			return err
		}
		return script.Eventually(ctx, func() error {
			if n, err := c.Exists(ctx, "k").Result(); err != nil || n != 0 {
				return fmt.Errorf("EXISTS k: %d, %w", n, err)
			}
			return c.Set(ctx, "k", "v", 0).Err()
		})
	})
	script.End()
}

func both(c *redis.Client) {
	suffix := fmt.Sprintf(", RESP%d", max(2, c.Options().Protocol))
	check := func(name string, run func(ctx context.Context, s *script.Same)) {
		script.Check(name+suffix, func(ctx context.Context) error {
			s := &script.Same{}
			s.Check("FLUSHALL", "OK")(any2(c.FlushAll(ctx).Result()))
			run(ctx, s)
			return s.Err()
		})
	}
	check("strings", func(ctx context.Context, s *script.Same) {
		s.Check("SET", "OK")(any2(c.Set(ctx, "k", "a\x00\r\nb", time.Minute).Result()))
		s.Check("GET", "a\x00\r\nb")(any2(c.Get(ctx, "k").Result()))
		s.Fails("GET absent", redis.Nil.Error(), c.Get(ctx, "absent").Err())
		s.Check("SET NX", false)(any2(c.SetNX(ctx, "k", "w", 0).Result()))
		s.Check("INCRBY", 41)(any2(c.IncrBy(ctx, "n", 41).Result()))
		s.Check("INCRBYFLOAT", 41.5)(any2(c.IncrByFloat(ctx, "n", 0.5).Result()))
		s.Check("MSET", "OK")(any2(c.MSet(ctx, "a", 1, "b", 2).Result()))
		s.Check("MGET", "[1 2 <nil>]")(any2(c.MGet(ctx, "a", "b", "absent").Result()))
		s.Check("GETEX", "1")(any2(c.GetEx(ctx, "a", time.Minute).Result()))
		s.Check("GETDEL", "1")(any2(c.GetDel(ctx, "a").Result()))
		s.Check("SETBIT", 0)(any2(c.SetBit(ctx, "bits", 7, 1).Result()))
		s.Check("BITCOUNT", 1)(any2(c.BitCount(ctx, "bits", nil).Result()))
	})
	check("expiry", func(ctx context.Context, s *script.Same) {
		s.Check("SET", "OK")(any2(c.Set(ctx, "k", "v", 0).Result()))
		s.Check("TTL without", -1)(int2(c.TTL(ctx, "k").Result()))
		s.Check("EXPIRE", true)(any2(c.Expire(ctx, "k", time.Hour).Result()))
		s.Check("EXPIRE NX", false)(any2(c.ExpireNX(ctx, "k", time.Minute).Result()))
		if left, err := c.PTTL(ctx, "k").Result(); err != nil || left > time.Hour || left < 50*time.Minute {
			s.Fails("PTTL", "an hour", fmt.Errorf("%s, %w", left, err))
		}
		s.Check("PERSIST", true)(any2(c.Persist(ctx, "k").Result()))
		s.Check("PEXPIRE", true)(any2(c.PExpire(ctx, "k", 30*time.Millisecond).Result()))
		s.Check("it goes", nil)(nil, script.Eventually(ctx, func() error {
			if n, err := c.Exists(ctx, "k").Result(); err != nil || n != 0 {
				return fmt.Errorf("EXISTS: %d, %w", n, err)
			}
			return nil
		}))
	})
	check("pipeline", func(ctx context.Context, s *script.Same) {
		var last *redis.IntCmd
		_, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
			for range 1000 {
				last = p.Incr(ctx, "n")
			}
			return nil
		})
		s.Check("1000 INCR", 1000)(last.Val(), err)
	})
	check("transaction", func(ctx context.Context, s *script.Same) {
		replies, err := c.TxPipelined(ctx, func(p redis.Pipeliner) error {
			p.Set(ctx, "k", "1", 0)
			p.Incr(ctx, "k")
			p.Get(ctx, "k")
			return nil
		})
		s.Check("EXEC", "[set k 1: OK incr k: 2 get k: 2]")(replies, err)
		replies, err = c.TxPipelined(ctx, func(p redis.Pipeliner) error {
			p.Set(ctx, "k", "text", 0)
			p.Incr(ctx, "k")
			return nil
		})
		s.Fails("EXEC with a command that fails", "ERR value is not an integer", err)
		s.Check("its other reply", "OK")(replies[0].(*redis.StatusCmd).Result())
		_, err = c.TxPipelined(ctx, func(p redis.Pipeliner) error {
			p.Do(ctx, "SET", "k")
			return nil
		})
		s.Fails("EXEC after a refused command", "EXECABORT", err)
	})
	check("watch conflict", func(ctx context.Context, s *script.Same) {
		attempt := func(interfere bool) error {
			return c.Watch(ctx, func(tx *redis.Tx) error {
				n, err := tx.Get(ctx, "n").Int()
				if err != nil && err != redis.Nil {
					return err
				}
				if interfere {
					if err := c.Set(ctx, "n", 10, 0).Err(); err != nil {
						return err
					}
				}
				_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error { return p.Set(ctx, "n", n+1, 0).Err() })
				return err
			}, "n")
		}
		s.Fails("EXEC after a conflict", redis.TxFailedErr.Error(), attempt(true))
		s.Check("EXEC without", nil)(nil, attempt(false))
		s.Check("GET", "11")(any2(c.Get(ctx, "n").Result()))
	})
	check("scan", func(ctx context.Context, s *script.Same) {
		_, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
			for i := range 1000 {
				p.Set(ctx, fmt.Sprint("key:", i), i, 0)
			}
			return p.HSet(ctx, "key:hash", "f", "v").Err()
		})
		s.Check("SET", nil)(nil, err)
		for kind, want := range map[string]int{"string": 1000, "hash": 1} {
			seen := map[string]bool{}
			iter := c.ScanType(ctx, 0, "key:*", 50, kind).Iterator()
			for iter.Next(ctx) {
				seen[iter.Val()] = true
			}
			s.Check("SCAN TYPE "+kind, want)(len(seen), iter.Err())
		}
	})
	check("hashes", func(ctx context.Context, s *script.Same) {
		s.Check("HSET", 2)(any2(c.HSet(ctx, "h", "name", "x", "n", 1).Result()))
		s.Check("HGETALL", "map[n:1 name:x]")(any2(c.HGetAll(ctx, "h").Result()))
		var row struct {
			Name string `redis:"name"`
			N    int    `redis:"n"`
		}
		s.Check("HGETALL into a struct", nil)(nil, c.HGetAll(ctx, "h").Scan(&row))
		s.Check("the struct", "{x 1}")(row, nil)
		s.Check("HINCRBY", 3)(any2(c.HIncrBy(ctx, "h", "n", 2).Result()))
		s.Check("HINCRBYFLOAT", 3.5)(any2(c.HIncrByFloat(ctx, "h", "n", 0.5).Result()))
		s.Check("HMGET", "[x <nil>]")(any2(c.HMGet(ctx, "h", "name", "absent").Result()))
		s.Check("HDEL", 1)(any2(c.HDel(ctx, "h", "n").Result()))
		s.Check("HRANDFIELD WITHVALUES", "[{name x}]")(any2(c.HRandFieldWithValues(ctx, "h", 5).Result()))
		fields, _, err := c.HScan(ctx, "h", 0, "n*", 10).Result()
		s.Check("HSCAN", "[name x]")(fields, err)
		s.Fails("GET of a hash", "WRONGTYPE", c.Get(ctx, "h").Err())
		s.Check("TYPE", "hash")(any2(c.Type(ctx, "h").Result()))
	})
	if script.Extras {
		check("field expiry", func(ctx context.Context, s *script.Same) {
			s.Check("HSET", 2)(any2(c.HSet(ctx, "h", "a", 1, "b", 2).Result()))
			s.Check("HEXPIRE", "[1 -2]")(any2(c.HExpire(ctx, "h", time.Hour, "a", "absent").Result()))
			s.Check("HTTL", "[3600 -1]")(any2(c.HTTL(ctx, "h", "a", "b").Result()))
			s.Check("HPERSIST", "[1]")(any2(c.HPersist(ctx, "h", "a").Result()))
			s.Check("HSETEX", 1)(any2(c.HSetEXWithArgs(ctx, "h", &redis.HSetEXOptions{ExpirationType: redis.HSetEXExpirationEX, ExpirationVal: 60}, "c", "3").Result()))
			s.Check("HGETDEL", "[3]")(any2(c.HGetDel(ctx, "h", "c").Result()))
		})
	}
}

func security() {
	script.Check("AUTH", func(ctx context.Context) error {
		s := &script.Same{}
		for _, protocol := range []int{2, 3} {
			connect := func(user, password string) error {
				return redis.NewClient(&redis.Options{Addr: script.AuthAddr, Username: user, Password: password, Protocol: protocol}).Ping(ctx).Err()
			}
			s.Check("the password", nil)(nil, connect("", script.Password))
			s.Check("user and password", nil)(nil, connect("default", script.Password))
			s.Fails("a wrong password", "WRONGPASS", connect("", "wrong"))
			s.Fails("no password", "NOAUTH", connect("", ""))
		}
		return s.Err()
	})
	script.Check("TLS", func(ctx context.Context) error {
		config, err := script.TLS()
		if err != nil {
			return err
		}
		s := &script.Same{}
		c := redis.NewClient(&redis.Options{Addr: script.TLSAddr, TLSConfig: config})
		s.Check("SET", "OK")(any2(c.Set(ctx, "over tls", "v", 0).Result()))
		s.Check("GET", "v")(any2(c.Get(ctx, "over tls").Result()))
		return s.Err()
	})
}

func any2[T any](v T, err error) (any, error) { return v, err }

func int2[T ~int64](v T, err error) (any, error) { return int64(v), err }
