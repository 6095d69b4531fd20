/** F2: Redis refuses, hangs, is slow or dies. The limit must stay exact in this process, and nobody may wait for it. */
import { median } from '../bench/report';
import { mintInternal } from '../e2e/server/own-server';
import type { Fault, Finding } from './fault';
import type { CounterStore } from './world/store';
import { until } from './world/until';
import { startWorld, type World } from './world/world';

const LIMIT = 30;
const BEFORE = 12;
const MOST_ADDED_MS = 250;
const STRIKES = 3;

type Broken = { name: string; strike(): unknown; end(): unknown };

/** Returns the ways to break this store from outside. */
function waysToBreak({ proxy, freeze, thaw, kill, restart }: CounterStore): Broken[] {
  const set = (mode: 'refuse' | 'hang' | 'delay' | 'pass') => () => proxy?.set(mode);
  return [
    { name: 'refuses connections', strike: set('refuse'), end: set('pass') },
    { name: 'hangs', strike: set('hang'), end: set('pass') },
    { name: 'answers 600 ms late', strike: set('delay'), end: set('pass') },
    ...(freeze && thaw ? [{ name: 'is stopped (SIGSTOP)', strike: freeze, end: thaw }] : []),
    ...(kill && restart ? [{ name: 'is killed (kill -9)', strike: kill, end: restart }] : []),
  ];
}

export const redisBroken: Fault = {
  title: 'Redis refuses, hangs, is slow or dies',
  run: async ({ quick, say }) => {
    const findings: Finding[] = [];
    for (const store of quick ? (['Upstash'] as const) : (['Redis', 'Upstash'] as const)) {
      say(`starting the app with ${store}…`);
      const world = await startWorld({
        store,
        storeThroughProxy: true,
        env: { TRUSTED_PROXY_HOPS: '1', RATE_LIMIT_INTERNAL_PER_MINUTE: String(LIMIT) },
      }).catch((error: unknown) => {
        if (store === 'Redis') say(`skipped: ${error instanceof Error ? error.message : error}`);
        else throw error;
      });
      if (world === undefined) continue;
      try {
        for (const broken of waysToBreak(world.store)) findings.push(await breakStore(world, broken, quick));
      } finally {
        await world.close();
      }
    }
    return findings;
  },
};

let clients = 0;
const newClient = () => `198.51.${100 + Math.floor(clients / 250)}.${1 + (clients++ % 250)}`;

/** Sends an unauthenticated request: 401 if it's within the limit, 429 if it isn't. */
async function ask({ app }: World, ip: string): Promise<{ status: number; ms: number }> {
  const started = performance.now();
  const { status } = await mintInternal(app.url, 'psk_demo_nonsense', { headers: { 'x-forwarded-for': ip } });
  return { status, ms: performance.now() - started };
}

/** Sends requests one after another and counts them by status. */
async function askOften(world: World, ip: string, times: number) {
  const answers: Awaited<ReturnType<typeof ask>>[] = [];
  for (let n = 0; n < times; n++) answers.push(await ask(world, ip));
  const count = (status: number) => answers.filter((answer) => answer.status === status).length;
  return { passed: count(401), refused: count(429), others: times - count(401) - count(429), answers };
}

/** Reads the metric. Sends a request first, because the process probes the store only when it handles one. */
async function isDegraded(world: World): Promise<boolean> {
  await ask(world, newClient());
  const response = await fetch(`${world.app.url}/api/metrics`, {
    headers: { authorization: `Bearer ${world.env.METRICS_TOKEN}`, 'x-forwarded-for': newClient() },
  });
  if (!response.ok) throw new Error(`the metrics answered ${response.status}`);
  return /^pulsestream_rate_limit_degraded 1$/m.test(await response.text());
}

async function breakStore(world: World, { name, strike, end }: Broken, quick: boolean): Promise<Finding> {
  const recovered = () => until('the return to the store', async () => !(await isDegraded(world)));
  const [busy, other] = [newClient(), newClient()];
  const first: number[] = [];
  const beside: number[] = [];
  let counted = { passed: 0, refused: 0, others: 0 };
  let unaffected = counted;
  let wasDegraded = true;
  for (let round = 0; round < (quick ? 2 : STRIKES); round++) {
    await recovered();
    beside.push(...(await askOften(world, newClient(), 10)).answers.map(({ ms }) => ms));
    if (round === 0) await askOften(world, busy, BEFORE);
    await strike();
    // Only the first requests can meet a store that the process still trusts.
    first.push(...(await askOften(world, newClient(), 1)).answers.map(({ ms }) => ms));
    if (round === 0) {
      counted = await askOften(world, busy, LIMIT);
      unaffected = await askOften(world, other, LIMIT + 1);
    }
    wasDegraded &&= await isDegraded(world);
    await end();
  }
  await recovered();
  const addedMs = median(first) - median(beside);
  return {
    injected: `${world.store.name} ${name}`,
    mustHold: `none under the limit of ${LIMIT} refused, none over it let through, at most ${MOST_ADDED_MS} ms added`,
    observed: `after ${BEFORE} requests: ${counted.passed} passed, ${counted.refused} refused of ${LIMIT}; another client: ${unaffected.passed} passed, ${unaffected.refused} refused of ${LIMIT + 1}; the first request of an outage waited ${Math.round(addedMs)} ms longer (median of ${first.length})`,
    held:
      counted.passed === LIMIT - BEFORE &&
      counted.refused === BEFORE &&
      unaffected.passed === LIMIT &&
      unaffected.refused === 1 &&
      wasDegraded &&
      addedMs <= MOST_ADDED_MS,
  };
}
