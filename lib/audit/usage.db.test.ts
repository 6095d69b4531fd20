import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Actor } from '../actor';
import { makeWorkspace, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import type { AuditEventType } from '../contract/audit-types';
import { rowsRead } from '../testing/test-plans';
import { recordAuditEventNow } from './record';
import { untyped } from './test-event';
import { readUsage, type Usage } from './usage';

const environment = await startTestApp();
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
beforeAll(() => owner.connect());
afterAll(() => owner.end());

const INSTALLATION = 7001;
const CLI: Actor = { type: 'system', id: 'system:cli', label: 'system:cli' };
const SYNC: Actor = { type: 'system', id: 'system:sync', label: 'system:sync' };

let workspaceId: string;
beforeEach(async () => {
  workspaceId = (await makeWorkspace()).id;
});

const record = (type: AuditEventType, clientIp: string | null, actor = CLI, of = workspaceId) =>
  recordAuditEventNow(
    untyped({
      workspaceId: of,
      type,
      actor,
      installationId: INSTALLATION,
      origin: { ...TEST_ORIGIN, clientIp },
      details: {},
    }),
  );

/** Sums over all days, because midnight may pass during a test. */
const totals = ({ days }: Usage) => ({
  minted: days.reduce((sum, day) => sum + day.minted, 0),
  denied: days.reduce((sum, day) => sum + day.denied, 0),
});

it('counts an actor’s tokens per day, and lists its addresses, the latest first', async () => {
  await record('github.token_minted', '192.0.2.1');
  await record('github.token_minted', '2001:db8::7');
  await record('github.token_denied', '192.0.2.1');
  await record('audit.exported', null);
  await record('github.token_minted', '192.0.2.9', SYNC);
  await record('github.token_minted', '192.0.2.9', CLI, (await makeWorkspace()).id);
  const usage = await readUsage(workspaceId, { actorId: CLI.id }, 30);
  expect(usage.days).toHaveLength(30);
  expect(totals(usage)).toEqual({ minted: 2, denied: 1 });
  expect(usage.addresses).toEqual([
    { ip: '192.0.2.1', events: 2, last_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) },
    { ip: '2001:db8::7', events: 1, last_at: expect.any(String) },
  ]);
});

it('counts what services got through an installation, and leaves out tokens of syncs', async () => {
  await record('github.token_minted', '192.0.2.1');
  await record('github.token_minted', null, SYNC);
  const usage = await readUsage(workspaceId, { installationId: INSTALLATION }, 7);
  expect(totals(usage)).toEqual({ minted: 1, denied: 0 });
  const other = await readUsage(workspaceId, { installationId: INSTALLATION + 1 }, 7);
  expect(totals(other)).toEqual({ minted: 0, denied: 0 });
});

it('reads only the newest events, marks the oldest day as partial, and no events of others', async () => {
  await owner.query('ALTER TABLE audit_events DISABLE TRIGGER USER');
  try {
    // 6,000 events of one actor and 30,000 of another, one an hour.
    await owner.query(
      `INSERT INTO audit_events (workspace_id, seq, occurred_at, workspace_slug, type, actor_type, actor_id,
          actor_label, request_id, details, prev_hash, hash)
        SELECT $1, n, now() - (36000 - n) * interval '1 minute', 'x', 'github.token_minted', 'system',
          CASE WHEN n % 6 = 0 THEN 'one' ELSE 'other' END, 'x', 'x', '{}', '', '' FROM generate_series(1, 36000) AS n`,
      [workspaceId],
    );
  } finally {
    await owner.query('ALTER TABLE audit_events ENABLE TRIGGER USER');
  }
  await owner.query('ANALYZE audit_events');
  let usage: Usage | undefined;
  const read = await rowsRead(owner, 'audit_events', async () => {
    usage = await readUsage(workspaceId, { actorId: 'one' }, 60);
  });
  expect(read).toBe(5000);
  expect(usage?.days[0]?.partial).toBe(true);
  expect(usage?.days.slice(1).some(({ partial }) => partial)).toBe(false);
  expect(usage && totals(usage)).toEqual({ minted: 5000, denied: 0 });
});
