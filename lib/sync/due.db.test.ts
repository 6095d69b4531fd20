/** Checks that the search for due syncs reads only what is due, with 10,000 installations of other workspaces. */
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeWorkspace, startTestApp } from '../auth/test-fixtures';
import { rowsRead } from '../testing/test-plans';
import { isSyncPending, takeDueLease } from './lease';

const INSTALLATIONS = 10_000;
/** Rows that a statement may read: the one that is due, and some that are leased or were tried. */
const MOST_ROWS = 10;

const environment = await startTestApp();
const owner = new pg.Client(environment.OWNER_DATABASE_URL);

beforeAll(async () => {
  await owner.connect();
  const { id } = await makeWorkspace();
  await owner.query(
    `INSERT INTO installations (id, workspace_id, account_id, account_login, account_type, repository_selection, synced_at)
      SELECT n, $1, n, 'acme', 'Organization', 'all', now() - n * interval '1 second'
      FROM generate_series(1, $2::int) AS n`,
    [id, INSTALLATIONS],
  );
  await owner.query('VACUUM ANALYZE installations');
});
afterAll(() => owner.end());

const take = () => takeDueLease({ ignoreBackoff: true, except: [INSTALLATIONS] });

it('reads nothing if no sync is due', async () => {
  expect(await take()).toBeUndefined();
  expect(await rowsRead(owner, 'installations', take)).toBe(0);
  expect(await rowsRead(owner, 'installations', () => isSyncPending([]))).toBe(0);
});

it('reads a few rows while one sync is due because the last one is old', async () => {
  await owner.query(`UPDATE installations SET synced_at = now() - interval '7 hours' WHERE id = 5`);
  expect(await rowsRead(owner, 'installations', take)).toBeLessThan(MOST_ROWS);
});

it('reads a few rows while a sync of every installation was requested at the same time', async () => {
  await owner.query('UPDATE installations SET sync_requested_at = now(), sync_leased_until = NULL');
  await owner.query('VACUUM ANALYZE installations');
  expect(await rowsRead(owner, 'installations', take)).toBeLessThan(MOST_ROWS);
});

it('takes the oldest request first, and a request before a sync that is merely old', async () => {
  await owner.query(
    `UPDATE installations SET sync_requested_at = NULL, sync_leased_until = NULL, synced_at = now()`,
  );
  await owner.query(`UPDATE installations SET synced_at = NULL WHERE id = 1`);
  await owner.query(`UPDATE installations SET synced_at = now() - interval '7 hours' WHERE id = 2`);
  await owner.query(
    `UPDATE installations SET sync_requested_at = now() - id * interval '1 second' WHERE id IN (3, 4)`,
  );
  const taken = [];
  for (let lease = await take(); lease; lease = await take()) taken.push(lease.installationId);
  expect(taken).toEqual([4, 3, 1, 2]);
});
