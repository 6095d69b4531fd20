/** Seeds the installations that the deliveries name, and names the requests that the webhooks bench measures. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Measured, measure, type Subject } from './beside';
import type { LoadTask } from './load';
import type { MintWorld } from './mint-world';
import { withDatabase } from './operator';
import type { Peer } from './peers';
import {
  bodyOf,
  EFFECT_NAMES,
  EFFECTS,
  type EffectName,
  FIRST_IDS,
  type Kind,
  STAR,
  WORKSPACES,
} from './webhook-kinds';
import type { WebhookParts } from './webhook-parts';

/** How long GitHub takes to return an installation to a sync. It keeps syncs rare, because other figures are about them. */
const SYNC_MS = 1000;

export type Pace = Pick<LoadTask, 'connections' | 'seconds' | 'perSecond' | 'most'>;
type Measure = (pace: Pace) => Promise<Measured>;

export interface WebhookSubjects {
  effects: Record<EffectName, Measure>;
  /** A bare server that does what such a delivery asks of others, and nothing else. */
  floors: Record<EffectName, Measure>;
  star: Measure;
  emptyRoute: Measure;
  /** `undefined` if the peer is not installed. */
  probot: Measure | undefined;
  /** Describes what one delivery asks for, by effect. */
  steps: Record<EffectName, string>;
  /**
   * Checks that every delivery was applied. If any wasn't, the bench has measured something cheaper.
   *
   * @throws if the database holds anything but what was sent
   */
  assertApplied(): Promise<void>;
}

export async function startWebhookSubjects(
  world: MintWorld,
  { installations, probot }: { installations: number; probot: Peer | undefined },
): Promise<WebhookSubjects> {
  const { appUrl, appPid, services, load, start } = world;
  const workspaces = await seed(world, installations);
  const { suspensions: from, 'uninstalls floor': until } = FIRST_IDS;
  await world.github.showInstallations({ from, until, delayMs: SYNC_MS });
  const partsServer = await start('webhook-parts.ts', services.env);
  const parts = (await partsServer.ask({ workspaces })) as WebhookParts;
  const url = `${appUrl}/api/github/webhooks`;
  const stars = { sent: 0 };
  const deliver = async (
    kind: Kind,
    to: Omit<Subject, 'request'> & { url: string },
    from: number,
    pace: Pace,
  ) =>
    measure(
      load,
      { request: deliveryRequest(to.url, kind, services.github.app.webhookSecret, from), pid: to.pid },
      pace,
    );
  const sent: Record<EffectName, number> = { uninstalls: 0, suspensions: 0, removals: 0 };
  const byEffect = (of: (name: EffectName) => Measure) =>
    Object.fromEntries(EFFECT_NAMES.map((name) => [name, of(name)])) as Record<EffectName, Measure>;
  const peer = probot !== undefined && 'entry' in probot ? await startProbot(world, probot.entry) : undefined;
  return {
    effects: byEffect((name) => async (pace) => {
      const found = await deliver(EFFECTS[name], { url, pid: appPid }, FIRST_IDS[name] + sent[name], pace);
      sent[name] += found.latencies.length;
      if (sent[name] > installations)
        throw new Error(`the ${name} need more than ${installations} installations`);
      return found;
    }),
    floors: byEffect(
      (name) => (pace) =>
        measure(
          load,
          { request: { url: `${parts.url}/${name}`, method: 'POST' }, pid: partsServer.pid },
          pace,
        ),
    ),
    star: async (pace) => {
      const found = await deliver(STAR, { url, pid: appPid }, stars.sent, pace);
      stars.sent += found.latencies.length;
      return found;
    },
    emptyRoute: (pace) =>
      measure(load, { request: { url: `${appUrl}/api/health/live`, method: 'GET' }, pid: appPid }, pace),
    probot: peer && ((pace) => deliver(STAR, peer, 1, pace)),
    steps: parts.steps,
    assertApplied: async () => {
      const { requestId, next } = (await partsServer.ask({ workspaces })) as WebhookParts;
      await assertStored(world, { requestId, next, sent, stars: stars.sent });
    },
  };
}

function deliveryRequest(url: string, kind: Kind, secret: string, from: number): Subject['request'] {
  return {
    url,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-github-event': kind.event },
    body: bodyOf(kind),
    deliveries: { secret, from },
  };
}

