/** The cache of an issuer's keys, over real HTTP and with a clock that only the test moves. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { testEnvironment } from '../auth/test-fixtures';
import { parseConfig, replaceConfig } from '../config';
import { Issuer } from './issuer';
import { startTestIssuer, type TestIssuer } from './test-issuer';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

replaceConfig(parseConfig(testEnvironment('postgresql://localhost/none')));

let server: TestIssuer;
let now: number;
let issuer: Issuer;

beforeEach(async () => {
  server = await startTestIssuer('audience', { alg: 'ES256' });
  now = 0;
  issuer = new Issuer(server.url, () => now);
});
afterEach(() => server.stop());

const kid = () => server.state.keys[0]?.kid ?? '';

/** Returns whether the issuer's keys hold this one; `unreadable` without any keys. */
async function lookUp(id = kid()): Promise<boolean | 'unreadable'> {
  const answer = await issuer.keysFor(id);
  return 'keys' in answer ? answer.keys.has(id) : 'unreadable';
}

const reads = () => [server.state.discoveries, server.state.keyReads];

function breakServer(): void {
  server.state.intervene = (_, response) => {
    response.writeHead(500).end();
    return true;
  };
}

function mendServer(): void {
  server.state.intervene = () => false;
}

/** Leaves the next request without an answer until the returned function is called. */
function holdServer(): { held: Promise<unknown>; release: () => void } {
  let waiting: ServerResponse | undefined;
  const held = new Promise((resolve) => {
    server.state.intervene = (_, response) => {
      waiting = response;
      resolve(undefined);
      return true;
    };
  });
  return { held, release: () => waiting?.destroy() };
}

it('is read once for a hundred concurrent first tokens', async () => {
  const found = await Promise.all(Array.from({ length: 100 }, () => lookUp()));
  expect([new Set(found), reads()]).toEqual([new Set([true]), [1, 1]]);
});

it('is read at most once a minute, however many unknown key ids come concurrently', async () => {
  await lookUp();
  for (let second = 1; second <= 180; second++) {
    now = second * SECOND;
    await Promise.all(Array.from({ length: 20 }, (_, index) => lookUp(`unknown-${second}-${index}`)));
    expect(reads()).toEqual([1 + Math.floor(second / 60), 1 + Math.floor(second / 60)]);
  }
});

it('never delays a token with a known key while an unknown one has the keys read again', async () => {
  await lookUp();
  now = MINUTE;
  const { held, release } = holdServer();
  const unknown = lookUp('unknown');
  await held;
  expect(await lookUp()).toBe(true);
  release();
  expect(await unknown).toBe(false);
});

it('has a new key as soon as a token names it, and no longer has the withdrawn one', async () => {
  const old = kid();
  await lookUp();
  server.rotateKeys();
  now = MINUTE - 1;
  expect([await lookUp(), await lookUp(old)]).toEqual([false, true]);
  now = MINUTE;
  expect([await lookUp(), await lookUp(old)]).toEqual([true, false]);
});

it('forgets a withdrawn key after ten minutes, although no token names a new one', async () => {
  const old = kid();
  await lookUp();
  server.rotateKeys();
  now = 10 * MINUTE - 1;
  expect(await lookUp(old)).toBe(true);
  now = 10 * MINUTE;
  expect(await lookUp(old)).toBe(false);
});

it('keeps its keys for an hour while it cannot be read, and not longer', async () => {
  await lookUp();
  breakServer();
  for (let minute = 10; minute < 60; minute++) {
    now = minute * MINUTE;
    expect([minute, await lookUp()]).toEqual([minute, true]);
  }
  now = 60 * MINUTE;
  expect(await lookUp()).toBe('unreadable');
});

it('is asked at most once a minute while it cannot be read and its keys are known', async () => {
  await lookUp();
  breakServer();
  for (let second = 0; second < 180; second++) {
    now = 10 * MINUTE + second * SECOND;
    await Promise.all([lookUp(), lookUp(`unknown-${second}`)]);
  }
  expect(server.state.discoveries).toBe(1 + 3);
});

it('is asked every ten seconds while it cannot be read and no keys are known, and says how long to wait', async () => {
  breakServer();
  for (let second = 0; second < 30; second++) {
    now = second * SECOND;
    const answers = await Promise.all(Array.from({ length: 20 }, () => issuer.keysFor('any')));
    const wait = { retryAfterSeconds: 10 - (second % 10) };
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(new Set([JSON.stringify(wait)]));
  }
  expect(reads()).toEqual([3, 0]);
  mendServer();
  now = 30 * SECOND;
  expect(await lookUp()).toBe(true);
});

it('keeps its keys when it publishes a set that is refused', async () => {
  const old = kid();
  await lookUp();
  server.state.keySet = { keys: Array.from({ length: 1000 }, () => server.state.keys[0]?.published) };
  now = 10 * MINUTE;
  expect(await lookUp(old)).toBe(true);
});

it('waits for no answer of another issuer', async () => {
  const slow = await startTestIssuer('audience', { alg: 'ES256' });
  const asked = new Promise((resolve) => {
    slow.state.intervene = (request) => {
      resolve(once(request.socket, 'close'));
      return true;
    };
  });
  const hanging = new Issuer(slow.url).keysFor('any');
  const closed = await Promise.race([asked, hanging]);
  expect(await lookUp()).toBe(true);
  expect(await hanging).toEqual({ retryAfterSeconds: expect.any(Number) });
  await closed;
  await slow.stop();
});
