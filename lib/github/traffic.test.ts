import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import type { RouteClass } from './circuits';
import { GitHubError, type GitHubFailure } from './errors';
import { Traffic } from './traffic';

let now = 0;
let traffic: Traffic;

beforeEach(() => {
  now = 0;
  traffic = new Traffic('api', () => now);
});

const call = (bucket?: string, queueMs = 60_000, routeClass: RouteClass = 'mint', tenant?: string) => ({
  route: 'GET /x',
  routeClass,
  bucket,
  tenant,
  queueMs,
});
const failing = (kind: GitHubFailure, seconds?: number) => () =>
  Promise.reject(new GitHubError(kind, 'GET /x', 500, seconds, undefined));

/**
 * Starts `count` concurrent calls.
 *
 * @returns the greatest number in flight
 */
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

it('makes fewer than 50 concurrent calls, and fewer than 25 for one installation', async () => {
  expect(await most(200, () => undefined)).toBe(45);
  expect(await most(200, () => 'app:1')).toBe(24);
  expect(await most(200, (n) => `app:${n % 10}`)).toBe(45);
});

it('keeps slots for mints, however many other calls there are', async () => {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let inside = 0;
  const others = Array.from({ length: 200 }, () =>
    traffic.run(call(undefined, 60_000, 'sync'), () => {
      inside++;
      return ended;
    }),
  );
  await expect(traffic.run(call(undefined, 5, 'sync'), async () => 'asked')).rejects.toMatchObject({
    kind: 'unavailable',
  });
  expect(inside).toBe(33);
  expect(await most(50, () => undefined)).toBe(12);
  end();
  await Promise.all(others);
  expect(inside).toBe(200);
});