async function startProbot(
  { start, services }: MintWorld,
  entry: string,
): Promise<{ url: string; pid: number }> {
  const { id, privateKey, webhookSecret } = services.github.app;
  const server = await start('probot-server.ts', {
    BENCH_APP_ID: String(id),
    BENCH_PRIVATE_KEY: privateKey,
    BENCH_SECRET: webhookSecret,
    BENCH_PEER: entry,
  });
  const { url } = (await server.ask({})) as { url: string };
  return { url: `${url}/api/github/webhooks`, pid: server.pid };
}

/** @returns the ids of the workspaces, in the order of `workspaceOf` */
async function seed({ services }: MintWorld, installations: number): Promise<string[]> {
  const { ownerUrl } = services.database;
  const ids = await withDatabase(ownerUrl, async (db) => {
    await db.query(
      `INSERT INTO workspaces (slug, name) SELECT 'bench-' || n, 'Bench' FROM generate_series(0, $1::int - 1) AS n`,
      [WORKSPACES],
    );
    const { rows } = await db.query<{ id: string }>(
      `SELECT w.id FROM generate_series(0, $1::int - 1) AS n JOIN workspaces AS w ON w.slug = 'bench-' || n ORDER BY n`,
      [WORKSPACES],
    );
    return rows.map(({ id }) => id);
  });
  // On several connections, because PostgreSQL uses one core for each.
  await Promise.all(
    Object.values(FIRST_IDS).map((first) => seedInstallations(ownerUrl, first, installations)),
  );
  return ids;
}

/**
 * Installations whose repositories one statement inserts. The history's trigger expects one installation for each
 * statement, and its cost grows with the square of their number.
 */
const SLICE = 200;

async function seedInstallations(ownerUrl: string, first: number, count: number): Promise<void> {
  await withDatabase(ownerUrl, async (db) => {
    await db.query(
      `INSERT INTO installations (id, workspace_id, account_id, account_login, account_type, repository_selection, bound_at, synced_at)
        SELECT $1::bigint + n, w.id, $1::bigint + n, 'account-' || n, 'Organization', 'selected', now(), now()
        FROM generate_series(0, $2::int - 1) AS n JOIN workspaces AS w ON w.slug = 'bench-' || n % $3::int`,
      [first, count, WORKSPACES],
    );
    if (first !== FIRST_IDS.removals && first !== FIRST_IDS['removals floor']) return;
    for (let done = 0; done < count; done += SLICE)
      await db.query(
        `INSERT INTO repositories (id, installation_id, owner, name, clone_url, default_branch, private)
          SELECT n, n, 'acme', 'api', 'https://github.example/acme/api.git', 'main', true
          FROM generate_series($1::bigint, $2::bigint - 1) AS n`,
        [first + done, first + Math.min(done + SLICE, count)],
      );
  });
}

const TYPES: Record<EffectName, string> = {
  uninstalls: 'github.installation_deleted',
  suspensions: 'github.installation_suspended',
  removals: 'github.repositories_removed',
};

/**
 * How long the last uninstalls may take. We respond to a delivery even if GitHub hasn't confirmed the uninstall yet, so
 * some are applied only afterwards.
 */
const LATE_CONFIRMATIONS_MS = 20_000;

type Sent = Pick<WebhookParts, 'requestId' | 'next'> & { sent: Record<EffectName, number>; stars: number };

async function assertStored({ services }: MintWorld, { requestId, next, sent, stars }: Sent): Promise<void> {
  const expected: Record<string, number> = { star: stars };
  for (const name of EFFECT_NAMES) {
    expected[TYPES[name]] = sent[name];
    expected[`${TYPES[name]} floor`] = next[name] - FIRST_IDS[`${name} floor`];
  }
  await withDatabase(services.database.ownerUrl, async (db) => {
    const deadline = performance.now() + LATE_CONFIRMATIONS_MS;
    for (;;) {
      const { rows } = await db.query<{ what: string; count: number }>(
        `SELECT type || CASE WHEN request_id = $1 THEN ' floor' ELSE '' END AS what, count(DISTINCT installation_id)::int AS count
          FROM audit_events WHERE type = ANY ($2) GROUP BY 1
          UNION ALL SELECT 'star', count(*)::int FROM webhook_deliveries WHERE event = 'star'`,
        [requestId, Object.values(TYPES)],
      );
      const found = Object.fromEntries(rows.map(({ what, count }) => [what, count]));
      if (Object.entries(expected).every(([what, count]) => (found[what] ?? 0) === count)) return;
      if (performance.now() > deadline)
        throw new Error(`sent ${JSON.stringify(expected)}, but stored ${JSON.stringify(found)}`);
      await sleep(500);
    }
  });
}
