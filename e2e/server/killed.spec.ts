/**
 * Kills the server with `kill -9` during a burst of 500 deliveries (F4). No delivery may be lost, and none applied
 * twice.
 */
import { expect, test } from '@playwright/test';
import pg from 'pg';
import { startAppServer } from '../../local/app/server';
import { connectedCustomer } from './connected-customer';
import { createCustomer, startOwnServer } from './own-server';

const HALF = 250;
const ANSWERED_BEFORE = 120;

test('a server killed amid 500 deliveries matches GitHub after a restart, redelivery and one reconcile', async () => {
  // The reconcile loop is off, so the only pass is the one started by this test.
  const server = await startOwnServer({ RECONCILE_INTERVAL_SECONDS: '0' });
  const { services } = server;
  const { github, env, appUrl } = services;
  const database = new pg.Client(services.database.ownerUrl);
  const holder = new pg.Client(services.database.ownerUrl);
  const waiting = async () => {
    const { rowCount } = await database.query(
      `SELECT FROM pg_locks WHERE NOT granted AND relation = 'webhook_deliveries'::regclass`,
    );
    return rowCount;
  };
  let app = server.app;
  try {
    await Promise.all([database.connect(), holder.connect()]);
    const customer = await createCustomer(env);
    const installation = await connectedCustomer(server, customer, 'olivia', 'acme');
    const name = (index: number) => `acme/repo-${String(index).padStart(5, '0')}`;
    const start = [...github.state.repositories.values()].filter(({ ownerId }) => ownerId === 30001).length;
    github.actions.createRepositories({ account: 'acme', count: 2 * HALF });
    const removed = Array.from({ length: HALF }, (_, index) => name(start + 1 + index));
    const added = Array.from({ length: HALF }, (_, index) => name(start + 1 + HALF + index));
    github.actions.configure({ installation, repositories: ['acme/api', 'acme/web', ...removed] });
    const stored = async () => {
      const { rows } = await database.query<{ name: string }>(
        `SELECT owner || '/' || name AS name FROM repositories
         WHERE installation_id = $1 AND removed_at IS NULL ORDER BY 1`,
        [installation],
      );
      return rows.map((row) => row.name);
    };
    await expect.poll(async () => (await stored()).length).toBe(HALF + 2);
    await github.flush();

    // The burst adds or removes each repository exactly once, so the audit log must list each change exactly once.
    const seen = new Set(github.deliveries.list());
    github.knobs.set({ webhooks: { concurrency: 8 } });
    for (let index = 0; index < HALF; index++) {
      github.actions.removeRepositories({ installation, repositories: [removed[index] ?? ''] });
      github.actions.addRepositories({ installation, repositories: [added[index] ?? ''] });
    }
    const burst = github.deliveries.list().filter((delivery) => !seen.has(delivery));
    expect(burst).toHaveLength(2 * HALF);
    const answered = () => burst.filter(({ statusCode }) => statusCode === 202);
    await expect.poll(() => answered().length, { intervals: [5] }).toBeGreaterThan(ANSWERED_BEFORE);
    // From here on, the lock keeps the database from storing deliveries, so the app must not confirm any to GitHub.
    await holder.query('BEGIN; LOCK TABLE webhook_deliveries IN EXCLUSIVE MODE');
    await expect.poll(waiting, { intervals: [5] }).toBeGreaterThan(0);
    await app.kill();
    await holder.query('ROLLBACK');
    await github.flush();
    expect(answered().length).toBeLessThan(2 * HALF);
    const early = answered().map(({ guid }) => guid);

    app = await startAppServer({ mode: 'start', env });
    for (const { id, statusCode } of burst) if (statusCode !== 202) github.redeliver(id);
    await github.flush();
    const reconciled = await fetch(`${appUrl}/api/internal/reconcile`, {
      method: 'POST',
      headers: { authorization: `Bearer ${env.CRON_SECRET}` },
    });
    expect(reconciled.status).toBe(200);

    const { rows: taken } = await database.query<{ id: string }>('SELECT id FROM webhook_deliveries');
    const ids = new Set(taken.map(({ id }) => id));
    expect(burst.filter(({ guid }) => !ids.has(guid))).toEqual([]);
    expect(early.filter((guid) => !ids.has(guid))).toEqual([]);
    expect(await stored()).toEqual(['acme/api', 'acme/web', ...added].sort());
    const { rows: events } = await database.query<{ type: string; count: number }>(
      `SELECT type, sum((details ->> 'count')::int)::int AS count FROM audit_events
       WHERE installation_id = $1 AND type IN ('github.repositories_added', 'github.repositories_removed')
       GROUP BY type ORDER BY type`,
      [installation],
    );
    // Added repositories: two by the first sync, `HALF` by the selection before the burst, and `HALF` by the burst.
    expect(events).toEqual([
      { type: 'github.repositories_added', count: 2 + HALF + HALF },
      { type: 'github.repositories_removed', count: HALF },
    ]);
  } finally {
    await Promise.all([database.end(), holder.end()]);
    await app.stop();
    await server.close();
  }
});
