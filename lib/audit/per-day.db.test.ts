import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SYSTEM_CLI } from '../auth/actor';
import { makeWorkspace, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import type { AuditEventType } from '../contract/audit-event';
import { countMintsPerDay } from './per-day';
import { recordAuditEventNow } from './record';

const environment = await startTestApp();
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
beforeAll(() => owner.connect());
afterAll(() => owner.end());

const record = (workspaceId: string, type: AuditEventType) =>
  recordAuditEventNow({ workspaceId, type, actor: SYSTEM_CLI, origin: TEST_ORIGIN, details: {} });

it('counts a workspace’s mints and refusals by day in UTC, days without any among them', async () => {
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
  expect(days.slice(0, -1).every(({ minted, denied }) => minted === 0 && denied === 0)).toBe(true);
  expect(days.at(-1)).toEqual({ day: new Date().toISOString().slice(0, 10), minted: 2, denied: 1 });
});

it('leaves out the days that a busy log does not let it count, rather than count them in part', async () => {
  const { id } = await makeWorkspace();
  await owner.query(`ALTER TABLE audit_events DISABLE TRIGGER USER`);
  try {
    await owner.query(
      `INSERT INTO audit_events (workspace_id, seq, occurred_at, workspace_slug, type, actor_type, actor_id,
          actor_label, request_id, details, prev_hash, hash)
        SELECT $1, n, now() - (30000 - n) * interval '10 seconds', 'x', 'github.token_minted', 'system', 'x', 'x',
          'x', '{}', '', '' FROM generate_series(1, 30000) AS n`,
      [id],
    );
  } finally {
    await owner.query(`ALTER TABLE audit_events ENABLE TRIGGER USER`);
  }
  const days = await countMintsPerDay(id, 7);
  expect(days.length).toBeGreaterThanOrEqual(1);
  expect(days.length).toBeLessThan(5);
  expect(days.slice(0, -1).every(({ minted }) => minted === 8640)).toBe(true);
});
