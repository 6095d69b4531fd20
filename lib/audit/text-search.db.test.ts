import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWorkspace, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import { AuditEventsQuery, type Json } from '../contract/audit-event';
import { query, sql } from '../db/sql';
import { listAuditEvents } from './list';
import { WHOLE } from './range';
import { readAuditEvents, SELECT_EVENT } from './read';
import { recordAuditEventNow } from './record';
import { selectEvents } from './select-events';
import { untyped } from './test-event';

const environment = await startTestApp();
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
beforeAll(() => owner.connect());
afterAll(() => owner.end());

const HASH = '+aB3/xYz9uN0Qm7LrT5vWc2dEf8gHi1jKl4mNo6pQs=';

async function log(...all: { label?: string; requestId?: string; details?: { [key: string]: Json } }[]) {
  const { id } = await makeWorkspace();
  for (const { label = 'engine', requestId = 'r', details = {} } of all)
    await recordAuditEventNow(
      untyped({
        workspaceId: id,
        type: 'member.added',
        actor: { type: 'user', id: 'u', label },
        origin: { ...TEST_ORIGIN, requestId },
        details,
      }),
    );
  return id;
}

async function found(workspaceId: string, q: string): Promise<number[]> {
  const { data } = await listAuditEvents(workspaceId, AuditEventsQuery.parse({ q, limit: '100' }));
  const listed = data.map(({ seq }) => seq).reverse();
  const exported: number[] = [];
  for await (const { seq } of readAuditEvents(workspaceId, { q })) exported.push(seq);
  expect(exported).toEqual(listed);
  return listed;
}

const named = (...names: string[]) => ({
  details: { repositories: names.map((full_name) => ({ full_name })) },
});

describe('a search for a text', () => {
  it('finds only the named repository if the text is a full name', async () => {
    const id = await log(
      named('acme/api'),
      named('acme/api-gateway'),
      named('my-acme/api'),
      named('acme/api.js'),
      named('acme/web', 'ACME/API'),
      { details: { clone_url: 'https://github.com/acme/api.git' } },
      named('acme/apiXjs'),
    );
    expect(await found(id, 'acme/api')).toEqual([1, 5, 6]);
    expect(await found(id, 'acme/api.js')).toEqual([4]);
    expect(await found(id, 'acme/')).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await found(id, '/api')).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('finds the text anywhere in labels and details, and at the beginning of request ids and hashes', async () => {
    const requestId = randomUUID();
    const id = await log({ label: 'olivia@acme.test' }, { requestId }, { details: { hashed_token: HASH } });
    expect(await found(id, 'livia@AC')).toEqual([1]);
    expect(await found(id, requestId)).toEqual([2]);
    expect(await found(id, requestId.slice(0, 9).toUpperCase())).toEqual([2]);
    expect(await found(id, HASH)).toEqual([3]);
    expect(await found(id, HASH.slice(0, 12))).toEqual([3]);
    expect(await found(id, 'nothing')).toEqual([]);
  });

  it.each(['%', '_', '\\', "'", '"', '.*', '(', 'a/[b', '\n', '🙂', ' '])(
    'takes %j literally',
    async (text) => {
      const id = await log({ label: 'plain' }, { label: `x${text}y` });
      expect(await found(id, `x${text}y`)).toEqual([2]);
    },
  );
});

describe('in a long log', () => {
  const EVENTS = 12_000;
  let workspaceId: string;
  beforeAll(async () => {
    ({ id: workspaceId } = await makeWorkspace());
    const other = await makeWorkspace();
    await owner.query('ALTER TABLE audit_events DISABLE TRIGGER USER');
    for (const id of [workspaceId, other.id]) {
      await owner.query(
        `INSERT INTO audit_events (workspace_id, seq, occurred_at, workspace_slug, type, actor_type, actor_id, actor_label,
            client_ip, request_id, details, prev_hash, hash)
          SELECT $1, n, now(), 'w', 'member.added', 'user', 'u', CASE WHEN n = 5 THEN 'rarest' ELSE 'engine' END,
            CASE WHEN n = 7 THEN '198.51.100.9'::inet ELSE '203.0.113.7' END, gen_random_uuid()::text,
            jsonb_build_object('n', n), '', '' FROM generate_series(1, $2::int) AS n`,
        [id, EVENTS],
      );
      await owner.query('INSERT INTO audit_chains VALUES ($1, $2, $3)', [id, EVENTS, '']);
    }
    await owner.query('ALTER TABLE audit_events ENABLE TRIGGER USER');
    await owner.query('ANALYZE audit_events');
  });

  const list = (filters: Record<string, string>) =>
    listAuditEvents(workspaceId, AuditEventsQuery.parse(filters));

  it('finds rare old events, and lists frequent ones newest first on every page', async () => {
    expect((await list({ q: 'rarest' })).data.map(({ seq }) => seq)).toEqual([5]);
    expect((await list({ ip: '198.51.100.0/24' })).data.map(({ seq }) => seq)).toEqual([7]);
    const first = await list({ q: 'engine', limit: '3' });
    expect(first.data.map(({ seq }) => seq)).toEqual([EVENTS, EVENTS - 1, EVENTS - 2]);
    const second = await list({ q: 'engine', limit: '3', cursor: first.next_cursor ?? '' });
    expect(second.data.map(({ seq }) => seq)).toEqual([EVENTS - 3, EVENTS - 4, EVENTS - 5]);
    const back = await list({ q: 'engine', limit: '3', cursor: second.prev_cursor ?? '' });
    expect(back.data).toEqual(first.data);
  });

  it.each(['nothing-like-this', 'rarest', 'acme/nothing'])(
    'uses the index and no scan to find %s',
    async (q) => {
      const statement = selectEvents(
        SELECT_EVENT,
        { workspaceId, filters: { q }, range: WHOLE },
        { order: 'DESC', limit: 26, way: 'indexes' },
      );
      const rows = await query('work', sql<{ 'QUERY PLAN': string }>`EXPLAIN ${statement}`);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toContain('audit_events_text_idx');
      expect(plan).not.toMatch(/Seq Scan|audit_events_pkey/);
    },
  );
});
