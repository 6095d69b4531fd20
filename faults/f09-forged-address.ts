/** F9: one client forges a thousand addresses. It must stay one client. */
import { mintInternal } from '../e2e/server/own-server';
import type { Fault, Finding } from './fault';
import { type Connected, connectCustomer, startWorld, type World } from './world/world';

const LIMIT = 30;
const AT_ONCE = 10;
/** A window of the limiter is a minute. A slower attempt would let more than the limit pass, rightly. */
const WINDOW_MS = 55_000;

export const addressForged: Fault = {
  title: 'A client forges address headers',
  run: async ({ quick, say }) => {
    say('starting PostgreSQL, Redis, GitHub and two replicas…');
    const world = await startWorld({ replicas: 2, env: { RECONCILE_INTERVAL_SECONDS: '0' } });
    try {
      const customer = await connectCustomer(world);
      const values = quick ? 100 : 1000;
      const direct = await forge(world, customer, { values, real: undefined });
      world.env.TRUSTED_PROXY_HOPS = '1';
      for (const index of [0, 1]) {
        await world.apps[index]?.stop();
        await world.restartApp(index);
      }
      return [direct, await forge(world, customer, { values, real: '198.51.100.7' })];
    } finally {
      await world.close();
    }
  },
};

/** Returns headers that pass for the `n`th client, as a proxy forwards them that appends the `real` address. */
function forged(n: number, real: string | undefined): Record<string, string> {
  const address = `203.0.${113 + Math.floor(n / 250)}.${1 + (n % 250)}`;
  const claimed = [address, `${address}, 127.0.0.1`, `::ffff:${address}`, `"${address}"`, 'unknown'][n % 5];
  return {
    'x-forwarded-for': real === undefined ? (claimed ?? '') : `${claimed}, ${real}`,
    'x-real-ip': address,
    'x-client-ip': address,
    'cf-connecting-ip': address,
    forwarded: `for=${address};proto=https`,
  };
}

async function forge(
  world: World,
  { apiKey }: Connected,
  { values, real }: { values: number; real: string | undefined },
): Promise<Finding> {
  const send = (n: number, key: string) =>
    mintInternal(world.apps[n % 2]?.url ?? '', key, { headers: forged(n, real) });
  // A valid key, so that the audit log says which client it was.
  const before = await clients(world);
  const released = (await send(0, apiKey)).status;
  const audited = (await clients(world)).slice(before.length);
  const started = performance.now();
  const statuses: number[] = [];
  for (let n = 1; n < values; n += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, values - n) }, (_, more) => n + more);
    statuses.push(
      ...(await Promise.all(some.map((each) => send(each, 'psk_demo_nonsense')))).map((a) => a.status),
    );
  }
  const tookMs = performance.now() - started;
  const count = (status: number) => statuses.filter((each) => each === status).length;
  const expected = real ?? '127.0.0.1';
  const other = real === undefined ? undefined : await otherClient(world);
  return {
    injected: `${values} requests of one client with forged X-Forwarded-For, X-Real-IP and Forwarded, over two replicas, ${real === undefined ? 'without a proxy' : 'behind a proxy that appends its address'}`,
    mustHold: 'one client is one client',
    observed: `${count(401) + 1} passed and ${count(429)} refused in ${Math.round(tookMs / 1000)} s (limit ${LIMIT} a minute); the audit log names ${audited.join() || 'nobody'}${other === undefined ? '' : `; another client got ${other}`}`,
    held:
      released === 201 &&
      tookMs < WINDOW_MS &&
      count(401) + 1 === LIMIT &&
      count(429) === values - LIMIT &&
      audited.join() === expected &&
      (other === undefined || other === 401),
  };
}

/** Sends a request of a client with another address, which must not be counted with the first. */
async function otherClient({ apps }: World): Promise<number> {
  const headers = { 'x-forwarded-for': '198.51.100.8' };
  return (await mintInternal(apps[0]?.url ?? '', 'psk_demo_nonsense', { headers })).status;
}

async function clients({ query }: World): Promise<string[]> {
  const rows = await query<{ ip: string }>(
    "SELECT host(client_ip) AS ip FROM audit_events WHERE type = 'github.token_minted' AND actor_type = 'api_key' ORDER BY seq",
  );
  return rows.map(({ ip }) => ip);
}
