import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SYSTEM_CLI } from '../actor';
import { makeWorkspace, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import type { AuditEventType } from '../contract/audit-types';
import { countMintsPerDay } from './per-day';
import { recordAuditEventNow } from './record';
import { untyped } from './test-event';

const environment = await startTestApp();
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
beforeAll(() => owner.connect());
afterAll(() => owner.end());

/** Returns the current day in UTC. This is a function, because midnight may pass during a test. */
const today = () => new Date().toISOString().slice(0, 10);

const sumOf = (days: { minted: number; denied: number }[]) =>
  days.reduce((sum, { minted, denied }) => ({ minted: sum.minted + minted, denied: sum.denied + denied }), {
    minted: 0,
    denied: 0,
  });

const record = (workspaceId: string, type: AuditEventType) =>
  recordAuditEventNow(untyped({ workspaceId, type, actor: SYSTEM_CLI, origin: TEST_ORIGIN, details: {} }));

it('counts a workspace’s mints and denied mints per day in UTC, including days without any', async () => {
  const began = today();
  const { id } = await makeWorkspace();
  const other = await makeWorkspace();
  await record(id, 'github.token_minted');
  await record(id, 'github.token_minted');
  await record(id, 'github.token_denied');
  await record(id, 'audit.exported');
  await record(other.id, 'github.token_minted');
  const days = await countMintsPerDay(id, 7);
  expect(days).toHaveLength(7);
  expect(days.map(({ day }) => day)).toEqual([...days.map(({ day }) => day)].sort());
  expect([began, today()]).toContain(days.at(-1)?.day);
  expect(days.some(({ partial }) => partial)).toBe(false);
  // If midnight has passed since the mints, they were yesterday, so check only the days before.
  const before = days.filter(({ day }) => day < began);
  expect(before.every(({ minted, denied }) => minted === 0 && denied === 0)).toBe(true);
  expect(sumOf(days)).toEqual({ minted: 2, denied: 1 });
});

/**
 * Inserts `count` mints, `seconds` apart, the last of which is dated now. The trigger is disabled meanwhile, because it
 * would set the current time. The chain is broken afterwards, but these tests do not verify it.
 */
async function mintedEvery(workspaceId: string, seconds: number, count: number): Promise<void> {
  await owner.query(`ALTER TABLE audit_events DISABLE TRIGGER USER`);
  try {
    await owner.query(
      `INSERT INTO audit_events (workspace_id, seq, occurred_at, workspace_slug, type, actor_type, actor_id,
          actor_label, request_id, details, prev_hash, hash)
        SELECT $1, n, now() - ($3::int - n) * $2::float8 * interval '1 second', 'x', 'github.token_minted', 'system',
          'x', 'x', 'x', '{}', '', '' FROM generate_series(1, $3::int) AS n`,
      [workspaceId, seconds, count],
    );
  } finally {
    await owner.query(`ALTER TABLE audit_events ENABLE TRIGGER USER`);
  }
}

it('shows only as many days as can be counted in a busy log, and marks the partially counted day', async () => {
  const { id } = await makeWorkspace();
  await mintedEvery(id, 10, 30_000);
  const days = await countMintsPerDay(id, 7);
  expect(days.length).toBeGreaterThanOrEqual(3);
  expect(days.length).toBeLessThan(5);
  expect(days.map(({ partial }) => partial)).toEqual(days.map((_, index) => index === 0));
  expect(days.slice(1, -1).every(({ minted }) => minted === 8640)).toBe(true);
  expect(sumOf(days)).toEqual({ minted: 20_000, denied: 0 });
});

it('shows today even if it has more events than are counted', async () => {
  const { id } = await makeWorkspace();
  const began = today();
  await mintedEvery(id, 0.0001, 30_000);
  const days = await countMintsPerDay(id, 7);
  // All mints are within three seconds, so they are on one day, or on two days around midnight. Only the first day
  // shown is partial.
  expect(days.map(({ partial }) => partial)).toEqual(days.map((_, index) => index === 0));
  expect(days.filter(({ minted }) => minted > 0).length).toBeLessThanOrEqual(2);
  expect([began, today()]).toContain(days.at(-1)?.day);
  expect(sumOf(days)).toEqual({ minted: 20_000, denied: 0 });
});
