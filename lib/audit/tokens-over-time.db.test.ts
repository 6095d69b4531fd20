import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeWorkspace, startTestApp } from '../auth/test-fixtures';
import { AuditEventsQuery } from '../contract/audit-event';
import { countTokens } from './tokens-over-time';

const environment = await startTestApp();
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
const NOW = new Date('2026-11-30T12:30:00Z');
const HOURS = 40 * 24;
let workspaceId: string;

/** One token each hour for forty days. Every tenth is refused, and every third is of the key `a`. */
beforeAll(async () => {
  await owner.connect();
  ({ id: workspaceId } = await makeWorkspace());
  await owner.query('ALTER TABLE audit_events DISABLE TRIGGER USER');
  await owner.query(
    `INSERT INTO audit_events (workspace_id, seq, occurred_at, workspace_slug, type, actor_type, actor_id, actor_label,
        client_ip, request_id, details, prev_hash, hash)
      SELECT $1, n, $3::timestamptz - ($2::int - n) * interval '1 hour', 'w',
        CASE WHEN n % 10 = 0 THEN 'github.token_denied' ELSE 'github.token_minted' END, 'api_key',
        CASE WHEN n % 3 = 0 THEN 'a' ELSE 'b' END, 'x', ('203.0.113.' || n % 5)::inet, 'r', '{"a":"word"}', '', ''
      FROM generate_series(1, $2::int) AS n`,
    [workspaceId, HOURS, NOW],
  );
  await owner.query('INSERT INTO audit_chains VALUES ($1, $2, $3)', [workspaceId, HOURS, '']);
  await owner.query('ALTER TABLE audit_events ENABLE TRIGGER USER');
});
afterAll(() => owner.end());

const count = (filters: Record<string, string>, zone = 'UTC') => {
  const { limit: _, ...given } = AuditEventsQuery.parse(filters);
  return countTokens(workspaceId, given, zone, NOW);
};
const totals = ({ spans }: Awaited<ReturnType<typeof count>>) => ({
  spans: spans.length,
  minted: spans.reduce((sum, { minted }) => sum + minted, 0),
  denied: spans.reduce((sum, { denied }) => sum + denied, 0),
});

it('counts the last 30 days by day without a filter', async () => {
  const chart = await count({});
  expect(chart.unit).toBe('day');
  expect(chart.spans).toHaveLength(30);
  expect(chart.spans.at(0)?.local).toBe('2026-11-01T00:00');
  expect(chart.spans.at(-1)).toMatchObject({ local: '2026-11-30T00:00', partial: false });
  for (const { minted, denied } of chart.spans.slice(0, -1)) expect(minted + denied).toBe(24);
  // One token at half past each hour, from 00:30 to 12:30.
  expect((chart.spans.at(-1)?.minted ?? 0) + (chart.spans.at(-1)?.denied ?? 0)).toBe(13);
});

it('counts up to three days by hour, and longer periods by day', async () => {
  const three = await count({ from: '2026-11-20T00:00:00Z', to: '2026-11-23T00:00:00Z' });
  expect(three.unit).toBe('hour');
  expect(totals(three)).toEqual({ spans: 72, minted: 65, denied: 7 });
  expect(three.spans.at(-1)?.local).toBe('2026-11-22T23:00');
  const four = await count({ from: '2026-11-20T00:00:00Z', to: '2026-11-24T00:00:00Z' });
  expect(four.unit).toBe('day');
  expect(four.spans.map(({ local }) => local.slice(0, 10))).toEqual([
    '2026-11-20',
    '2026-11-21',
    '2026-11-22',
    '2026-11-23',
  ]);
});

it('follows every filter', async () => {
  const day = { from: '2026-11-20T00:00:00Z', to: '2026-11-21T00:00:00Z' };
  const all = totals(await count(day));
  expect(all.minted + all.denied).toBe(24);
  const [ofA, ofB] = [
    totals(await count({ ...day, actor: 'a' })),
    totals(await count({ ...day, actor: 'b' })),
  ];
  expect([ofA.minted + ofB.minted, ofA.denied + ofB.denied]).toEqual([all.minted, all.denied]);
  expect(ofA.minted + ofA.denied).toBe(8);
  expect(totals(await count({ ...day, result: 'refused' }))).toEqual({ ...all, minted: 0 });
  expect(totals(await count({ ...day, type: 'github.token_minted' }))).toEqual({ ...all, denied: 0 });
  expect(totals(await count({ ...day, q: 'word' }))).toEqual(all);
  const inside = totals(await count({ ...day, ip: '203.0.113.0/31' }));
  const outside = totals(await count({ ...day, ip: '-203.0.113.0/31' }));
  expect(inside.minted + outside.minted).toBe(all.minted);
  for (const none of [
    { actor: 'nobody' },
    { type: 'api_key.created' },
    { q: 'nothing' },
    { repository: 'acme/api' },
  ])
    expect(totals(await count({ ...day, ...none })), JSON.stringify(none)).toEqual({
      spans: 24,
      minted: 0,
      denied: 0,
    });
});

it('begins days at midnight in the reader’s zone', async () => {
  const chart = await count({ from: '2026-11-19T15:00:00Z', to: '2026-11-24T15:00:00Z' }, 'Asia/Tokyo');
  expect(chart.spans.map(({ local }) => local)).toEqual(
    [20, 21, 22, 23, 24].map((day) => `2026-11-${day}T00:00`),
  );
  for (const { minted, denied } of chart.spans) expect(minted + denied).toBe(24);
});

it('shows the end of a period that is too long to draw', async () => {
  const chart = await count({ from: '2020-01-01T00:00:00Z' });
  expect(chart.spans.length).toBeLessThanOrEqual(93);
  expect(chart.spans.at(-1)?.local).toBe('2026-11-30T00:00');
});

it.each([{ q: 'word' }, { actor: 'a' }, { ip: '203.0.113.0/24' }, {}])(
  'stops at 20,000 events, leaves out the days before, and marks the day of the cut: %j',
  async (filters) => {
    const { id } = await makeWorkspace();
    await owner.query('ALTER TABLE audit_events DISABLE TRIGGER USER');
    await owner.query(
      `INSERT INTO audit_events (workspace_id, seq, occurred_at, workspace_slug, type, actor_type, actor_id, actor_label,
          client_ip, request_id, details, prev_hash, hash)
        SELECT $1, n, $2::timestamptz - (25000 - n) * interval '1 minute', 'w', 'github.token_minted', 'api_key', 'a', 'x',
          '203.0.113.7', 'r', jsonb_build_object('a', CASE n % 2 WHEN 0 THEN 'word' ELSE 'x' END), '', ''
        FROM generate_series(1, 25000) AS n`,
      [id, NOW],
    );
    await owner.query('INSERT INTO audit_chains VALUES ($1, 25000, $2)', [id, '']);
    await owner.query('ALTER TABLE audit_events ENABLE TRIGGER USER');
    const { limit: _, ...given } = AuditEventsQuery.parse(filters);
    const { spans } = await countTokens(id, given, 'UTC', NOW);
    // The newest 20,000 minutes reach back to 2026-11-16 15:11.
    expect(spans.map(({ local }) => local.slice(8, 10)).join()).toBe(
      '16,17,18,19,20,21,22,23,24,25,26,27,28,29,30',
    );
    expect(spans.map(({ partial }) => partial)).toEqual(spans.map((_, index) => index === 0));
    // Every second event has the text.
    expect(spans.reduce((sum, { minted }) => sum + minted, 0)).toBe('q' in filters ? 10_000 : 20_000);
  },
);
