import io.lettuce.core.ClientOptions;
import io.lettuce.core.ExpireArgs;
import io.lettuce.core.KeyScanArgs;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.SetArgs;
import io.lettuce.core.SslOptions;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.support.caching.CacheAccessor;
import io.lettuce.core.support.caching.CacheFrontend;
import io.lettuce.core.support.caching.ClientSideCaching;
import java.io.File;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Checks Lettuce. */
public final class LettuceClient {
  private LettuceClient() {}

  private static RedisURI.Builder at(int port) {
    return RedisURI.builder().withHost(Checks.HOST).withPort(port).withTimeout(Duration.ofSeconds(20));
  }

  private static RedisClient client(RedisURI uri, ProtocolVersion protocol) {
    RedisClient client = RedisClient.create(uri);
    if (protocol != null) {
      client.setOptions(ClientOptions.builder().protocolVersion(protocol).build());
    }
    return client;
  }

  private static void commands(StatefulRedisConnection<String, String> connection, StatefulRedisConnection<String, String> second, String suffix) {
    RedisCommands<String, String> c = connection.sync();
    Named run = (name, body) -> Checks.check(name + suffix, () -> {
      c.flushall();
      body.run();
    });
    run.check("strings", () -> {
      Checks.same("SET", c.set("k", "a\0\r\nb", SetArgs.Builder.ex(60)), "OK");
      Checks.same("GET", c.get("k"), "a\0\r\nb");
      Checks.same("GET absent", c.get("absent"), null);
      Checks.same("SET NX", c.set("k", "w", SetArgs.Builder.nx()), null);
      Checks.same("INCRBY", c.incrby("n", 41), 41L);
      Checks.same("INCRBYFLOAT", c.incrbyfloat("n", 0.5), 41.5);
      Checks.same("MSET", c.mset(Map.of("a", "1", "b", "2")), "OK");
      Checks.same("MGET", c.mget("a", "b", "absent").toString(), "[KeyValue[a, 1], KeyValue[b, 2], KeyValue[absent].empty]");
      Checks.same("GETDEL", c.getdel("a"), "1");
      Checks.same("BITCOUNT", c.bitcount("b"), 3L);
    });
    run.check("expiry", () -> {
      c.set("k", "v");
      Checks.same("EXPIRE", c.expire("k", 3600), true);
      Checks.same("EXPIRE NX", c.expire("k", 60, ExpireArgs.Builder.nx()), false);
      long left = c.pttl("k");
      Checks.same("PTTL", left > 3_000_000 && left <= 3_600_000, true);
      Checks.same("PERSIST", c.persist("k"), true);
      Checks.same("PEXPIRE", c.pexpire("k", 30), true);
      Checks.eventually("the end of k", () -> c.exists("k") == 0);
    });
    run.check("pipeline", () -> {
      RedisAsyncCommands<String, String> async = connection.async();
      List<RedisFuture<Long>> replies = new ArrayList<>();
      connection.setAutoFlushCommands(false);
      for (int i = 0; i < 1000; i++) {
        replies.add(async.incr("n"));
      }
      connection.flushCommands();
      connection.setAutoFlushCommands(true);
      Checks.same("all", LettuceFutures.awaitAll(20, TimeUnit.SECONDS, replies.toArray(new RedisFuture[0])), true);
      Checks.same("1000 INCR", replies.get(999).get(), 1000L);
    });
    run.check("transaction", () -> {
      c.multi();
      c.set("k", "1");
      c.incr("k");
      c.get("k");
      TransactionResult replies = c.exec();
      Checks.same("EXEC", List.of(replies.get(0), replies.get(1), replies.get(2)), List.of("OK", 2L, "2"));
      c.multi();
      c.hget("k", "f");
      c.get("k");
      replies = c.exec();
      Checks.same("a command that fails", replies.get(0).toString().contains("WRONGTYPE"), true);
      Checks.same("its other reply", replies.get(1), "2");
      c.multi();
      c.set("k", "3");
      Checks.same("DISCARD", c.discard(), "OK");
      Checks.same("GET", c.get("k"), "2");
    });
    run.check("watch conflict", () -> {
      c.watch("n");
      second.sync().set("n", "10");
      c.multi();
      c.incr("n");
      Checks.same("EXEC after a conflict", c.exec().wasDiscarded(), true);
      c.watch("n");
      c.multi();
      c.incr("n");
      Checks.same("EXEC", c.exec().get(0), 11L);
    });
    run.check("scan", () -> {
      for (int i = 0; i < 1000; i++) {
        connection.async().set("key:" + i, "v");
      }
      c.hset("key:hash", "f", "v");
      Set<String> seen = new HashSet<>();
      ScanIterator.scan(c, KeyScanArgs.Builder.matches("key:*").limit(50).type("string")).forEachRemaining(seen::add);
      Checks.same("SCAN", seen.size(), 1000L);
    });
    run.check("hashes", () -> {
      Checks.same("HSET", c.hset("h", Map.of("a", "1", "b", "x")), 2L);
      Checks.same("HGETALL", c.hgetall("h"), Map.of("a", "1", "b", "x"));
      Checks.same("HINCRBY", c.hincrby("h", "a", 2), 3L);
      Checks.same("HMGET", c.hmget("h", "b", "absent").toString(), "[KeyValue[b, x], KeyValue[absent].empty]");
      Set<String> seen = new HashSet<>();
      ScanIterator.hscan(c, "h").forEachRemaining(f -> seen.add(f.getKey() + "=" + f.getValue()));
      Checks.same("HSCAN", seen, Set.of("a=3", "b=x"));
      Checks.same("HDEL", c.hdel("h", "a"), 1L);
      Checks.same("HRANDFIELD", c.hrandfieldWithvalues("h", 5).toString(), "[KeyValue[b, x]]");
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

  private static String ping(RedisURI uri, ProtocolVersion protocol) {
    try (RedisClient client = client(uri, protocol)) {
      return client.connect().sync().ping();
    }
  }

  private static void security() {
    Checks.check("AUTH", () -> {
      for (ProtocolVersion protocol : ProtocolVersion.values()) {
        Checks.same("the password", ping(at(Checks.AUTH_PORT).withPassword(Checks.PASSWORD.toCharArray()).build(), protocol), "PONG");
        Checks.same("user and password", ping(at(Checks.AUTH_PORT).withAuthentication("default", Checks.PASSWORD).build(), protocol), "PONG");
        Checks.fails("a wrong password", "WRONGPASS", () -> ping(at(Checks.AUTH_PORT).withPassword("wrong".toCharArray()).build(), protocol));
        Checks.fails("no password", "NOAUTH", () -> ping(at(Checks.AUTH_PORT).build(), protocol));
      }
    });
    Checks.check("TLS", () -> {
      RedisURI uri = RedisURI.builder().withHost(Checks.TLS_HOST).withPort(Checks.TLS_PORT).withSsl(true).build();
      try (RedisClient client = RedisClient.create(uri)) {
        client.setOptions(ClientOptions.builder().sslOptions(SslOptions.builder().trustManager(new File(Checks.TLS_CA)).build()).build());
        RedisCommands<String, String> c = client.connect().sync();
        Checks.same("SET", c.set("over tls", "v"), "OK");
        Checks.same("GET", c.get("over tls"), "v");
      }
    });
  }

  private static void caching(RedisClient client, RedisCommands<String, String> other) {
    Checks.check("client-side caching", () -> {
      Map<String, String> held = new ConcurrentHashMap<>();
      StatefulRedisConnection<String, String> connection = client.connect();
      CacheFrontend<String, String> cache = ClientSideCaching.enable(CacheAccessor.forMap(held), connection, TrackingArgs.Builder.enabled());
      other.set("cached", "1");
      Checks.same("get", cache.get("cached"), "1");
      Checks.same("what is held", held, Map.of("cached", "1"));
      other.set("cached", "2");
      Checks.eventually("the invalidation", held::isEmpty);
      Checks.same("get", cache.get("cached"), "2");
      other.pexpire("cached", 30);
      Checks.eventually("the end of the key", () -> held.isEmpty() && connection.sync().get("cached") == null);
      connection.close();
    });
  }

  /** Runs all checks. */
  public static void main(String[] args) {
    RedisClient standard = client(at(Checks.PORT).build(), null);
    StatefulRedisConnection<String, String> connection = standard.connect();
    Checks.check("connect by default", () -> Checks.same("PING", connection.sync().ping(), "PONG"));
    for (ProtocolVersion protocol : ProtocolVersion.values()) {
      try (RedisClient client = client(at(Checks.PORT).build(), protocol)) {
        commands(client.connect(), connection, ", " + protocol);
      }
    }
    security();
    caching(standard, connection.sync());
    Checks.check("reconnect after a restart", () -> {
      RedisCommands<String, String> c = connection.sync();
      c.set("k", "v");
      Checks.restart();
      Checks.eventually("the new server", () -> c.exists("k") == 0);
      Checks.same("SET", c.set("k", "v"), "OK");
    });
    Checks.end();
    System.exit(0);
  }
}
