import { Ratelimit } from '@upstash/ratelimit';
import { Redis } from '@upstash/redis';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Store, startStore } from './';

let store: Store;
let redis: Redis;

beforeAll(async () => {
  store = await startStore();
  redis = new Redis({ url: store.url, token: store.token, retry: false });
});
beforeEach(async () => {
  await store.knobs.reset();
  await redis.flushall();
});
afterAll(() => store.close());

test('the unmodified client reads back what it wrote, whatever the bytes', async () => {
  await redis.set('key', 'Grüße, "quoted" 🙂', { px: 60_000 });
  expect(await redis.get('key')).toBe('Grüße, "quoted" 🙂');
  expect(await redis.get('absent')).toBeNull();
  expect(await redis.hset('hash', { a: 1, b: 'x' })).toBe(2);
  expect(await redis.hgetall('hash')).toEqual({ a: 1, b: 'x' });
  expect(await store.dump()).toEqual({ key: 'Grüße, "quoted" 🙂', hash: { a: '1', b: 'x' } });
});

test('a key disappears when it expires', async () => {
  await redis.set('key', 'v', { px: 30 });
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(await redis.get('key')).toBeNull();
});

test('a pipeline or transaction returns one result for each command', async () => {
  expect(await redis.pipeline().set('n', 1).incr('n').get('n').exec()).toEqual(['OK', 2, 2]);
  expect(await redis.multi().incr('n').incr('n').exec()).toEqual([3, 4]);
  await expect(
    redis.pipeline().set('s', 'x').eval("return redis.call('NOSUCH')", [], []).exec(),
  ).rejects.toThrow('Command 2');
});

test('EVALSHA returns NOSCRIPT for an unknown script, and runs the script after an EVAL', async () => {
  const script = "return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}";
  const sha1 = await redis.scriptLoad('return 1');
  expect(await redis.evalsha(sha1, [], [])).toBe(1);
  await expect(redis.evalsha('0'.repeat(40), ['k'], ['a'])).rejects.toThrow('NOSCRIPT');
  expect(await redis.eval(script, ['k'], ['a'])).toEqual(['k', 'a', 1]);
});

test('a wrong token and an unknown command are refused', async () => {
  const stranger = new Redis({ url: store.url, token: 'guess', retry: false });
  await expect(stranger.get('key')).rejects.toThrow('WRONGPASS');
  await expect(redis.eval("return redis.call('NOSUCH')", [], [])).rejects.toThrow('ERR');
  const response = await fetch(`${store.url}/disconnect`, {
    headers: { authorization: `Bearer ${store.token}` },
  });
  expect(response.status).toBe(400);
});

test('a command may be given in the path', async () => {
  const headers = { authorization: `Bearer ${store.token}` };
  await fetch(`${store.url}/set/a%2Fb`, { method: 'POST', headers, body: 'value' });
  const response = await fetch(`${store.url}/get/a%2Fb`, { headers });
  expect(await response.json()).toEqual({ result: 'value' });
});

test('Upstash’s own limiters run with their Lua scripts, and count 50 concurrent calls once each', async () => {
  for (const limiter of [Ratelimit.slidingWindow(10, '60 s'), Ratelimit.fixedWindow(10, '60 s')]) {
    const ratelimit = new Ratelimit({ redis, limiter, ephemeralCache: false, prefix: String(Math.random()) });
    const answers = await Promise.all(Array.from({ length: 50 }, () => ratelimit.limit('client')));
    expect(answers.filter(({ success }) => success)).toHaveLength(10);
  }
});

test('each knob causes the fault that it names', async () => {
  store.knobs.failWith(500);
  await expect(redis.get('k')).rejects.toThrow('told to fail');
  store.knobs.failWith(undefined);
  await store.knobs.refuse(true);
  await expect(redis.get('k')).rejects.toThrow('fetch failed');
  await store.knobs.refuse(false);
  expect(await redis.get('k')).toBeNull();
  store.knobs.hang(true);
  const hanging = redis.get('k').then(
    () => 'answered',
    () => 'cut',
  );
  const first = await Promise.race([
    hanging,
    new Promise((resolve) => setTimeout(() => resolve('nothing'), 100)),
  ]);
  expect(first).toBe('nothing');
  store.knobs.hang(false);
  expect(['cut', 'answered']).toContain(await hanging);
});
