"""Checks coredis."""

import asyncio

import coredis
from coredis.exceptions import WatchError
from coredis.patterns.cache import LRUCache

from checks import (AUTH_PORT, EXTRAS, HOST, PASSWORD, PORT, TLS_CA, TLS_HOST, TLS_PORT,
                    acheck, aeventually, afails, end, restart, same)


async def strings(r):
    same("SET", await r.set("k", b"a\x00\r\nb", ex=60), True)
    same("GET", await r.get("k"), b"a\x00\r\nb")
    same("GET absent", await r.get("absent"), None)
    same("INCRBY", await r.incrby("n", 41), 41)
    same("INCRBYFLOAT", await r.incrbyfloat("n", 0.5), 41.5)
    same("MSET", await r.mset({"a": 1, "b": 2}), True)
    same("MGET", await r.mget(["a", "b", "absent"]), (b"1", b"2", None))
    same("GETDEL", await r.getdel("a"), b"1")
    same("BITCOUNT", await r.bitcount("b"), 3)
    same("LCS", await r.lcs("k", "b"), b"")


async def expiry(r):
    await r.set("k", "v")
    same("EXPIRE", await r.expire("k", 3600), True)
    assert 3_000_000 < await r.pttl("k") <= 3_600_000
    same("PERSIST", await r.persist("k"), True)
    same("PEXPIRE", await r.pexpire("k", 30), True)

    async def gone():
        return await r.exists(["k"]) == 0

    await aeventually("the end of k", gone)


async def pipeline(r):
    async with r.pipeline(transaction=False) as p:
        replies = [p.incr("n") for _ in range(1000)]
    same("1000 INCR", await replies[-1], 1000)


async def transaction(r):
    async with r.pipeline(transaction=True) as p:
        replies = [p.set("k", 1), p.incr("k"), p.get("k")]
    same("EXEC", [await reply for reply in replies], [True, 2, b"2"])
    async with r.pipeline(transaction=True, raise_on_error=False) as p:
        bad, good = p.hget("k", "f"), p.get("k")
    await afails("a command that fails", "wrong kind of value", bad)
    same("its other reply", await good, b"2")


async def watch(r):
    async def attempt(interfere):
        async with r.pipeline(transaction=True) as p:
            async with p.watch("n"):
                if interfere:
                    await r.set("n", 10)
                p.incr("n")

    try:
        await attempt(True)
    except WatchError:
        pass
    else:
        raise AssertionError("EXEC after a conflict: no error")
    await attempt(False)
    same("GET", await r.get("n"), b"11")


async def scan(r):
    await r.mset({f"key:{i}": i for i in range(1000)})
    same("SCAN", len({k async for k in r.scan_iter(match="key:*", count=50)}), 1000)


async def hashes(r):
    same("HSET", await r.hset("h", {"a": 1, "b": "x"}), 2)
    same("HGETALL", await r.hgetall("h"), {b"a": b"1", b"b": b"x"})
    same("HINCRBY", await r.hincrby("h", "a", 2), 3)
    same("HMGET", await r.hmget("h", ["b", "absent"]), (b"x", None))
    same("HSCAN", dict([pair async for pair in r.hscan_iter("h")]), {b"a": b"3", b"b": b"x"})
    same("HDEL", await r.hdel("h", ["a"]), 1)
    await afails("GET of a hash", "wrong kind of value", r.get("h"))
    if EXTRAS:
        same("HEXPIRE", await r.hexpire("h", 3600, ["b"]), (1,))
        same("HTTL", await r.httl("h", ["b", "absent"]), (3600, -2))


async def auth():
    async def connect(**how):
        async with coredis.Redis(HOST, AUTH_PORT, **how) as r:
            return await r.ping()

    same("the password", await connect(password=PASSWORD), b"PONG")
    same("user and password", await connect(username="default", password=PASSWORD), b"PONG")
    for how in ({"password": "wrong"}, {}):
        try:
            got = await connect(**how)
        except Exception as refused:
            said = repr(refused) + repr(getattr(refused, "exceptions", "")) + repr(refused.__cause__)
            assert "uthentica" in said or "password" in said, f"{how}: {said}"
        else:
            raise AssertionError(f"{how}: got {got!r}")


async def tls():
    async with coredis.Redis(TLS_HOST, TLS_PORT, ssl=True, ssl_ca_certs=TLS_CA) as r:
        same("SET", await r.set("over tls", "v"), True)
        same("GET", await r.get("over tls"), b"v")


async def caching():
    async with coredis.Redis(HOST, PORT) as other, coredis.Redis(HOST, PORT, cache=LRUCache()) as r:
        await other.set("cached", 1)
        same("GET", await r.get("cached"), b"1")
        same("GET again", await r.get("cached"), b"1")
        await other.set("cached", 2)

        async def renewed():
            return await r.get("cached") == b"2"

        await aeventually("the new value", renewed)


async def reconnect(r):
    await r.set("k", "v")
    await asyncio.to_thread(restart)

    async def gone():
        return await r.exists(["k"]) == 0

    await aeventually("the new server", gone)
    same("SET", await r.set("k", "v"), True)


async def main():
    async with coredis.Redis(HOST, PORT) as r:
        await acheck("connect by default", r.ping)
        for run in (strings, expiry, pipeline, transaction, watch, scan, hashes):
            await r.flushall()
            await acheck(run.__name__, run, r)
        await acheck("AUTH", auth)
        await acheck("TLS", tls)
        await acheck("client-side caching", caching)
        await acheck("reconnect after a restart", reconnect, r)
    end()


asyncio.run(main())
