import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { findRedisServer, type RedisServer, startRedisServer } from '../../local/services/redis-server';
import { type Store, startStore } from '../../local/services/store';
import { createLimiter, type LimitDecision } from './limiter';
import { connectRedis, connectUpstash, type RedisConnection } from './store';

const policies = {
  twenty: { limit: 20, windowSeconds: 60 },
  many: { limit: 1_000, windowSeconds: 60 },
  other: { limit: 20, windowSeconds: 60 },
};

/** A deadline for tests that only check counts, long enough that a busy machine doesn't look like a store outage. */
const PATIENT_MS = 20_000;

/**
 * Long enough that a busy machine doesn't look like a store outage, and short enough to show that the deadline works.
 */
const DEADLINE_MS = 3_000;

/**
 * Any wait shorter than this must have been ended by a deadline: without one, it would take 10 s or never end. All
 * deadlines are far shorter, so tests pass even on a busy machine.
 */
const NO_DEADLINE_MS = 9_000;

interface Backend {
  connect(deadlineMs?: number): RedisConnection;
  hang(): void;
  die(): Promise<void>;
  recover(): Promise<void>;
}

let key = '';
beforeEach(() => {
  key = `client-${Math.random()}`;
});

const allowedOf = (decisions: LimitDecision[]) => decisions.filter(({ allowed }) => allowed).length;
const times = <T>(count: number, work: () => Promise<T>) => Promise.all(Array.from({ length: count }, work));

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> {
  const start = performance.now();
  return { result: await work(), ms: performance.now() - start };
}

function guarantees(backend: () => Backend): void {
  const connections: RedisConnection[] = [];
  const connect = (deadlineMs?: number) => {
    const connection = backend().connect(deadlineMs);
    connections.push(connection);
    return connection;
  };
  afterAll(() => {
    for (const connection of connections) connection.close();
  });

  test('exactly as many of 200 concurrent calls over two replicas pass as the limit allows', async () => {
    const replicas = [connect(PATIENT_MS), connect(PATIENT_MS)].map((redis) =>
      // Stop the clock, because on a busy machine these requests may take longer than the window.
      createLimiter({ redis, policies, now: () => 1_800_000_050_000, deadlineMs: PATIENT_MS }),
    );
    let turn = 0;
    const decisions = await times(200, async () => {
      const replica = replicas[turn++ % 2];
      if (!replica) throw new Error('no replica');
      return replica.limit('twenty', key);
    });
    expect(allowedOf(decisions)).toBe(20);
    expect(decisions.filter(({ degraded }) => degraded)).toEqual([]);
  });

  test('request 21 within any 60 s is rejected, and passes 60 s after the first', async () => {
    let now = 1_800_000_050_000;
    const replicas = [connect(PATIENT_MS), connect(PATIENT_MS)].map((redis) =>
      createLimiter({ redis, policies, now: () => now, deadlineMs: PATIENT_MS }),
    );
    const ask = async () => {
      const replica = replicas[Math.floor(Math.random() * 2)];
      if (!replica) throw new Error('no replica');
      return replica.limit('twenty', key);
    };
    const first = await ask();
    expect(first).toMatchObject({ allowed: true, remaining: 19, resetMs: 60_000 });
    // The usual algorithm, a weighted fixed window, would get some of the following decisions wrong.
    now += 9_000;
    for (let i = 0; i < 19; i += 1) expect((await ask()).allowed).toBe(true);
    now += 50_999;
    expect(await ask()).toMatchObject({ allowed: false, remaining: 0, resetMs: 1, retryAfterSeconds: 1 });
    now += 1;
    expect(await ask()).toMatchObject({ allowed: true, remaining: 0 });
    expect(await ask()).toMatchObject({ allowed: false, resetMs: 9_000, retryAfterSeconds: 9 });
  });

  test('rejected requests do not prolong the wait', async () => {
    let now = 1_800_000_000_000;
    const limiter = createLimiter({
      redis: connect(PATIENT_MS),
      policies,
      now: () => now,
      deadlineMs: PATIENT_MS,
    });
    await times(20, () => limiter.limit('twenty', key));
    for (let second = 0; second < 59; second += 1) {
      now += 1_000;
      expect((await limiter.limit('twenty', key)).allowed).toBe(false);
    }
    now += 1_000;
    expect((await limiter.limit('twenty', key)).allowed).toBe(true);
  });

  test('a high limit is exact too, and clients and policies are counted separately', async () => {
    const limiter = createLimiter({ redis: connect(PATIENT_MS), policies, deadlineMs: PATIENT_MS });
    expect(allowedOf(await times(1_100, () => limiter.limit('many', key)))).toBe(1_000);
    expect((await limiter.limit('many', `${key}-other`)).remaining).toBe(999);
    expect((await limiter.limit('twenty', key)).remaining).toBe(19);
  });

  describe.each(['die', 'hang'] as const)('when the store %ss', (fault) => {
    test('the same limit holds in this process before, during and after, and nobody waits longer than the deadline', async () => {
      const changes: boolean[] = [];
      const limiter = createLimiter({
        redis: connect(DEADLINE_MS),
        policies,
        deadlineMs: DEADLINE_MS,
        onDegraded: ({ degraded }) => changes.push(degraded),
      });
      expect(allowedOf(await times(12, () => limiter.limit('twenty', key)))).toBe(12);
      await backend()[fault]();
      try {
        const during = await timed(() => times(30, () => limiter.limit('twenty', key)));
        expect(allowedOf(during.result)).toBe(8);
        expect(during.ms).toBeLessThan(NO_DEADLINE_MS);
        expect(changes).toEqual([true]);
        // The circuit is open, so none of these requests waits for the store. If each waited for the deadline, all
        // twenty would take longer than this.
        const next = await timed(async () => {
          for (let n = 0; n < 20; n++) {
            expect(await limiter.limit('twenty', `${key}-second`)).toMatchObject({
              allowed: true,
              degraded: true,
            });
          }
        });
        expect(next.ms).toBeLessThan(20 * DEADLINE_MS);
      } finally {
        await backend().recover();
      }
      await expect
        .poll(async () => (await limiter.limit('other', `${key}-${Math.random()}`)).degraded, {
          timeout: 60_000,
          interval: 200,
        })
        .toBe(false);
      expect(changes).toEqual([true, false]);
      expect(await limiter.limit('twenty', key)).toMatchObject({ allowed: false, degraded: false });
    });
  });
}

