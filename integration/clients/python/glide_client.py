"""Checks valkey-glide."""

import asyncio

from glide import (AdvancedGlideClientConfiguration, Batch, ExpirySet, ExpiryType, GlideClient, GlideClientConfiguration,
                   NodeAddress, ProtocolVersion, RequestError, ServerCredentials, TlsAdvancedConfiguration)

from checks import (AUTH_PORT, EXTRAS, HOST, PASSWORD, PORT, TLS_CA, TLS_HOST, TLS_PORT,
                    acheck, aeventually, afails, end, restart, same)


async def strings(r):
    same("SET", await r.set("k", b"a\x00\r\nb", expiry=ExpirySet(ExpiryType.SEC, 60)), "OK")
    same("GET", await r.get("k"), b"a\x00\r\nb")
    same("GET absent", await r.get("absent"), None)
    same("INCRBY", await r.incrby("n", 41), 41)
    same("INCRBYFLOAT", await r.incrbyfloat("n", 0.5), 41.5)
    same("MSET", await r.mset({"a": "1", "b": "2"}), "OK")
    same("MGET", await r.mget(["a", "b", "absent"]), [b"1", b"2", None])
    same("GETDEL", await r.getdel("a"), b"1")
    same("STRLEN", await r.strlen("k"), 5)


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
    batch = Batch(is_atomic=False)
    for _ in range(1000):
        batch.incr("n")
    same("1000 INCR", await r.exec(batch, raise_on_error=True), list(range(1, 1001)))


async def transaction(r):
    batch = Batch(is_atomic=True)
    batch.set("k", "1").incr("k").get("k")
    same("EXEC", await r.exec(batch, raise_on_error=True), ["OK", 2, b"2"])
    batch = Batch(is_atomic=True)
    batch.hget("k", "f").get("k")
    replies = await r.exec(batch, raise_on_error=False)
    assert isinstance(replies[0], RequestError) and replies[1] == b"2", replies


async def watch(r):
    async def attempt(interfere):
        await r.watch(["n"])
        if interfere:
            await r.set("n", "10")
        batch = Batch(is_atomic=True)
        batch.incr("n")
        return await r.exec(batch, raise_on_error=True)

    same("EXEC after a conflict", await attempt(True), None)
    same("EXEC", await attempt(False), [11])
    same("UNWATCH", await r.unwatch(), "OK")


async def scan(r):
    await r.mset({f"key:{i}": str(i) for i in range(1000)})
    seen, cursor = set(), b"0"
    while True:
        cursor, keys = await r.scan(cursor, match="key:*", count=50)
        seen.update(keys)
        if cursor == b"0":
            break
    same("SCAN", len(seen), 1000)


async def hashes(r):
    same("HSET", await r.hset("h", {"a": "1", "b": "x"}), 2)
    same("HGETALL", await r.hgetall("h"), {b"a": b"1", b"b": b"x"})
    same("HINCRBY", await r.hincrby("h", "a", 2), 3)
    same("HMGET", await r.hmget("h", ["b", "absent"]), [b"x", None])
    same("HSCAN", (await r.hscan("h", "0"))[0], b"0")
    same("HDEL", await r.hdel("h", ["a"]), 1)
    same("HRANDFIELD", await r.hrandfield_withvalues("h", 5), [[b"b", b"x"]])
    await afails("GET of a hash", "WRONGTYPE", r.get("h"))
    if EXTRAS:
        same("HEXPIRE", await r.custom_command(["HEXPIRE", "h", "3600", "FIELDS", "1", "b"]), [1])


def configuration(port, protocol=ProtocolVersion.RESP3, **how):
    return GlideClientConfiguration([NodeAddress(HOST, port)], protocol=protocol, **how)


async def auth():
    async def connect(**how):
        r = await GlideClient.create(configuration(AUTH_PORT, **how))
        try:
            return await r.ping()
        finally:
            await r.close()

    same("the password", await connect(credentials=ServerCredentials(PASSWORD)), b"PONG")
    same("user and password", await connect(credentials=ServerCredentials(PASSWORD, "default")), b"PONG")
    await afails("a wrong password", "WRONGPASS", connect(credentials=ServerCredentials("wrong")))
    await afails("no password", "uthentica", connect())


async def tls():
    with open(TLS_CA, "rb") as f:
        trust = TlsAdvancedConfiguration(root_pem_cacerts=f.read())
    r = await GlideClient.create(GlideClientConfiguration(
        [NodeAddress(TLS_HOST, TLS_PORT)], use_tls=True, advanced_config=AdvancedGlideClientConfiguration(tls_config=trust)))
    same("SET", await r.set("over tls", "v"), "OK")
    same("GET", await r.get("over tls"), b"v")
    await r.close()


async def reconnect(r):
    await r.set("k", "v")
    await asyncio.to_thread(restart)

    async def gone():
        return await r.exists(["k"]) == 0

    await aeventually("the new server", gone)
    same("SET", await r.set("k", "v"), "OK")


async def main():
    default = None

    async def connect():
        nonlocal default
        default = await GlideClient.create(configuration(PORT))
        same("PING", await default.ping(), b"PONG")

    await acheck("connect by default", connect)
    for protocol in (ProtocolVersion.RESP3, ProtocolVersion.RESP2):
        r = await GlideClient.create(configuration(PORT, protocol))
        for run in (strings, expiry, pipeline, transaction, watch, scan, hashes):
            await r.flushall()
            await acheck(f"{run.__name__}, {protocol.name}", run, r)
        await r.close()
    await acheck("AUTH", auth)
    await acheck("TLS", tls)
    await acheck("reconnect after a restart", reconnect, default)
    end()


asyncio.run(main())
