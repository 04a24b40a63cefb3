// Checks Keyv on its Redis adapter.

import KeyvRedis, { createKeyv } from '@keyv/redis';

import { auth, ca, check, end, eventually, keys, password, plain, restart, same, secure } from './checks.mjs';

const url = (at) => `redis://${at.host}:${at.port}`;

const standard = createKeyv(url(plain), { namespace: 'app' });
standard.on('error', () => {}); // each request reports its own

await check('values', async () => {
  same('set', await standard.set('k', { any: ['object'] }), true);
  same('get', await standard.get('k'), { any: ['object'] });
  same('has', await standard.has('k'), true);
  same('delete', await standard.delete('k'), true);
  same('get of a deleted key', await standard.get('k'), undefined);
});
await check('many values', async () => {
  await standard.setMany(keys('k', 100).map((key) => ({ key, value: key, ttl: 60_000 })));
  same('getMany', await standard.getMany(['k1', 'k99', 'absent']), ['k1', 'k99', undefined]);
  same('deleteMany', await standard.deleteMany(['k1', 'k2']), true);
  same('hasMany', await standard.hasMany(['k1', 'k3']), [false, true]);
});
await check('expiry', async () => {
  await standard.set('short', 1, 30);
  await eventually('the end of the key', async () => (await standard.get('short')) === undefined);
});
await check('iterator', async () => {
  const seen = new Set();
  for await (const [key] of standard.iterator()) seen.add(key);
  same('keys', seen.size, 98);
});
await check('clear leaves other namespaces alone', async () => {
  const other = createKeyv(url(plain), { namespace: 'other' });
  await other.set('k', 1);
  await standard.clear();
  same('get', await standard.get('k3'), undefined);
  same('get of the other', await other.get('k'), 1);
  await other.disconnect();
});
await check('AUTH', async () => {
  const c = createKeyv({ url: url(auth), password });
  same('set', await c.set('k', 1), true);
  same('get', await c.get('k'), 1);
  await c.disconnect();
});
await check('TLS', async () => {
  const c = createKeyv({ socket: { ...secure, tls: true, ca } });
  same('set', await c.set('k', 1), true);
  same('get', await c.get('k'), 1);
  await c.disconnect();
});
await check('the adapter without a wrapper', async () => {
  const adapter = new KeyvRedis(url(plain));
  await adapter.set('k', 'v', 60_000);
  same('get', await adapter.get('k'), 'v');
  await adapter.disconnect();
});
await check('reconnect after a restart', async () => {
  await standard.set('k', 1);
  await restart();
  await eventually('the new server', async () => {
    await standard.set('again', 2);
    return (await standard.get('again')) === 2;
  });
  same('get of the old', await standard.get('k'), undefined);
});
end();
