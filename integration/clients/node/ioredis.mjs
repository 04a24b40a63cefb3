// Checks ioredis, in the version named by the argument.

import { auth, ca, check, end, eventually, extras, fails, keys, password, plain, restart, same, secure } from './checks.mjs';

const version = process.argv[2];
const { Redis } = await import(version);

function connect(options = {}) {
  const c = new Redis({ ...plain, ...options });
  c.on('error', () => {}); // each request reports its own
  return c;
}

async function commands(c, suffix) {
  const run = (name, f) =>
    check(name + suffix, async () => {
      await c.flushall();
      await f();
    });
  await run('strings', async () => {
    same('SET', await c.set('k', 'a\0\r\nb', 'EX', 60), 'OK');
    same('GET', await c.get('k'), 'a\0\r\nb');
    same('GET absent', await c.get('absent'), null);
    same('GET as a buffer', await c.getBuffer('k'), Buffer.from('a\0\r\nb'));
    same('SET NX', await c.set('k', 'w', 'NX'), null);
    same('INCRBY', await c.incrby('n', 41), 41);
    same('INCRBYFLOAT', await c.incrbyfloat('n', 0.5), '41.5');
    same('MSET', await c.mset({ a: '1', b: '2' }), 'OK');
    same('MGET', await c.mget('a', 'b', 'absent'), ['1', '2', null]);
    same('GETEX', await c.getex('a', 'EX', 60), '1');
    same('GETDEL', await c.getdel('a'), '1');
  });
  await run('expiry', async () => {
    await c.set('k', 'v');
    same('EXPIRE', await c.expire('k', 3600), 1);
    same('EXPIRE NX', await c.expire('k', 60, 'NX'), 0);
    const left = await c.pttl('k');
    same('PTTL', left > 3_000_000 && left <= 3_600_000, true);
    same('PERSIST', await c.persist('k'), 1);
    same('PEXPIRE', await c.pexpire('k', 30), 1);
    await eventually('the end of k', async () => (await c.exists('k')) === 0);
  });
  await run('pipeline', async () => {
    const p = c.pipeline();
    keys('', 1000).forEach(() => p.incr('n'));
    same('1000 INCR', (await p.exec()).at(-1), [null, 1000]);
  });
  await run('automatic pipeline', async () => {
    const auto = c.duplicate({ enableAutoPipelining: true });
    same('20 INCR', (await Promise.all(keys('', 20).map(() => auto.incr('n')))).at(-1), 20);
    auto.disconnect();
  });
  await run('transaction', async () => {
    same('EXEC', await c.multi().set('k', '1').incr('k').get('k').exec(), [[null, 'OK'], [null, 2], [null, '2']]);
    const replies = await c.multi().hget('k', 'f').get('k').exec();
    same('a command that fails', String(replies[0][0]).includes('WRONGTYPE'), true);
    same('its other reply', replies[1], [null, '2']);
    await fails('EXEC after a refused command', 'EXECABORT', c.multi().call('SET', 'k').exec());
    await c.multi({ pipeline: false });
    same('MULTI without a pipeline', await c.incr('k'), 'QUEUED');
    same('EXEC without a pipeline', await c.exec(), [[null, 3]]);
  });
  await run('watch conflict', async () => {
    const other = c.duplicate();
    await c.watch('n');
    await other.set('n', '10');
    same('EXEC after a conflict', await c.multi().incr('n').exec(), null);
    await c.watch('n');
    same('EXEC', await c.multi().incr('n').exec(), [[null, 11]]);
    other.disconnect();
  });
  await run('scan', async () => {
    await c.mset(Object.fromEntries(keys('key:', 1000).map((k) => [k, 'v'])));
    const seen = new Set();
    for await (const some of c.scanStream({ match: 'key:*', count: 50, type: 'string' })) some.forEach((k) => seen.add(k));
    same('SCAN', seen.size, 1000);
  });
  await run('hashes', async () => {
    same('HSET', await c.hset('h', { a: '1', b: 'x' }), 2);
    same('HGETALL', { ...(await c.hgetall('h')) }, { a: '1', b: 'x' });
    same('HINCRBY', await c.hincrby('h', 'a', 2), 3);
    same('HMGET', await c.hmget('h', 'b', 'absent'), ['x', null]);
    const entries = [];
    for await (const some of c.hscanStream('h')) entries.push(...some);
    same('HSCAN', entries.sort(), ['3', 'a', 'b', 'x']);
    same('HDEL', await c.hdel('h', 'a'), 1);
    await fails('GET of a hash', 'WRONGTYPE', c.get('h'));
    if (extras) same('HEXPIRE', await c.call('HEXPIRE', 'h', 3600, 'FIELDS', 2, 'b', 'absent'), [1, -2]);
  });
}

const standard = connect();
await check('connect by default', async () => same('PING', await standard.ping(), 'PONG'));
await commands(standard, '');
if (version === 'ioredis') {
  for (const protocol of [2, 3]) {
    const c = connect({ protocol });
    await commands(c, `, RESP${protocol}`);
    c.disconnect();
  }
}
await check('AUTH', async () => {
  const ask = async (options) => {
    const c = connect({ ...options, ...auth, retryStrategy: null });
    try {
      return await c.ping();
    } finally {
      c.disconnect();
    }
  };
  same('the password', await ask({ password }), 'PONG');
  same('user and password', await ask({ username: 'default', password }), 'PONG');
  await fails('a wrong password', 'WRONGPASS', connectionError({ password: 'wrong' }));
  await fails('no password', 'NOAUTH', ask({}));
});

// connectionError is the first error of a connection that is not to be had.
function connectionError(options) {
  return new Promise((resolve, reject) => {
    const c = new Redis({ ...options, ...auth, retryStrategy: null });
    c.once('error', (problem) => {
      c.disconnect();
      reject(problem);
    });
    c.once('ready', () => resolve('ready'));
  });
}

await check('TLS', async () => {
  const c = connect({ ...secure, tls: { ca, servername: secure.host } });
  same('SET', await c.set('over tls', 'v'), 'OK');
  same('GET', await c.get('over tls'), 'v');
  c.disconnect();
});
await check('reconnect after a restart', async () => {
  await standard.set('k', 'v');
  await restart();
  await eventually('the new server', async () => (await standard.exists('k')) === 0);
  same('SET', await standard.set('k', 'v'), 'OK');
});
end();
