/**
 * Measures the figure P4: the cost of signed deliveries, each committed before the response, compared with an empty
 * route of the same build.
 */
import { cpu, cpuRatios, inTurn, measure, rates, ratioReport, type Subject, throughputs } from './beside';
import type { LoadTask } from './load';
import { type MintWorld, startMintWorld } from './mint-world';
import { withDatabase } from './operator';
import { type BenchOptions, quantile, type Report } from './report';

const CONNECTIONS = 16;
const STEADY_PER_SECOND = 50;
const SLOWEST_P99_MS = 100;

const WORKSPACES = 100;
const FIRST_ID = 60_000_000;
const INSTALLATIONS = 50_000;

export async function measureWebhooks({ quick, say }: BenchOptions): Promise<Report> {
  say(`starting the app, PostgreSQL with fsync and Redis; ${INSTALLATIONS} installations…`);
  const world = await startMintWorld();
  const how = { connections: CONNECTIONS, seconds: quick ? 2 : 6 };
  let nextId = FIRST_ID;
  const deliver = async (pace: Partial<LoadTask> = {}) => {
    const found = await measure(world.load, uninstalled(world, nextId), { ...how, ...pace });
    nextId += found.latencies.length;
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
    await measure(world.load, route, how);
    say(`P4: ${CONNECTIONS} connections`);
    const pairs = await inTurn(quick ? 2 : 5, say, {
      ours: deliver,
      beside: () => measure(world.load, route, how),
    });
    say(`P4: ${STEADY_PER_SECOND} a second`);
    const steady = await deliver({ seconds: quick ? 5 : 20, perSecond: STEADY_PER_SECOND });
    const report = ratioReport(
      [
        {
          what: 'P4 deliveries beside an empty route',
          ratios: throughputs(pairs),
          absolute: rates(pairs),
          reach: { least: 0.5 },
        },
        { what: 'P4 the same, processor time', ratios: cpuRatios(pairs), absolute: cpu(pairs) },
      ],
      [
        `each delivery says that another installation was uninstalled: verified, then its id, the end of the installation and an audit row are committed in one transaction with fsync; the installations belong to ${WORKSPACES} workspaces`,
        `the empty route is /api/health/live; ${CONNECTIONS} connections; processor time is that of the app's process for one answer`,
      ],
    );
    await assertApplied(world, nextId - FIRST_ID);
    return withSteady(report, quantile(steady.latencies, 0.99));
  } finally {
    await world.close();
  }
}

function withSteady(report: Report, p99: number): Report {
  const what = `P4 p99 at ${STEADY_PER_SECOND} deliveries a second`;
  const reached = p99 < SLOWEST_P99_MS;
  const found = `${p99.toFixed(0)} ms`;
  report.rows.push([what, '', '', `< ${SLOWEST_P99_MS} ms`, found, reached ? 'yes' : '**no**']);
  if (!reached) report.missed.push(`${what}: ${found}, reach is < ${SLOWEST_P99_MS} ms`);
  return report;
}

function uninstalled({ appUrl, appPid, services }: MintWorld, from: number): Subject {
  const body = JSON.stringify({
    action: 'deleted',
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
      headers: { 'content-type': 'application/json', 'x-github-event': 'installation' },
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

/** Checks that every delivery was applied. Otherwise the bench would have measured something cheaper. */
async function assertApplied({ services }: MintWorld, sent: number): Promise<void> {
  const { rows } = await withDatabase(services.database.ownerUrl, (db) =>
    db.query<{ deleted: number; audited: number }>(
      `SELECT (SELECT count(*)::int FROM installations WHERE status = 'deleted') AS deleted,
        (SELECT count(*)::int FROM audit_events WHERE type = 'github.installation_deleted') AS audited`,
    ),
  );
  const [found] = rows;
  if (found?.deleted !== sent)
    throw new Error(`${sent} deliveries were answered, and ${found?.deleted} installations are deleted`);
  if (sent <= INSTALLATIONS && found.audited !== sent)
    throw new Error(`${sent} deliveries were answered, and ${found.audited} audit rows tell of them`);
}
