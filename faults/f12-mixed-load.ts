/** F12: runs everything concurrently for minutes, at a steady pace, and watches memory and connections. */
import { setTimeout as sleep } from 'node:timers/promises';
import { runAsSuperuser } from '../local/services/postgres/databases';
import type { Fault, Finding } from './fault';
import { mixedWork } from './mixed-work';
import { heapMiB, LIMITED_HEAP, openSockets, rssMiB } from './world/process-use';
import { described, leaksIn, type Samples } from './world/steadiness';
import { connectCustomer, startWorld, type World } from './world/world';

const SAMPLES = 120;
/** Tables that grow with use: each row is an audit record, or is kept for some days. */
const GROWING = ['audit_events', 'minted_repositories', 'webhook_deliveries', 'api_keys'];

export const mixedLoad: Fault = {
  title: 'Mixed load for minutes',
  run: async ({ quick, minutes, say }) => {
    const seconds = quick ? 20 : minutes * 60;
    say(`starting PostgreSQL, Redis, GitHub and the app; ${Math.round(seconds / 60)} min of mixed load…`);
    const world = await startWorld({
      env: {
        RATE_LIMIT_USER_PER_MINUTE: '100000',
        RATE_LIMIT_INTERNAL_PER_MINUTE: '100000',
        RECONCILE_INTERVAL_SECONDS: '10',
        ...LIMITED_HEAP,
      },
    });
    try {
      const customers = [
        await connectCustomer(world),
        await connectCustomer(world, {
          login: 'eve',
          account: 'globex',
          repositories: ['reactor', 'website'],
        }),
      ];
      const work = await mixedWork(world, customers);
      const samples: Samples = { rss: [], heap: [], sockets: [], backends: [], redisBytes: [], rows: [] };
      const everyMs = (seconds * 1000) / SAMPLES;
      for (let n = 1; n <= SAMPLES; n++) {
        await sleep(everyMs);
        await sample(world, samples);
        if (n % (SAMPLES / 6) === 0)
          say(
            `${Math.round((n * everyMs) / 1000)} s: ${work.done()} requests, ${samples.rss.at(-1)?.toFixed(0)} MiB`,
          );
      }
      const { counts, errors } = await work.stop();
      return [steadiness(samples, seconds, quick), errorsOf(counts, errors, seconds)];
    } finally {
      await world.close();
    }
  },
};

async function sample({ app, env, postgres, store, query }: World, samples: Samples): Promise<void> {
  const [rss, heap, sockets, redisBytes, rows, backends] = await Promise.all([
    rssMiB(app.pid),
    heapMiB(app.url, env.METRICS_TOKEN),
    openSockets(app.pid),
    store.usedBytes(),
    countRows(query),
    runAsSuperuser(postgres.current(), async (client) => {
      const { rowCount } = await client.query("SELECT FROM pg_stat_activity WHERE datname = 'pulsestream'");
      return rowCount ?? 0;
    }),
  ]);
  samples.rss.push(rss);
  samples.heap.push(heap);
  samples.sockets.push(sockets ?? 0);
  samples.backends.push(backends);
  samples.redisBytes.push(redisBytes ?? 1);
  samples.rows.push(rows);
}

async function countRows(query: World['query']): Promise<number> {
  const tables = await query<{ name: string }>(
    "SELECT quote_ident(relname) AS name FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace",
  );
  const counted = tables.filter(({ name }) => !GROWING.includes(name));
  const counts = counted.map(({ name }) => `(SELECT count(*) FROM ${name})`);
  const [row] = await query<{ rows: string }>(`SELECT ${counts.join(' + ')} AS rows`);
  return Number(row?.rows);
}

function steadiness(samples: Samples, seconds: number, quick: boolean): Finding {
  const leaks = leaksIn(samples);
  return {
    injected: `${Math.round(seconds)} s of deliveries, mints, revocations, pages, exports, verifications, syncs and new keys at a steady pace, with a heap of at most 256 MiB`,
    mustHold:
      'RSS of the last third at most 1.1 × that of the second, and so the floor of the heap; connections, Redis and rows flat',
    observed: `${described(samples)}${leaks.length === 0 ? '' : `; grew: ${leaks.join(', ')}`}`,
    held: quick || leaks.length === 0,
  };
}

function errorsOf(counts: Record<string, number>, errors: string[], seconds: number): Finding {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const each = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  return {
    injected: `the same ${Math.round(seconds)} s`,
    mustHold: 'no error',
    observed: `${total} requests (${each.join(', ')}); ${errors.length} errors ${[...new Set(errors)].slice(0, 4).join('; ')}`,
    held: errors.length === 0 && Object.values(counts).every((count) => count > 0),
  };
}
