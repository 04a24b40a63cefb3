// Checks connect-redis as the store of express-session, over HTTP.

import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { createClient } from 'redis';

import { auth, ca, check, end, eventually, password, plain, restart, same, secure } from './checks.mjs';

async function connect(options = {}) {
  const c = createClient({ ...options, socket: { ...plain, ...options.socket } });
  c.on('error', () => {}); // each request reports its own
  return c.connect();
}

// serve is an application that counts the visits of each session.
async function serve(client) {
  const store = new RedisStore({ client, prefix: 'session:', ttl: 3600 });
  const app = express();
  app.use(session({ store, secret: 'not one', resave: false, saveUninitialized: false }));
  app.get('/visit', (request, response) => {
    request.session.visits = (request.session.visits ?? 0) + 1;
    response.json(request.session.visits);
  });
  app.get('/leave', (request, response) => request.session.destroy((problem) => response.json(problem ?? 'left')));
  const server = await new Promise((resolve) => {
    const s = app.listen(0, '127.0.0.1', () => resolve(s));
  });
  let cookie;
  const get = async (path) => {
    const response = await fetch(`http://127.0.0.1:${server.address().port}${path}`, { headers: cookie ? { cookie } : {} });
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    return response.json();
  };
  return { store, get };
}

const called = (store, method, ...args) =>
  new Promise((resolve, reject) => store[method](...args, (problem, result) => (problem ? reject(problem) : resolve(result))));

let client, app;
await check('connect by default', async () => {
  client = await connect();
  app = await serve(client);
});
await check('a session over several requests', async () => {
  same('first visit', await app.get('/visit'), 1);
  same('second visit', await app.get('/visit'), 2);
  same('keys', (await client.keys('session:*')).length, 1);
  const left = await client.ttl((await client.keys('session:*'))[0]);
  same('its TTL', left > 3500 && left <= 3600, true);
});
await check('all, length, ids, touch, clear', async () => {
  const { store } = app;
  for (let i = 0; i < 200; i++) await called(store, 'set', `id${i}`, { cookie: {}, i });
  same('length', await called(store, 'length'), 201);
  same('ids', (await called(store, 'ids')).length, 201);
  same('all', (await called(store, 'all')).length, 201);
  await called(store, 'touch', 'id1', { cookie: {} });
  await called(store, 'clear');
  same('length after clear', await called(store, 'length'), 0);
});
await check('the end of a session', async () => {
  await app.get('/visit');
  same('leave', await app.get('/leave'), 'left');
  same('keys', (await client.keys('session:*')).length, 0);
});
await check('AUTH', async () => {
  const other = await serve(await connect({ password, socket: auth }));
  same('visit', await other.get('/visit'), 1);
});
await check('TLS', async () => {
  const other = await serve(await connect({ socket: { ...secure, tls: true, ca } }));
  same('visit', await other.get('/visit'), 1);
});
await check('reconnect after a restart', async () => {
  await app.get('/visit');
  await restart();
  await eventually('a new session', async () => (await app.get('/visit')) === 1);
  same('second visit', await app.get('/visit'), 2);
});
end();
