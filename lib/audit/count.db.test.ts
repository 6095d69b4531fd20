import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeWorkspace, startTestApp } from '../auth/test-fixtures';
import { AuditEventsQuery } from '../contract/audit-event';
import { countAuditEvents, MOST_COUNTED } from './count';

const environment = await startTestApp();
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
const EVENTS = 25_000;
let workspaceId: string;

beforeAll(async () => {
  await owner.connect();
  ({ id: workspaceId } = await makeWorkspace());
  const other = await makeWorkspace();
  await owner.query('ALTER TABLE audit_events DISABLE TRIGGER USER');
  for (const id of [workspaceId, other.id]) {
    await owner.query(
      `INSERT INTO audit_events (workspace_id, seq, occurred_at, workspace_slug, type, actor_type, actor_id, actor_label,
          client_ip, request_id, details, prev_hash, hash)
        SELECT $1, n, now() - ($2::int - n) * interval '1 minute', 'w',
          CASE WHEN n % 100 = 0 THEN 'github.token_denied' ELSE 'github.token_minted' END, 'api_key', 'key-' || n % 4,
          'engine', ('203.0.113.' || n % 5)::inet, 'r', jsonb_build_object('n', n), '', ''
        FROM generate_series(1, $2::int) AS n`,
      [id, EVENTS],
    );
    await owner.query('INSERT INTO audit_chains VALUES ($1, $2, $3)', [id, EVENTS, '']);
  }
  await owner.query('ALTER TABLE audit_events ENABLE TRIGGER USER');
  await owner.query('ANALYZE audit_events');
});
afterAll(() => owner.end());

const count = (filters: Record<string, string>) => {
  const { limit: _, ...given } = AuditEventsQuery.parse(filters);
  return countAuditEvents(workspaceId, given);
};

it.each([
  [{ type: 'github.token_denied' }, 250],
  [{ result: 'refused', ip: '203.0.113.0' }, 250],
  [{ result: 'refused', ip: '203.0.113.1' }, 0],
  [{ actor: 'key-3' }, 6250],
  [{ actor: 'key-3', ip: '203.0.113.1,203.0.113.2' }, 2500],
  [{ actor: 'nobody' }, 0],
  [{ repository: 'acme/api' }, 0],
  [{ repository: 'acme/api', type: 'api_key.created' }, 0],
  [{ from: '2001-01-01T00:00:00Z', to: '2001-01-02T00:00:00Z' }, 0],
] as const)('is exact below the bound: %j', async (filters, events) => {
  expect(await count(filters)).toEqual({ events, more: false });
});

it.each([{}, { type: 'github.token_minted' }, { result: 'succeeded' }, { syncs: 'hide' }, { q: 'engine' }])(
  'stops at the bound, and says that there are more: %j',
  async (filters) => expect(await count(filters)).toEqual({ events: MOST_COUNTED, more: true }),
);

it('counts a text and a range among the newest events only, and says that there may be more', async () => {
  // Eleven events match, and one is older than the newest 20,000.
  expect(await count({ q: '"n": 2412' })).toEqual({ events: 10, more: true });
  expect(await count({ ip: '-203.0.113.0/30' })).toEqual({ events: 4000, more: true });
});

it('is exact for a text within a period of fewer events', async () => {
  const from = new Date(Date.now() - 100 * 60_000).toISOString();
  const { events, more } = await count({ q: 'engine', from });
  expect(more).toBe(false);
  expect([98, 99, 100]).toContain(events);
});