it('stops waiting for a slot in time, and tells the caller when to retry', async () => {
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

it('rejects calls immediately after five failures in a row, and tries again five seconds later', async () => {
  for (let n = 0; n < 5; n++) await traffic.run(call(), failing('unavailable')).catch(() => {});
  let asked = 0;
  const ask = () => traffic.run(call(), async () => ++asked);
  await expect(ask()).rejects.toMatchObject({ kind: 'unavailable', retryAfterSeconds: 5 });
  expect(asked).toBe(0);
  now = 5000;
  expect(await ask()).toBe(1);
});

it('counts a rejection as a sign that GitHub is up', async () => {
  for (const kind of ['not_found', 'unauthorized', 'rate_limited', 'unexpected'] as const)
    for (let n = 0; n < 10; n++) await traffic.run(call(), failing(kind)).catch(() => {});
  expect(await traffic.run(call(), async () => 'asked')).toBe('asked');
});

it('pauses only the installation for which GitHub requested a wait, until the wait ends', async () => {
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

it('waits at most an hour, even if GitHub requests more', async () => {
  await traffic.run(call('app:1'), failing('rate_limited', 1e9)).catch(() => {});
  now = 3_600_000;
  expect(await traffic.run(call('app:1'), async () => 'asked')).toBe('asked');
});

const fail = (bucket: string | undefined, times: number, routeClass: RouteClass = 'mint') =>
  Promise.all(
    Array.from({ length: times }, () =>
      traffic.run(call(bucket, 60_000, routeClass), failing('unavailable')).catch(() => {}),
    ),
  );
const answers = (bucket: string | undefined, routeClass: RouteClass = 'mint') =>
  traffic
    .run(call(bucket, 60_000, routeClass), async () => 'asked')
    .catch((error: GitHubError) => error.retryAfterSeconds);

it('pauses only the installation whose calls fail', async () => {
  await fail('app:1', 20);
  expect(await answers('app:1')).toBe(5);
  expect(await answers('app:2')).toBe('asked');
  now = 5000;
  expect(await answers('app:1')).toBe('asked');
});

it('never lets failures of one class of calls stop another class', async () => {
  const classes: RouteClass[] = ['mint', 'sync', 'connect', 'verify', 'app'];
  for (const failed of classes) {
    traffic = new Traffic('api', () => now);
    for (const bucket of ['app:1', 'app:2', 'app:3', undefined]) await fail(bucket, 10, failed);
    for (const other of classes.filter((each) => each !== failed))
      expect([failed, other, await answers('app:1', other)]).toEqual([failed, other, 'asked']);
  }
});

it('pauses a class after several installations failed, until one call succeeds', async () => {
  for (const bucket of ['app:1', 'app:2', 'app:3']) await fail(bucket, 2);
  expect(await answers('app:4')).toBe(1);
  now = 1000;
  // A bucket that failed a moment ago must not make the trial call.
  expect(await answers('app:1')).toBe(4);
  expect(await answers('app:4')).toBe('asked');
  expect(await answers('app:1')).toBe('asked');
});

it('counts one success between failures as a sign that GitHub is up', async () => {
  for (let n = 0; n < 30; n++) {
    await fail(`app:${n % 5}`, 1);
    expect(await answers('app:9')).toBe('asked');
  }
});

it('starts counting the failures of a class again after a success', async () => {
  for (const bucket of ['app:1', 'app:2']) await fail(bucket, 2);
  expect(await answers('app:9')).toBe('asked');
  for (const bucket of ['app:3', 'app:4', 'app:5']) await fail(bucket, 1);
  expect(await answers('app:9')).toBe('asked');
});

it('never pauses a class because of one tenant, however many of its installations fail', async () => {
  for (let n = 0; n < 30; n++)
    await traffic.run(call(`app:${n}`, 60_000, 'mint', 'acme'), failing('unavailable')).catch(() => {});
  expect(await answers('app:99')).toBe('asked');
});

it('lets one call at a time through while a class is paused', async () => {
  for (const bucket of ['app:1', 'app:2', 'app:3']) await fail(bucket, 2);
  now = 1000;
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const trying = traffic.run(call('app:4'), () => ended);
  expect(await answers('app:5')).toBe(1);
  end();
  await trying;
  expect(await answers('app:5')).toBe('asked');
});

it('honours a wait that GitHub requests with any rejection, and reports its cause', async () => {
  const wait = new GitHubError('unavailable', 'GET /x', 503, 120, undefined, 'github_maintenance', {
    askedToWait: true,
  });
  await traffic.run(call('app:1'), () => Promise.reject(wait)).catch(() => {});
  await expect(traffic.run(call('app:1'), async () => 'asked')).rejects.toMatchObject({
    reason: 'github_maintenance',
    retryAfterSeconds: 120,
  });
  expect(await answers('app:2')).toBe('asked');
});

it('keeps slots for other tenants’ mints while one tenant fills its share with many installations', async () => {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let inside = 0;
  const slow = Array.from({ length: 300 }, (_, n) =>
    traffic.run(call(`app:${n % 10}`, 60_000, 'mint', 'workspace-1'), () => {
      inside++;
      return ended;
    }),
  );
  const syncs = Array.from({ length: 100 }, (_, n) =>
    traffic.run(call(`installation:${n}`, 60_000, 'sync', 'workspace-1'), () => ended),
  );
  const flows = Array.from({ length: 100 }, (_, n) =>
    traffic.run(call(`user:${n}`, 60_000, 'connect'), () => ended),
  );
  await expect.poll(() => inside).toBeGreaterThanOrEqual(7);
  for (let n = 0; n < 5; n++)
    expect(await traffic.run(call('app:99', 5, 'mint', 'workspace-2'), async () => 'asked')).toBe('asked');
  end();
  await Promise.all([...slow, ...syncs, ...flows]);
});

it('keeps slots for a tenant while three slow installations of other tenants fill their shares', async () => {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const slow = Array.from({ length: 150 }, (_, n) => traffic.run(call(`app:${n % 3}`), () => ended));
  await Promise.all(
    Array.from({ length: 3 }, async () =>
      expect(await traffic.run(call('app:99', 5), async () => 'asked')).toBe('asked'),
    ),
  );
  end();
  await Promise.all(slow);
});

it('leaves slots for syncs while users’ flows fill their share', async () => {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const flows = Array.from({ length: 100 }, (_, n) =>
    traffic.run(call(`user:${n}`, 60_000, 'connect'), () => ended),
  );
  expect(await traffic.run(call('app:1', 5, 'sync'), async () => 'asked')).toBe('asked');
  end();
  await Promise.all(flows);
});
