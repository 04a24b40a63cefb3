"""Checks redis-py, both of the major versions in use."""

import asyncio

import redis
import redis.asyncio
from redis.backoff import NoBackoff
from redis.retry import Retry

from checks import (AUTH_PORT, EXTRAS, HOST, PASSWORD, PORT, TLS_CA, TLS_HOST, TLS_PORT,
                    acheck, check, end, eventually, fails, restart, same)

NEWEST = int(redis.__version__.split(".")[0]) >= 8


def strings(r):
    same("SET", r.set("k", b"a\x00\r\nb", ex=60), True)
    same("GET", r.get("k"), b"a\x00\r\nb")
    same("GET absent", r.get("absent"), None)
    same("SET NX", r.set("k", "w", nx=True), None)
    same("SET GET", r.set("k", "w", get=True), b"a\x00\r\nb")
    same("INCRBY", r.incrby("n", 41), 41)
    same("INCRBYFLOAT", r.incrbyfloat("n", 0.5), 41.5)
    same("MSET", r.mset({"a": 1, "b": 2}), True)
    same("MGET", r.mget("a", "b", "absent"), [b"1", b"2", None])
    same("GETEX", r.getex("a", ex=60), b"1")
    same("GETDEL", r.getdel("a"), b"1")
    same("SETBIT", r.setbit("bits", 7, 1), 0)
    same("BITCOUNT", r.bitcount("bits"), 1)
    same("EXISTS", r.exists("k", "k", "absent"), 2)
    same("COPY", r.copy("k", "k2"), True)
    same("RENAME", r.rename("k2", "k3"), True)
    r.restore("k4", 0, r.dump("k3"))
    same("RESTORE", r.get("k4"), b"w")
    same("INFO", r.info("server")["redis_mode"], "standalone")
    same("a lock", r.lock("lock", timeout=5).acquire(blocking=False), True)
    if NEWEST and EXTRAS:
        same("MSETEX", r.msetex({"e": 1, "f": 2}, ex=60), 1)
        same("SET IFEQ", r.set("f", "3", ifeq="2"), True)


def expiry(r):
    r.set("k", "v")
    same("TTL without", r.ttl("k"), -1)
    same("TTL absent", r.ttl("absent"), -2)
    same("EXPIRE", r.expire("k", 3600), True)
    same("EXPIRE NX", r.expire("k", 60, nx=True), False)
    assert 3_000_000 < r.pttl("k") <= 3_600_000, r.pttl("k")
    assert r.expiretime("k") > 1_700_000_000
    same("PERSIST", r.persist("k"), True)
    same("PEXPIRE", r.pexpire("k", 30), True)
    eventually("the end of k", lambda: not r.exists("k"))


def pipeline(r):
    with r.pipeline(transaction=False) as p:
        for _ in range(1000):
            p.incr("n")
        same("1000 INCR", p.execute(), list(range(1, 1001)))


def transaction(r):
    with r.pipeline() as p:
        same("EXEC", p.set("k", 1).incr("k").get("k").execute(), [True, 2, b"2"])
        p.set("k", "text").incr("k").get("k")
        replies = p.execute(raise_on_error=False)
        assert replies[0] is True and "not an integer" in str(replies[1]) and replies[2] == b"text", replies
        p.execute_command("SET", "k")
        fails("EXEC after a refused command", "wrong number of arguments", p.execute)


def watch(r):
    def step(p):
        n = int(p.get("n") or 0)
        if not interfered:
            interfered.append(r.set("n", 10))
        p.multi()
        p.set("n", n + 1)

    interfered = []
    r.transaction(step, "n")  # retries after the conflict
    same("GET", r.get("n"), b"11")
    with r.pipeline() as p:
        p.watch("n")
        r.incr("n")
        p.multi()
        p.incr("n")
        try:
            raise AssertionError(f"EXEC after a conflict: {p.execute()}")
        except redis.WatchError:
            pass


def scan(r):
    r.mset({f"key:{i}": i for i in range(1000)})
    r.hset("key:hash", "f", "v")
    same("SCAN", len(set(r.scan_iter("key:*", count=50))), 1001)
    same("SCAN TYPE", set(r.scan_iter("key:*", count=500, _type="HASH")), {b"key:hash"})
    r.hset("h", mapping={f"field:{i}": i for i in range(1000)})
    same("HSCAN", len(dict(r.hscan_iter("h", count=50))), 1000)


