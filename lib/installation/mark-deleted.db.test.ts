/** Tests what an installation's end locks, and that it misses nothing. Needs a real PostgreSQL. */
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { SYSTEM_GITHUB } from '../actor';
import { makeInstallation, makeWorkspace, readAudit, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import { getDb, inTransaction } from '../db/client';
import { inStatements, type Statements } from '../db/sql';
import { markDeleted } from './mark-deleted';

const environment = await startTestApp();
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
const observer = new pg.Client(environment.OWNER_DATABASE_URL);
beforeAll(() => Promise.all([owner.connect(), observer.connect()]));
afterAll(() => Promise.all([owner.end(), observer.end()]));

let workspaceId: string;
let id: number;
beforeEach(async () => {
  workspaceId = (await makeWorkspace()).id;
  id = (await makeInstallation(workspaceId, ['acme/api'])).id;
  await owner.query(
    `INSERT INTO audit_chains (workspace_id, seq, head_hash) VALUES ($1, 0, repeat('0', 64))`,
    [workspaceId],
  );
});

const CAUSE = { actor: SYSTEM_GITHUB, origin: TEST_ORIGIN, noticedBy: 'webhook' } as const;
type Run = (work: (tx: Statements | undefined) => Promise<boolean>) => Promise<boolean>;
const WAYS: [string, Run][] = [
  ['in one flight', (work) => work(undefined)],
  ['pipelined', inStatements],
  ['in Prisma', inTransaction],
];

/** Counts the connections to this database that are waiting for a lock. */
async function waiting(): Promise<number> {
  const { rows } = await observer.query<{ count: number }>(
    `SELECT count(DISTINCT pid)::int FROM pg_locks JOIN pg_stat_activity a USING (pid)
      WHERE NOT granted AND a.datname = current_database()`,
  );
  return rows[0]?.count ?? 0;
}

it.each(WAYS)(
  'keeps no mint of the workspace waiting while the history of its repositories is written, %s',
  async (_, run) => {
    await owner.query('BEGIN');
    await owner.query('SELECT FROM repository_periods WHERE installation_id = $1 FOR UPDATE', [id]);
    const ending = run((tx) => markDeleted(tx, id, CAUSE));
    await expect.poll(waiting).toBe(1);
    const head = await observer
      .query('SELECT FROM audit_chains WHERE workspace_id = $1 FOR UPDATE NOWAIT', [workspaceId])
      .then(
        () => 'free',
        (error: Error) => error.message,
      );
    await owner.query('COMMIT');
    expect(await ending).toBe(true);
    expect(head).toBe('free');
  },
);

it.each(WAYS)(
  'removes the repositories that were added while it waited for the installation, %s',
  async (_, run) => {
    await owner.query('BEGIN');
    await owner.query('SELECT FROM installations WHERE id = $1 FOR UPDATE', [id]);
    await owner.query(
      `INSERT INTO repositories (id, installation_id, owner, name, clone_url, default_branch, private)
      VALUES (1, $1, 'acme', 'new', 'x', 'main', true)`,
      [id],
    );
    const ending = run((tx) => markDeleted(tx, id, CAUSE));
    await expect.poll(waiting).toBe(1);
    await owner.query('COMMIT');
    expect(await ending).toBe(true);
    expect(await getDb().repository.count({ where: { installationId: id, removedAt: null } })).toBe(0);
  },
);

it.each(WAYS)('removes no repository if its witness was replaced, %s', async (_, run) => {
  const endSeenAt = new Date();
  await getDb().installation.update({ where: { id }, data: { endSeenAt, endSeenBy: 'webhook' } });
  const stale = new Date(endSeenAt.getTime() - 1);
  const shared = () => getDb().repository.count({ where: { installationId: id, removedAt: null } });
  expect(await run((tx) => markDeleted(tx, id, CAUSE, stale))).toBe(false);
  expect(await shared()).toBe(1);
  expect(await run((tx) => markDeleted(tx, id, CAUSE, endSeenAt))).toBe(true);
  expect(await shared()).toBe(0);
  expect(await readAudit(workspaceId)).toMatchObject([{ type: 'github.installation_deleted' }]);
});

it.each(WAYS)('is recorded once, with its account, if two ends meet, %s', async (_, run) => {
  await owner.query('BEGIN');
  await owner.query('SELECT FROM installations WHERE id = $1 FOR UPDATE', [id]);
  const ends = Promise.all([1, 2].map(() => run((tx) => markDeleted(tx, id, CAUSE))));
  await expect.poll(waiting).toBe(2);
  await owner.query('COMMIT');
  expect((await ends).toSorted()).toEqual([false, true]);
  const { accountLogin } = await getDb().installation.findUniqueOrThrow({ where: { id } });
  const events = await readAudit(workspaceId);
  expect(events.map(({ details }) => details)).toEqual([{ account: accountLogin, noticed_by: 'webhook' }]);
});

it.each(WAYS)('ends an installation that has no workspace, and writes no audit row, %s', async (_, run) => {
  const unbound = id + 500_000_000;
  await owner.query(
    `INSERT INTO installations (id, account_id, account_login, account_type, repository_selection)
      VALUES ($1, 1, 'acme', 'Organization', 'all')`,
    [unbound],
  );
  expect(await run((tx) => markDeleted(tx, unbound, CAUSE))).toBe(true);
  const { rows } = await owner.query('SELECT FROM audit_events WHERE installation_id = $1', [unbound]);
  expect(rows).toEqual([]);
});
