// Checks node-redis.

import { createClient, RESP_TYPES, WatchError } from 'redis';

import { auth, ca, check, end, eventually, extras, fails, keys, password, plain, restart, same, secure } from './checks.mjs';

async function connect(options = {}) {
  const c = createClient({ ...options, socket: { ...plain, ...options.socket } });
  c.on('error', () => {}); // each request reports its own
  await c.connect();
  return c;
}

const object = (o) => Object.fromEntries(Object.entries(o)); // without its prototype

async function commands(c, protocol) {
  const run = (name, f) =>
    check(`${name}, RESP${protocol}`, async () => {
      await c.flushAll();
      await f();
    });
  await run('strings', async () => {
    same('SET', await c.set('k', 'a\0\r\nb', { expiration: { type: 'EX', value: 60 } }), 'OK');
    same('GET', await c.get('k'), 'a\0\r\nb');
    same('GET absent', await c.get('absent'), null);
    same('GET as a buffer', await c.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }).get('k'), Buffer.from('a\0\r\nb'));
    same('SET NX', await c.set('k', 'w', { condition: 'NX' }), null);
    same('INCRBY', await c.incrBy('n', 41), 41);
    same('INCRBYFLOAT', await c.incrByFloat('n', 0.5), '41.5');
    same('MSET', await c.mSet({ a: '1', b: '2' }), 'OK');
    same('MGET', await c.mGet(['a', 'b', 'absent']), ['1', '2', null]);
    same('GETEX', await c.getEx('a', { type: 'EX', value: 60 }), '1');
    same('GETDEL', await c.getDel('a'), '1');
    same('BITCOUNT', await c.bitCount('b'), 3);
  });
  await run('expiry', async () => {
    await c.set('k', 'v');
    same('TTL', await c.ttl('k'), -1);
    same('EXPIRE', Number(await c.expire('k', 3600)), 1);
    same('EXPIRE NX', Number(await c.expire('k', 60, 'NX')), 0);
    const left = await c.pTTL('k');
    same('PTTL', left > 3_000_000 && left <= 3_600_000, true);
    same('PERSIST', Number(await c.persist('k')), 1);
    same('PEXPIRE', Number(await c.pExpire('k', 30)), 1);
    await eventually('the end of k', async () => (await c.exists('k')) === 0);
  });
  await run('pipeline', async () => {
    const replies = await Promise.all(keys('', 1000).map(() => c.incr('n')));
    same('1000 INCR', replies.at(-1), 1000);
    same('execAsPipeline', await c.multi().incr('n').get('n').execAsPipeline(), [1001, '1001']);
  });
  await run('transaction', async () => {
    same('EXEC', await c.multi().set('k', '1').incr('k').get('k').exec(), ['OK', 2, '2']);
    await fails('EXEC with a command that fails', '1 commands failed', c.multi().hGet('k', 'f').get('k').exec());
    await fails('EXEC after a refused command', 'wrong number of arguments', c.multi().addCommand(['SET', 'k']).exec());
  });
  await run('watch conflict', async () => {
    const other = c.duplicate();
    other.on('error', () => {});
    await other.connect();
    await c.watch('n');
    await other.set('n', '10');
    try {
      throw new Error(`EXEC after a conflict: ${await c.multi().incr('n').exec()}`);
    } catch (problem) {
      if (!(problem instanceof WatchError)) throw problem;
    }
    await c.watch('n');
    same('EXEC', await c.multi().incr('n').exec(), [11]);
    await other.close();
  });
  await run('scan', async () => {
    await c.mSet(Object.fromEntries(keys('key:', 1000).map((k) => [k, 'v'])));
    await c.hSet('key:hash', 'f', 'v');
    const seen = new Set();
    for await (const some of c.scanIterator({ MATCH: 'key:*', COUNT: 50, TYPE: 'string' })) some.forEach((k) => seen.add(k));
    same('SCAN', seen.size, 1000);
  });
  await run('hashes', async () => {
    same('HSET', await c.hSet('h', { a: '1', b: 'x' }), 2);
    same('HGETALL', object(await c.hGetAll('h')), { a: '1', b: 'x' });
    same('HINCRBY', await c.hIncrBy('h', 'a', 2), 3);
    same('HMGET', await c.hmGet('h', ['b', 'absent']), ['x', null]);
    const entries = [];
    for await (const some of c.hScanIterator('h')) entries.push(...some.map((e) => `${e.field}=${e.value}`));
    same('HSCAN', entries.sort(), ['a=3', 'b=x']);
    same('HDEL', await c.hDel('h', 'a'), 1);
    same('HRANDFIELD', (await c.hRandFieldCountWithValues('h', 5)).map(object), [{ field: 'b', value: 'x' }]);
    await fails('GET of a hash', 'WRONGTYPE', c.get('h'));
    if (extras) {
      same('HEXPIRE', await c.hExpire('h', ['b', 'absent'], 3600), [1, -2]);
      same('HTTL', await c.hTTL('h', 'b'), [3600]);
      same('HPERSIST', await c.hPersist('h', 'b'), [1]);
    }
  });
}

let standard;
await check('connect by default', async () => {
  standard = await connect();
  same('PING', await standard.ping(), 'PONG');
});
for (const RESP of [2, 3]) {
  await check(`connect with RESP${RESP}`, async () => {
    const c = await connect({ RESP });
    await commands(c, RESP);
    c.destroy();
  });
  await check(`AUTH, RESP${RESP}`, async () => {
    const ask = async (options) => {
      const c = await connect({ ...options, RESP, socket: { ...auth, reconnectStrategy: false } });
      const reply = await c.ping();
      c.destroy();
      return reply;
    };
    same('the password', await ask({ password }), 'PONG');
    same('user and password', await ask({ username: 'default', password }), 'PONG');
    await fails('a wrong password', 'WRONGPASS', ask({ password: 'wrong' }));
    await fails('no password', 'NOAUTH', ask({}));
  });
}
await check('TLS', async () => {
  const c = await connect({ socket: { ...secure, tls: true, ca } });
  same('SET', await c.set('over tls', 'v'), 'OK');
  same('GET', await c.get('over tls'), 'v');
  c.destroy();
});
await check('client-side caching', async () => {
  const c = await connect({ RESP: 3, clientSideCache: { ttl: 0, maxEntries: 0, evictPolicy: 'LRU' } });
  await standard.set('cached', '1');
  same('GET', await c.get('cached'), '1');
  same('GET again', await c.get('cached'), '1');
  await standard.set('cached', '2');
  await eventually('the new value', async () => (await c.get('cached')) === '2');
  await standard.pExpire('cached', 30);
  await eventually('the end of the key', async () => (await c.get('cached')) === null);
  c.destroy();
});
await check('reconnect after a restart', async () => {
  await standard.set('k', 'v');
  await restart();
  await eventually('the new server', async () => (await standard.exists('k')) === 0);
  same('SET', await standard.set('k', 'v'), 'OK');
});
end();