describe('with Upstash over REST', () => {
  let store: Store | undefined;
  const started = async (): Promise<Store> => {
    store ??= await startStore();
    return store;
  };
  beforeEach(async () => {
    await started();
  });
  afterAll(() => store?.close());
  const running = (): Store => {
    if (!store) throw new Error('not started');
    return store;
  };

  guarantees(() => ({
    connect: (deadlineMs) => connectUpstash(running(), deadlineMs),
    hang: () => running().knobs.hang(true),
    die: () => running().knobs.refuse(true),
    recover: () => running().knobs.reset(),
  }));

  test.each([
    ['slow', (on: Store) => on.knobs.delayMs(10_000)],
    ['answering 500', (on: Store) => on.knobs.failWith(500)],
    ['answering nonsense', (on: Store) => on.knobs.failWith(200)],
  ])('a store that is %s lifts no limit and blocks no client under it', async (_, misbehave) => {
    const limiter = createLimiter({ redis: connectUpstash(running()), policies });
    misbehave(running());
    const { result, ms } = await timed(() => times(25, () => limiter.limit('twenty', key)));
    await running().knobs.reset();
    expect(allowedOf(result)).toBe(20);
    expect(ms).toBeLessThan(NO_DEADLINE_MS);
  });

  test('a client over its limit causes no calls to the store', async () => {
    const limiter = createLimiter({ redis: connectUpstash(running()), policies });
    await times(20, () => limiter.limit('twenty', key));
    const before = running().requests();
    expect(allowedOf(await times(100, () => limiter.limit('twenty', key)))).toBe(0);
    expect(running().requests()).toBe(before);
  });

  test('the store holds no more than the limit needs', async () => {
    const limiter = createLimiter({ redis: connectUpstash(running()), policies });
    await times(300, () => limiter.limit('many', key));
    const [name, value] = Object.entries(await running().dump()).find(([name]) => name.endsWith(key)) ?? [];
    expect(name).toBe(`pulsestream:limit:many:${key}`);
    expect(String(value).split(' ').length).toBeLessThanOrEqual(200);
    // The entry begins with the store's own time in milliseconds. An interpreter with 32-bit integers would have
    // overflowed.
    expect(Math.abs(Number.parseInt(String(value), 10) - Date.now())).toBeLessThan(60_000);
  });
});

const noServer = findRedisServer() === undefined ? 'no redis-server or valkey-server on this machine' : '';
describe.skipIf(noServer)(`with a real Redis over TCP${noServer && ` (skipped: ${noServer})`}`, () => {
  let server: RedisServer | undefined;
  beforeEach(async () => {
    server ??= await startRedisServer();
  });
  afterAll(() => server?.close());
  const running = (): RedisServer => {
    if (!server) throw new Error('not started');
    return server;
  };
  let dead = false;

  guarantees(() => ({
    connect: (deadlineMs) => connectRedis(running().url, deadlineMs),
    hang: () => running().hang(),
    die: async () => {
      dead = true;
      await running().kill();
    },
    recover: async () => {
      running().resume();
      if (dead) await running().restart();
      dead = false;
    },
  }));
});

describe('the window of this process', () => {
  const dead = {
    evalsha: () => Promise.reject(new Error('dead')),
    eval: () => Promise.reject(new Error('dead')),
  };

  test.each([
    ['forward', 3_600_000],
    ['back', -3_600_000],
  ])('neither ends nor prolongs a window when the system clock is set %s', async (_, byMs) => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const limiter = createLimiter({ redis: dead, policies });
    await times(20, () => limiter.limit('twenty', 'a'));
    vi.setSystemTime(Date.now() + byMs);
    const decision = await limiter.limit('twenty', 'a');
    vi.useRealTimers();
    expect(decision.allowed).toBe(false);
    expect(decision.retryAfterSeconds).toBeLessThanOrEqual(60);
    expect(decision.resetMs).toBeGreaterThan(0);
  });
});
