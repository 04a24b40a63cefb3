import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import redis.clients.jedis.AbstractTransaction;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.Response;
import redis.clients.jedis.csc.CacheConfig;
import redis.clients.jedis.args.ExpiryOption;
import redis.clients.jedis.params.GetExParams;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.resps.ScanResult;

/** Checks Jedis. */
public final class JedisClient {
  private JedisClient() {}

  private static RedisClient connect(int port, DefaultJedisClientConfig.Builder config) {
    return RedisClient.builder().hostAndPort(new HostAndPort(Checks.HOST, port)).clientConfig(config.build()).build();
  }

  private static void commands(RedisClient c, String suffix) {
    Named run = (name, body) -> Checks.check(name + suffix, () -> {
      c.flushAll();
      body.run();
    });
    run.check("strings", () -> {
      Checks.same("SET", c.set("k", "a\0\r\nb", SetParams.setParams().ex(60)), "OK");
      Checks.same("GET", c.get("k"), "a\0\r\nb");
      Checks.same("GET absent", c.get("absent"), null);
      Checks.same("SET NX", c.set("k", "w", SetParams.setParams().nx()), null);
      Checks.same("INCRBY", c.incrBy("n", 41), 41L);
      Checks.same("INCRBYFLOAT", c.incrByFloat("n", 0.5), 41.5);
      Checks.same("MSET", c.mset("a", "1", "b", "2"), "OK");
      Checks.same("MGET", c.mget("a", "b"), List.of("1", "2"));
      Checks.same("GETEX", c.getEx("a", GetExParams.getExParams().ex(60)), "1");
      Checks.same("GETDEL", c.getDel("a"), "1");
      Checks.same("BITCOUNT", c.bitcount("b"), 3L);
      Checks.same("RENAME", c.rename("b", "d"), "OK");
      Checks.same("DUMP and RESTORE", c.restore("e", 0, c.dump("d")), "OK");
      Checks.same("the restored value", c.get("e"), "2");
    });
    run.check("expiry", () -> {
      c.set("k", "v");
      Checks.same("TTL", c.ttl("k"), -1L);
      Checks.same("EXPIRE", c.expire("k", 3600), 1L);
      Checks.same("EXPIRE NX", c.expire("k", 60, ExpiryOption.NX), 0L);
      long left = c.pttl("k");
      Checks.same("PTTL", left > 3_000_000 && left <= 3_600_000, true);
      Checks.same("PERSIST", c.persist("k"), 1L);
      Checks.same("PEXPIRE", c.pexpire("k", 30), 1L);
      Checks.eventually("the end of k", () -> !c.exists("k"));
    });
    run.check("pipeline", () -> {
      try (Pipeline p = c.pipelined()) {
        List<Response<Long>> replies = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
          replies.add(p.incr("n"));
        }
        p.sync();
        Checks.same("1000 INCR", replies.get(999).get(), 1000L);
      }
    });
    run.check("transaction", () -> {
      try (AbstractTransaction t = c.multi()) {
        t.set("k", "1");
        t.incr("k");
        t.get("k");
        Checks.same("EXEC", t.exec(), List.of("OK", 2L, "2"));
      }
      try (AbstractTransaction t = c.multi()) {
        t.hget("k", "f");
        t.get("k");
        List<Object> replies = t.exec();
        Checks.same("a command that fails", replies.get(0).toString().contains("WRONGTYPE"), true);
        Checks.same("its other reply", replies.get(1), "2");
      }
      try (AbstractTransaction t = c.multi()) {
        t.set("k", "3");
        Checks.same("DISCARD", t.discard(), "OK");
      }
      Checks.same("GET", c.get("k"), "2");
    });
    run.check("watch conflict", () -> {
      try (AbstractTransaction t = c.transaction(false)) {
        t.watch("n");
        c.set("n", "10");
        t.multi();
        t.incr("n");
        Checks.same("EXEC after a conflict", t.exec(), null);
        t.watch("n");
        t.multi();
        t.incr("n");
        Checks.same("EXEC", t.exec(), List.of(11L));
      }
    });
    run.check("scan", () -> {
      try (Pipeline p = c.pipelined()) {
        for (int i = 0; i < 1000; i++) {
          p.set("key:" + i, "v");
        }
        p.sync();
      }
      c.hset("key:hash", "f", "v");
      Set<String> seen = new HashSet<>();
      String cursor = ScanParams.SCAN_POINTER_START;
      do {
        ScanResult<String> some = c.scan(cursor, new ScanParams().match("key:*").count(50), "string");
        seen.addAll(some.getResult());
        cursor = some.getCursor();
      } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
      Checks.same("SCAN", seen.size(), 1000L);
    });
    run.check("hashes", () -> {
      Checks.same("HSET", c.hset("h", Map.of("a", "1", "b", "x")), 2L);
      Checks.same("HGETALL", c.hgetAll("h"), Map.of("a", "1", "b", "x"));
      Checks.same("HINCRBY", c.hincrBy("h", "a", 2), 3L);
      Checks.same("HINCRBYFLOAT", c.hincrByFloat("h", "a", 0.5), 3.5);
      Checks.same("HMGET", c.hmget("h", "a", "b"), List.of("3.5", "x"));
      Map<String, String> seen = new TreeMap<>();
      c.hscan("h", "0").getResult().forEach(e -> seen.put(e.getKey(), e.getValue()));
      Checks.same("HSCAN", seen, Map.of("a", "3.5", "b", "x"));
      Checks.same("HDEL", c.hdel("h", "a"), 1L);
      Checks.same("HRANDFIELD", c.hrandfieldWithValues("h", 5).toString(), "[b=x]");
      Checks.fails("GET of a hash", "WRONGTYPE", () -> c.get("h"));
      if (Checks.EXTRAS) {
        Checks.same("HEXPIRE", c.hexpire("h", 3600, "b", "absent"), List.of(1L, -2L));
        Checks.same("HTTL", c.httl("h", "b"), List.of(3600L));
      }
    });
  }

  /** Runs a check under a name. */
  private interface Named {
    void check(String name, Checks.Body body);
  }

  private static void security() {
    Checks.check("AUTH", () -> {
      for (var protocol : redis.clients.jedis.RedisProtocol.values()) {
        var config = new HashMap<String, DefaultJedisClientConfig.Builder>();
        for (String name : List.of("password", "user", "wrong", "none")) {
          config.put(name, DefaultJedisClientConfig.builder().protocol(protocol));
        }
        config.get("password").password(Checks.PASSWORD);
        config.get("user").user("default").password(Checks.PASSWORD);
        config.get("wrong").password("wrong");
        Checks.same("the password", connect(Checks.AUTH_PORT, config.get("password")).ping(), "PONG");
        Checks.same("user and password", connect(Checks.AUTH_PORT, config.get("user")).ping(), "PONG");
        Checks.fails("a wrong password", "WRONGPASS", () -> connect(Checks.AUTH_PORT, config.get("wrong")).ping());
        Checks.fails("no password", "NOAUTH", () -> connect(Checks.AUTH_PORT, config.get("none")).ping());
      }
    });
    Checks.check("TLS", () -> {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, Checks.trust().getTrustManagers(), null);
      try (RedisClient c = RedisClient.builder()
          .hostAndPort(new HostAndPort(Checks.TLS_HOST, Checks.TLS_PORT))
          .clientConfig(DefaultJedisClientConfig.builder().ssl(true).sslSocketFactory(context.getSocketFactory()).build())
          .build()) {
        Checks.same("SET", c.set("over tls", "v"), "OK");
        Checks.same("GET", c.get("over tls"), "v");
      }
    });
  }

  private static void caching(RedisClient other) {
    Checks.check("client-side caching", () -> {
      try (RedisClient c = RedisClient.builder()
          .hostAndPort(new HostAndPort(Checks.HOST, Checks.PORT))
          .clientConfig(DefaultJedisClientConfig.builder().resp3().build())
          .cacheConfig(CacheConfig.builder().maxSize(100).build())
          .build()) {
        other.set("cached", "1");
        Checks.same("GET", c.get("cached"), "1");
        Checks.same("GET again", c.get("cached"), "1");
        Checks.same("hits", c.getCache().getStats().getHitCount(), 1L);
        other.set("cached", "2");
        Checks.eventually("the new value", () -> c.get("cached").equals("2"));
        other.pexpire("cached", 30);
        Checks.eventually("the end of the key", () -> c.get("cached") == null);
      }
    });
  }

  /** Runs all checks. */
  public static void main(String[] args) {
    RedisClient standard = RedisClient.create(Checks.HOST, Checks.PORT);
    Checks.check("connect by default", () -> Checks.same("PING", standard.ping(), "PONG"));
    commands(standard, "");
    try (RedisClient two = connect(Checks.PORT, DefaultJedisClientConfig.builder().resp2())) {
      commands(two, ", RESP2");
    }
    try (RedisClient three = connect(Checks.PORT, DefaultJedisClientConfig.builder().resp3())) {
      commands(three, ", RESP3");
    }
    security();
    if (Checks.EXTRAS) { // Jedis asks for Redis 7.4 at least
      caching(standard);
    }
    Checks.check("reconnect after a restart", () -> {
      standard.set("k", "v");
      Checks.restart();
      Checks.eventually("the new server", () -> !standard.exists("k"));
      Checks.same("SET", standard.set("k", "v"), "OK");
    });
    Checks.end();
    System.exit(0);
  }
}
