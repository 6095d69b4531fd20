/** F4: kills the app during a burst of 500 deliveries. After a restart, nothing may be missing and nothing doubled. */
import pg from 'pg';
import type { Fault, Finding } from './fault';
import { until } from './world/until';
import { type Connected, connectCustomer, startWorld, untilSynced, type World } from './world/world';

const ACCOUNT = 'acme';
const CHOSEN = ['acme/api', 'acme/web'];

export const appKilled: Fault = {
  title: 'The app is killed during a burst of webhooks',
  run: async ({ quick, say }) => {
    say('starting PostgreSQL, Redis, GitHub and the app…');
    // The reconcile loop is off, so the only pass is the one that this fault starts.
    const world = await startWorld({ env: { RECONCILE_INTERVAL_SECONDS: '0' } });
    try {
      const customer = await connectCustomer(world);
      return [await killDuring(world, customer, quick ? 40 : 250)];
    } finally {
      await world.close();
    }
  },
};

async function killDuring(
  world: World,
  { installationId: installation }: Connected,
  half: number,
): Promise<Finding> {
  const { github, query, env } = world;
  const { removed, added } = await prepare(world, installation, half);
  const seen = new Set((await github.deliveries.list()).map(({ id }) => id));
  await github.knobs.set({ webhooks: { hold: true, concurrency: 8 } });
  // The burst adds or removes each repository exactly once, so the audit log must list each change exactly once.
  for (let index = 0; index < half; index++) {
    await github.actions.removeRepositories({ installation, repositories: [removed[index] ?? ''] });
    await github.actions.addRepositories({ installation, repositories: [added[index] ?? ''] });
  }
  const burst = async () => (await github.deliveries.list()).filter(({ id }) => !seen.has(id));
  await github.knobs.set({ webhooks: { hold: false, concurrency: 8 } });
  const stored = async () => (await query('SELECT id FROM webhook_deliveries')).length;
  const storedBefore = await stored();
  await github.deliveries.release();
  await until('the first deliveries', async () => (await stored()) - storedBefore > half / 2, { everyMs: 5 });
  await killAmidDelivery(world);
  await github.flush();
  const early = (await burst()).filter(({ statusCode }) => statusCode === 202).map(({ guid }) => guid);

  await world.restartApp(0);
  for (const { id, statusCode } of await burst())
    if (statusCode !== 202) await github.deliveries.redeliver(id);
  await github.flush();
  const reconciled = await fetch(`${env.NEXTAUTH_URL}/api/internal/reconcile`, {
    method: 'POST',
    headers: { authorization: `Bearer ${env.CRON_SECRET}` },
  });
  await untilSynced(world);
  const ids = new Set((await query<{ id: string }>('SELECT id FROM webhook_deliveries')).map(({ id }) => id));
  const lost = early.filter((guid) => !ids.has(guid)).length;
  const missing = new Set((await burst()).map(({ guid }) => guid).filter((guid) => !ids.has(guid))).size;
  const same =
    (await atGitHub(world, installation)).join() === (await inDatabase(world, installation)).join();
  const counts = await auditedChanges(world, installation);
  // Added: two by the first sync, `half` by the selection before the burst, and `half` by the burst.
  const expected = { added: 2 + 2 * half, removed: half };
  return {
    injected: `kill -9 of the app amid ${2 * half} deliveries, ${early.length} of them answered; then a restart, the others redelivered, one reconcile`,
    mustHold: 'state equals GitHub’s, each effect once',
    observed: `reconcile ${reconciled.status}; ${lost} answered deliveries lost, ${missing} missing at the end; repositories ${same ? 'equal' : 'differ from'} GitHub’s; audited ${counts.added} of ${expected.added} additions and ${counts.removed} of ${expected.removed} removals`,
    held:
      reconciled.status === 200 &&
      lost === 0 &&
      missing === 0 &&
      early.length < 2 * half &&
      same &&
      counts.added === expected.added &&
      counts.removed === expected.removed,
  };
}

/** Shares the first half of new repositories, which the burst removes, and names the second, which it adds. */
async function prepare(world: World, installation: number, half: number) {
  const { github } = world;
  const owned = (await github.state()).repositories.filter(({ owner }) => owner === ACCOUNT).length;
  await github.actions.createRepositories({ account: ACCOUNT, count: 2 * half });
  const name = (index: number) => `${ACCOUNT}/repo-${String(owned + 1 + index).padStart(5, '0')}`;
  const names = Array.from({ length: 2 * half }, (_, index) => name(index));
  const removed = names.slice(0, half);
  await github.actions.configure({ installation, repositories: [...CHOSEN, ...removed] });
  const expected = half + CHOSEN.length;
  await until('the first sync', async () => (await inDatabase(world, installation)).length === expected);
  await github.flush();
  await untilSynced(world);
  return { removed, added: names.slice(half) };
}

/** Kills the app while a delivery waits in the database, so that the app has not confirmed it to GitHub. */
async function killAmidDelivery({ app, ownerUrl, query }: World): Promise<void> {
  const holder = new pg.Client(ownerUrl);
  await holder.connect();
  try {
    await holder.query('BEGIN; LOCK TABLE webhook_deliveries IN EXCLUSIVE MODE');
    const waiting =
      "SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'webhook_deliveries'::regclass";
    await until('a waiting delivery', async () => (await query(waiting)).length > 0, { everyMs: 5 });
    await app.kill();
    await holder.query('ROLLBACK');
  } finally {
    await holder.end();
  }
}

async function atGitHub({ github }: World, installation: number): Promise<string[]> {
  const found = (await github.state()).installations.find(({ id }) => id === installation);
  return [...(found?.repositories ?? [])].sort();
}

async function inDatabase({ query }: World, installation: number): Promise<string[]> {
  const rows = await query<{ name: string }>(
    `SELECT owner || '/' || name AS name FROM repositories WHERE installation_id = $1 AND removed_at IS NULL`,
    [installation],
  );
  return rows.map(({ name }) => name).sort();
}

async function auditedChanges({ query }: World, installation: number) {
  const rows = await query<{ type: string; count: number }>(
    `SELECT type, sum((details ->> 'count')::int)::int AS count FROM audit_events
      WHERE installation_id = $1 AND type IN ('github.repositories_added', 'github.repositories_removed')
      GROUP BY type`,
    [installation],
  );
  const of = (type: string) => rows.find((row) => row.type === `github.repositories_${type}`)?.count ?? 0;
  return { added: of('added'), removed: of('removed') };
}
