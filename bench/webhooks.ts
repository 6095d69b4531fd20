/**
 * Measures the figure P4: the cost of signed deliveries, each committed before the response, compared with an empty
 * route of the same build.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  cpu,
  cpuRatios,
  inTurn,
  latencies,
  latencyAt,
  measure,
  type Pair,
  type Ratio,
  rates,
  ratioReport,
  type Subject,
  throughputs,
} from './beside';
import type { LoadTask } from './load';
import { type MintWorld, startMintWorld } from './mint-world';
import { withDatabase } from './operator';
import type { BenchOptions, Report } from './report';

const CONNECTIONS = 16;
const STEADY_PER_SECOND = 50;
const LEAST_THROUGHPUT = 0.45;
const MOST_PROCESSOR_TIME = 2;
const MOST_P99 = 4;

const WORKSPACES = 100;
const FIRST_ID = 60_000_000;
const INSTALLATIONS = 50_000;

export async function measureWebhooks({ quick, say }: BenchOptions): Promise<Report> {
  say(`starting the app, PostgreSQL with fsync and Redis; ${INSTALLATIONS} installations…`);
  const world = await startMintWorld();
  const how = { connections: CONNECTIONS, seconds: quick ? 2 : 6 };
  let nextId = FIRST_ID;
  const deliver = async (pace: Partial<LoadTask> = {}) => {
    const found = await measure(world.load, delivery(world, 'installation', 'deleted', nextId), {
      ...how,
      ...pace,
    });
    nextId += found.latencies.length;
    return found;
  };
  let stars = 0;
  const deliverStar = async () => {
    const found = await measure(world.load, delivery(world, 'star', 'created', FIRST_ID + stars), how);
    stars += found.latencies.length;
    return found;
  };
  const route: Subject = {
    request: { url: `${world.appUrl}/api/health/live`, method: 'GET' },
    pid: world.appPid,
  };
  try {
    await seed(world);
    say('warming up…');
    await deliver();
    await deliverStar();
    await measure(world.load, route, how);
    say(`P4: ${CONNECTIONS} connections`);
    const pairs = await inTurn(quick ? 2 : 5, say, {
      ours: deliver,
      beside: () => measure(world.load, route, how),
    });
    say('P4: deliveries without an effect');
    const starPairs = await inTurn(quick ? 2 : 5, say, {
      ours: deliverStar,
      beside: () => measure(world.load, route, how),
    });
    say(`P4: ${STEADY_PER_SECOND} a second`);
    const steadily = { connections: CONNECTIONS, seconds: quick ? 3 : 6, perSecond: STEADY_PER_SECOND };
    const steadyPairs = await inTurn(quick ? 2 : 5, say, {
      ours: () => deliver(steadily),
      beside: () => measure(world.load, route, steadily),
    });
    const report = ratioReport(
      [
        ...throughputAndCpu('P4 uninstalls', pairs),
        ...throughputAndCpu('P4 deliveries without an effect', starPairs),
        {
          what: `P4 uninstalls at ${STEADY_PER_SECOND} a second, p99`,
          ratios: latencies(steadyPairs, 0.99),
          absolute: latencyAt(steadyPairs, 0.99),
          reach: { most: MOST_P99 },
        },
      ],
      [
        `each uninstall is of another installation: verified, stored and noted in one statement with fsync; GitHub’s stand-in confirms it by a call for the installation and one for the App, which a burst shares; a transaction in two round trips ends the installation and writes the audit row; the installations belong to ${WORKSPACES} workspaces`,
        'a delivery without an effect is verified, and its id and the hash of its body are stored',
        `beside /api/health/live of the same build; ${CONNECTIONS} connections; processor time is that of the app’s process for one response`,
      ],
    );
    await assertApplied(world, { uninstalls: nextId - FIRST_ID, stars });
    return report;
  } finally {
    await world.close();
  }
}

function throughputAndCpu(what: string, pairs: Pair[]): Ratio[] {
  return [
    { what, ratios: throughputs(pairs), absolute: rates(pairs), reach: { least: LEAST_THROUGHPUT } },
    {
      what: `${what}, processor time`,
      ratios: cpuRatios(pairs),
      absolute: cpu(pairs),
      reach: { most: MOST_PROCESSOR_TIME },
    },
  ];
}

function delivery(
  { appUrl, appPid, services }: MintWorld,
  event: string,
  action: string,
  from: number,
): Subject {
  const body = JSON.stringify({
    action,
    installation: {
      id: 0,
      account: { id: 1, login: 'acme', type: 'Organization' },
      repository_selection: 'all',
    },
    sender: { id: 1, login: 'olivia' },
  });
  return {
    request: {
      url: `${appUrl}/api/github/webhooks`,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-github-event': event },
      body,
      deliveries: { secret: services.github.app.webhookSecret, from },
    },
    pid: appPid,
  };
}

async function seed({ services }: MintWorld): Promise<void> {
  await withDatabase(services.database.ownerUrl, async (db) => {
    await db.query(
      `INSERT INTO workspaces (slug, name) SELECT 'bench-' || n, 'Bench' FROM generate_series(0, $1::int - 1) AS n`,
      [WORKSPACES],
    );
    await db.query(
      `INSERT INTO installations (id, workspace_id, account_id, account_login, account_type, repository_selection, bound_at, synced_at)
        SELECT $1::bigint + n, w.id, $1::bigint + n, 'account-' || n, 'Organization', 'all', now(), now()
        FROM generate_series(0, $2::int - 1) AS n JOIN workspaces AS w ON w.slug = 'bench-' || n % $3::int`,
      [FIRST_ID, INSTALLATIONS, WORKSPACES],
    );
  });
}

/**
 * How long the last uninstalls may take. We respond to a delivery even if GitHub hasn't confirmed the uninstall yet, so
 * some are applied only afterwards.
 */
const LATE_CONFIRMATIONS_MS = 20_000;

/** Checks that every delivery was applied. If any wasn't, the bench has measured something cheaper. */
async function assertApplied(
  { services }: MintWorld,
  sent: { uninstalls: number; stars: number },
): Promise<void> {
  await withDatabase(services.database.ownerUrl, async (db) => {
    const deadline = performance.now() + LATE_CONFIRMATIONS_MS;
    for (;;) {
      const { rows } = await db.query<{ deleted: number; audited: number; stars: number }>(
        `SELECT (SELECT count(*)::int FROM installations WHERE status = 'deleted') AS deleted,
          (SELECT count(*)::int FROM audit_events WHERE type = 'github.installation_deleted') AS audited,
          (SELECT count(*)::int FROM webhook_deliveries WHERE event = 'star') AS stars`,
      );
      const [found] = rows;
      const audited = Math.min(sent.uninstalls, INSTALLATIONS);
      if (found?.deleted === sent.uninstalls && found.audited === audited && found.stars === sent.stars)
        return;
      if (performance.now() > deadline)
        throw new Error(`answered ${JSON.stringify(sent)}, but stored ${JSON.stringify(found)}`);
      await sleep(500);
    }
  });
}