def hashes(r):
    same("HSET", r.hset("h", mapping={"a": 1, "b": "x"}), 2)
    same("HGETALL", r.hgetall("h"), {b"a": b"1", b"b": b"x"})
    same("HINCRBY", r.hincrby("h", "a", 2), 3)
    same("HINCRBYFLOAT", r.hincrbyfloat("h", "a", 0.5), 3.5)
    same("HMGET", r.hmget("h", "b", "absent"), [b"x", None])
    same("HKEYS", sorted(r.hkeys("h")), [b"a", b"b"])
    same("HSTRLEN", r.hstrlen("h", "a"), 3)
    same("HSETNX", r.hsetnx("h", "a", 1), 0)
    same("HDEL", r.hdel("h", "a"), 1)
    same("HRANDFIELD", [bytes(f) for f in r.hrandfield("h", 1)], [b"b"])
    fails("GET of a hash", "WRONGTYPE", lambda: r.get("h"))
    fails("HGET of a string", "WRONGTYPE", lambda: (r.set("s", "v"), r.hget("s", "f")))


def field_expiry(r):
    r.hset("h", mapping={"a": 1, "b": 2})
    same("HEXPIRE", r.hexpire("h", 3600, "a", "absent"), [1, -2])
    same("HTTL", r.httl("h", "a", "b"), [3600, -1])
    same("HPERSIST", r.hpersist("h", "a"), [1])
    same("HPEXPIRE", r.hpexpire("h", 30, "a"), [1])
    eventually("the end of the field", lambda: not r.hexists("h", "a"))


def auth(protocol):
    def connect(**how):
        once = Retry(NoBackoff(), 0)  # a refusal is final
        return redis.Redis(HOST, AUTH_PORT, protocol=protocol, retry=once, **how).ping()

    same("the password", connect(password=PASSWORD), True)
    same("user and password", connect(username="default", password=PASSWORD), True)
    fails("a wrong password", "invalid username-password pair", lambda: connect(password="wrong"))
    fails("no password", "uthenticat", connect)


def tls():
    r = redis.Redis(TLS_HOST, TLS_PORT, ssl=True, ssl_ca_certs=TLS_CA)
    same("SET", r.set("over tls", "v"), True)
    same("GET", r.get("over tls"), b"v")


def caching():
    from redis.cache import CacheConfig
    r = redis.Redis(HOST, PORT, protocol=3, cache_config=CacheConfig())
    other = redis.Redis(HOST, PORT)
    other.set("cached", 1)
    same("GET", r.get("cached"), b"1")
    same("GET again", r.get("cached"), b"1")
    same("replies in the cache", len(r.get_cache().collection), 1)
    other.set("cached", 2)
    eventually("the new value", lambda: r.get("cached") == b"2")
    other.pexpire("cached", 30)
    eventually("the end of the key", lambda: r.get("cached") is None)


async def with_asyncio():
    async with redis.asyncio.Redis(host=HOST, port=PORT) as r:
        await r.flushall()
        async with r.pipeline() as p:
            same("EXEC", await p.set("k", 1).incr("k").execute(), [True, 2])
        same("GET", sum(int(v) for v in await asyncio.gather(*(r.get("k") for _ in range(20)))), 40)


def clients(r):
    same("CLIENT SETNAME", r.client_setname("me"), True)
    same("CLIENT GETNAME", r.client_getname() in ("me", b"me"), True)
    mine = [c for c in r.client_list() if c["name"] == "me"]
    same("CLIENT LIST", len(mine), 1)
    same("CLIENT INFO", r.client_info()["name"], "me")
    assert r.client_id() > 0
    if NEWEST and EXTRAS:
        same("the library's name", mine[0]["lib-name"].startswith("redis-py"), True)


def reconnect(r):
    r.set("k", "v")
    restart()
    eventually("the new server", lambda: r.exists("k") == 0)
    same("SET", r.set("k", "v"), True)


default = redis.Redis(HOST, PORT)
check("connect by default", default.ping)
for protocol in (2, 3):
    for run in (strings, expiry, pipeline, transaction, watch, scan, hashes, clients) + ((field_expiry,) if EXTRAS else ()):
        r = redis.Redis(HOST, PORT, protocol=protocol)
        check(f"FLUSHALL, RESP{protocol}", r.flushall)
        check(f"{run.__name__}, RESP{protocol}", run, r)
        r.close()
    check(f"AUTH, RESP{protocol}", auth, protocol)
check("TLS", tls)
if EXTRAS:  # redis-py asks for Redis 7.4 at least
    check("client-side caching", caching)
asyncio.run(acheck("asyncio", with_asyncio))
check("reconnect after a restart", reconnect, default)
end()
