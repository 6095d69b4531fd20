import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import { GitHubError, type GitHubFailure } from '../error';
import { Traffic } from './traffic';

let now = 0;
let traffic: Traffic;

beforeEach(() => {
  now = 0;
  traffic = new Traffic('api', () => now);
});

const call = (bucket?: string, queueMs = 60_000, isMint = true) => ({
  route: 'GET /x',
  bucket,
  queueMs,
  isMint,
});
const failing = (kind: GitHubFailure, seconds?: number) => () =>
  Promise.reject(new GitHubError(kind, 'GET /x', 500, seconds, undefined));

/** Runs `count` calls at once. @returns the most that were inside at the same time */
async function most(count: number, bucketOf: (n: number) => string | undefined): Promise<number> {
  let inside = 0;
  let seen = 0;
  const work = async () => {
    seen = Math.max(seen, ++inside);
    await sleep(2);
    inside--;
  };
  await Promise.all(Array.from({ length: count }, (_, n) => traffic.run(call(bucketOf(n)), work)));
  return seen;
}

it('asks GitHub fewer than 50 things at once, and fewer than 25 for one installation', async () => {
  expect(await most(200, () => undefined)).toBe(45);
  expect(await most(200, () => 'app:1')).toBe(24);
  expect(await most(200, (n) => `app:${n % 10}`)).toBe(45);
});

it('keeps places for mints: nothing else takes them, however much there is of it', async () => {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let inside = 0;
  const others = Array.from({ length: 200 }, () =>
    traffic.run(call(undefined, 60_000, false), () => {
      inside++;
      return ended;
    }),
  );
  await expect(traffic.run(call(undefined, 5, false), async () => 'asked')).rejects.toMatchObject({
    kind: 'unavailable',
  });
  expect(inside).toBe(33);
  expect(await most(50, () => undefined)).toBe(12);
  end();
  await Promise.all(others);
  expect(inside).toBe(200);
});

it('lets nobody wait for a place for longer than told, and says when to come again', async () => {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const busy = Array.from({ length: 24 }, () => traffic.run(call('app:1'), () => ended));
  await expect(traffic.run(call('app:1', 5), async () => 'asked')).rejects.toMatchObject({
    kind: 'unavailable',
    retryAfterSeconds: 1,
  });
  expect(await traffic.run(call('app:2', 5), async () => 'asked')).toBe('asked');
  end();
  await Promise.all(busy);
  expect(await traffic.run(call('app:1', 5), async () => 'asked')).toBe('asked');
});

it('fails at once after five failures in a row, and asks again five seconds later', async () => {
  for (let n = 0; n < 5; n++) await traffic.run(call(), failing('unavailable')).catch(() => {});
  let asked = 0;
  const ask = () => traffic.run(call(), async () => ++asked);
  await expect(ask()).rejects.toMatchObject({ kind: 'unavailable', retryAfterSeconds: 5 });
  expect(asked).toBe(0);
  now = 5000;
  expect(await ask()).toBe(1);
});

it('takes a refusal for a sign that GitHub is there', async () => {
  for (const kind of ['not_found', 'unauthorized', 'rate_limited', 'unexpected'] as const)
    for (let n = 0; n < 10; n++) await traffic.run(call(), failing(kind)).catch(() => {});
  expect(await traffic.run(call(), async () => 'asked')).toBe('asked');
});

it('leaves an installation that GitHub told to wait alone until then, and the others not', async () => {
  await traffic.run(call('app:1'), failing('rate_limited', 17)).catch(() => {});
  now = 10_000;
  await expect(traffic.run(call('app:1'), async () => 'asked')).rejects.toMatchObject({
    kind: 'rate_limited',
    retryAfterSeconds: 7,
  });
  expect(await traffic.run(call('app:2'), async () => 'asked')).toBe('asked');
  now = 17_000;
  expect(await traffic.run(call('app:1'), async () => 'asked')).toBe('asked');
});

it('believes no wait of more than an hour', async () => {
  await traffic.run(call('app:1'), failing('rate_limited', 1e9)).catch(() => {});
  now = 3_600_000;
  expect(await traffic.run(call('app:1'), async () => 'asked')).toBe('asked');
});
