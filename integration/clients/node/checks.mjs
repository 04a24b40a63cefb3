// The Node side of what the runner of the client matrix understands.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const env = process.env;
export const plain = { host: env.REDIS_HOST, port: Number(env.REDIS_PORT) };
export const auth = { host: env.REDIS_HOST, port: Number(env.AUTH_PORT) };
export const password = env.AUTH_PASSWORD;
export const secure = { host: env.TLS_HOST, port: Number(env.TLS_PORT) };
export const ca = readFileSync(env.TLS_CA);
// The server knows what Redis 7.0 does not.
export const extras = Boolean(env.EXTRAS);

const timeout = 30_000; // for one check

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export function same(request, got, want) {
  assert.deepEqual(got, want, `${request}: got ${print(got)}, want ${print(want)}`);
}

function print(v) {
  return v instanceof Error ? String(v) : JSON.stringify(v, (_, x) => (typeof x === 'bigint' ? String(x) : x));
}

// check runs one check and prints its result.
export async function check(name, run) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not finished after ${timeout} ms`)), timeout);
  });
  try {
    await Promise.race([run(), late]);
    console.log(`ok ${name}`);
  } catch (problem) {
    const why = [problem.message, ...(problem.errors ?? []).map(String), problem.cause && String(problem.cause)];
    const at = /\((?:file:\/\/)?[^)]*\/([^/)]+:\d+):\d+\)/.exec(problem.stack ?? '')?.[1];
    console.log(`not ok ${name}: ${why.filter(Boolean).join('; ').replaceAll('\n', '; ')} (${at})`);
  } finally {
    clearTimeout(timer);
  }
}

// fails wants a promise to be rejected with an error that contains text.
export async function fails(request, text, promise) {
  let got;
  try {
    got = await promise;
  } catch (problem) {
    assert.ok(String(problem).includes(text), `${request}: error ${problem}, want ${text}`);
    return;
  }
  assert.fail(`${request}: got ${print(got)}, want the error ${text}`);
}

// restart returns when the server has been replaced by a new one.
export async function restart() {
  console.log('restart');
  same('restart', (await answers.next()).value, 'restarted');
}

// eventually tries until run returns something true and throws nothing.
export async function eventually(what, run) {
  const giveUp = Date.now() + timeout;
  for (;;) {
    let problem;
    try {
      if (await run()) return;
    } catch (error) {
      problem = error;
    }
    if (Date.now() > giveUp) throw new Error(`${what}: does not come, the last attempt: ${problem}`);
    await sleep(20);
  }
}

// end says that all checks were run, and leaves, whatever is still connected.
export function end() {
  process.stdout.write('end\n', () => process.exit(0));
}

export const keys = (prefix, n) => Array.from({ length: n }, (_, i) => `${prefix}${i}`);
