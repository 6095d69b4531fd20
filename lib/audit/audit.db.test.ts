import { createHash } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SYSTEM_CLI } from '../actor';
import { makeWorkspace, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import type { Json } from '../contract/audit-event';
import { inTransaction } from '../db/client';
import { exportAuditEvents } from './export';
import { listAuditEvents } from './list';
import { findAuditEvent } from './read';
import { recordAuditEvent, recordAuditEventNow } from './record';
import { untyped } from './test-event';
import { verifyAuditChain } from './verify';

const environment = await startTestApp();
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
const app = new pg.Client(environment.DATABASE_URL);

beforeAll(() => Promise.all([owner.connect(), app.connect()]));
afterAll(() => Promise.all([owner.end(), app.end()]));

function record(workspaceId: string, details: { [key: string]: Json } = {}) {
  const event = { workspaceId, actor: SYSTEM_CLI, origin: TEST_ORIGIN, details };
  return recordAuditEventNow(untyped({ ...event, type: 'github.token_minted' }));
}

const HOSTILE_DETAILS: { [key: string]: Json } = {
  'é"\\/': 'tab\t, quote ", backslash \\, slash /, bell \u0007, delete \u007f, line \u2028, 😀, \ud800',
  nul: 'a\u0000b',
  b: [1, -5, 0, 9007199254740991, { z: null, a: true, A: false }, []],
  '10': {},
  '9': 'keys sort by code point',
};

/** The triggers that refuse changes of recorded events. */
const REFUSING = ['audit_events_are_append_only', 'audit_events_keep_unarchived'];

/** Returns the lines of a file that arrives in pieces. */
async function linesOf(pieces: AsyncIterable<string>): Promise<string[]> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text.trimEnd().split('\n');
}

describe('the chain', () => {
  it('has the same hashes in the database, in this code and in an independent verifier of twenty lines', async () => {
    const { id } = await makeWorkspace();
    await record(id, HOSTILE_DETAILS);
    await record(id, {});
    expect(await verifyAuditChain(id)).toMatchObject({ ok: true, events: 2 });

    // An independent verifier, written from docs/audit-chain.md alone. It shares no code with the app.
    let previous = '0'.repeat(64);
    for (const line of await linesOf(exportAuditEvents(id, 'ndjson'))) {
      const sortKeys = (_: string, value: unknown) =>
        value && typeof value === 'object' && !Array.isArray(value)
          ? new Map(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
          : value;
      const write = (value: unknown): string => {
        const sorted = sortKeys('', value);
        if (sorted instanceof Map)
          return `{${[...sorted].map(([key, item]) => `${JSON.stringify(key)}:${write(item)}`).join(',')}}`;
        return Array.isArray(sorted) ? `[${sorted.map(write).join(',')}]` : JSON.stringify(sorted);
      };
      const { hash, ...event } = JSON.parse(line);
      expect(event.prev_hash).toBe(previous);
      expect(createHash('sha256').update(write(event)).digest('hex')).toBe(hash);
      previous = hash;
    }
  });

  it('has no gap and no fork under 200 concurrent writers, and each workspace has its own', async () => {
    const [one, two] = [await makeWorkspace(), await makeWorkspace()];
    await Promise.all(Array.from({ length: 200 }, (_, n) => record(n % 2 === 0 ? one.id : two.id, { n })));
    expect(await verifyAuditChain(one.id)).toMatchObject({ ok: true, events: 100 });
    expect(await verifyAuditChain(two.id)).toMatchObject({ ok: true, events: 100 });
  });

  it('drops an event when its transaction rolls back', async () => {
    const { id } = await makeWorkspace();
    const event = untyped({
      workspaceId: id,
      type: 'workspace.created',
      actor: SYSTEM_CLI,
      origin: TEST_ORIGIN,
    });
    await expect(
      inTransaction(async (tx) => {
        await recordAuditEvent(tx, event);
        throw new Error('undone');
      }),
    ).rejects.toThrow('undone');
    await record(id);
    expect(await verifyAuditChain(id)).toMatchObject({ ok: true, events: 1 });
  });

  it('rejects numbers that other languages might write differently, because the hashes would then differ', async () => {
    const { id } = await makeWorkspace();
    await expect(record(id, { fraction: 1.5 })).rejects.toThrow('integers');
    await expect(record(id, { big: 2 ** 60 })).rejects.toThrow('integers');
    expect(await verifyAuditChain(id)).toMatchObject({ ok: true, events: 0 });
  });

  it.each([
    [
      'a changed event',
      "UPDATE audit_events SET actor_label = 'somebody else' WHERE workspace_id = $1 AND seq = 3",
      3,
    ],
    ['a removed event', 'DELETE FROM audit_events WHERE workspace_id = $1 AND seq = 4', 4],
    ['removed last events', 'DELETE FROM audit_events WHERE workspace_id = $1 AND seq > 4', 5],
    [
      'an invalid actor type',
      "UPDATE audit_events SET actor_type = 'root' WHERE workspace_id = $1 AND seq = 5",
      5,
    ],
    [
      'a rewritten hash',
      "UPDATE audit_events SET hash = repeat('a', 64) WHERE workspace_id = $1 AND seq = 2",
      2,
    ],
  ])(
    'reveals %s, even if the database’s owner disabled the triggers to make it',
    async (_, tampering, firstBad) => {
      const { id } = await makeWorkspace();
      for (let n = 0; n < 6; n++) await record(id, { n });
      for (const name of REFUSING) await owner.query(`ALTER TABLE audit_events DISABLE TRIGGER ${name}`);
      try {
        await owner.query(tampering, [id]);
      } finally {
        for (const name of REFUSING)
          await owner.query(`ALTER TABLE audit_events ENABLE ALWAYS TRIGGER ${name}`);
      }
      expect(await verifyAuditChain(id)).toMatchObject({ ok: false, first_bad: firstBad });
      const noLonger = () => Promise.reject(new Error('no longer an admin'));
      await expect(verifyAuditChain(id, noLonger)).rejects.toThrow('no longer an admin');
    },
  );
});

describe('an audit row', () => {
  it.each([
    ["UPDATE audit_events SET type = 'x'", 'permission denied'],
    ['DELETE FROM audit_events', 'permission denied'],
    ['TRUNCATE audit_events', 'permission denied'],
    ["UPDATE audit_chains SET head_hash = ''", 'permission denied'],
    ['DELETE FROM audit_chains', 'permission denied'],
    ['ALTER TABLE audit_events DISABLE TRIGGER ALL', 'must be owner'],
    ['DROP TRIGGER audit_events_append ON audit_events', 'must be owner'],
    ["SET session_replication_role = 'replica'", 'permission denied'],
    ['UPDATE workspaces SET id = gen_random_uuid()', 'permission denied'],
    ["UPDATE workspaces SET slug = slug || '-before'", 'permission denied'],
  ])('cannot be changed with the app’s database role: %s', async (statement, refusal) => {
    await record((await makeWorkspace()).id);
    await expect(app.query(statement)).rejects.toThrow(refusal);
  });

  it('cannot be given its number, time or hash by the app', async () => {
    const { id } = await makeWorkspace();
    for (const column of ['seq', 'occurred_at', 'prev_hash', 'hash', 'workspace_slug', 'id'])
      await expect(
        app.query(`INSERT INTO audit_events (workspace_id, ${column}) VALUES ('${id}', NULL)`),
      ).rejects.toThrow('permission denied');
  });

  it('cannot be forged by temporary tables that shadow the real ones', async () => {
    const { id } = await makeWorkspace();
    await record(id);
    // The app's database role isn't allowed to create temporary tables. Even if it were, the trigger must ignore them.
    await owner.query(`GRANT TEMPORARY ON DATABASE ${pg.escapeIdentifier(owner.database ?? '')} TO PUBLIC`);
    await app.query(`CREATE TEMP TABLE audit_chains (workspace_id uuid, seq bigint, head_hash text);
      CREATE TEMP TABLE workspaces (id uuid, slug text);
      GRANT ALL ON pg_temp.audit_chains, pg_temp.workspaces TO PUBLIC;
      INSERT INTO pg_temp.audit_chains VALUES ('${id}', 41, repeat('f', 64));
      INSERT INTO pg_temp.workspaces VALUES ('${id}', 'another-workspace')`);
    await app.query(`INSERT INTO public.audit_events (workspace_id, type, actor_type, actor_id, actor_label, request_id, details)
      VALUES ('${id}', 'x', 'system', 'x', 'x', 'x', '{}')`);
    await app.query('DROP TABLE pg_temp.audit_chains, pg_temp.workspaces');
    await record(id);
    expect(await verifyAuditChain(id)).toMatchObject({ ok: true, events: 3 });
  });

  it.each([
    "UPDATE audit_events SET type = 'x'",
    'DELETE FROM audit_events',
    'TRUNCATE audit_events',
    "SET session_replication_role = 'replica'; DELETE FROM audit_events",
  ])('cannot be changed by a mistake of the database’s owner either: %s', async (statement) => {
    await record((await makeWorkspace()).id);
    await expect(owner.query(statement)).rejects.toThrow(/append-only|permission denied/);
    await owner.query('RESET session_replication_role').catch(() => {});
  });
});

describe('the list', () => {
  it('pages by key in both directions without missing or repeating an event', async () => {
    const { id } = await makeWorkspace();
    for (let n = 1; n <= 7; n++) await record(id, { n });
    const seqs = (page: { data: { seq: number }[] }) => page.data.map(({ seq }) => seq);
    const first = await listAuditEvents(id, { limit: 3 });
    expect([seqs(first), first.prev_cursor]).toEqual([[7, 6, 5], null]);
    await record(id, { n: 8 });
    const second = await listAuditEvents(id, { limit: 3, cursor: first.next_cursor ?? '' });
    expect(seqs(second)).toEqual([4, 3, 2]);
    const third = await listAuditEvents(id, { limit: 3, cursor: second.next_cursor ?? '' });
    expect([seqs(third), third.next_cursor]).toEqual([[1], null]);
    const back = await listAuditEvents(id, { limit: 3, cursor: second.prev_cursor ?? '' });
    expect(seqs(back)).toEqual([7, 6, 5]);
    const newest = await listAuditEvents(id, { limit: 3, cursor: back.prev_cursor ?? '' });
    expect([seqs(newest), newest.prev_cursor]).toEqual([[8], null]);
  });

  it('contains only events that fit every filter, and none from another workspace', async () => {
    const [{ id }, other] = [await makeWorkspace(), await makeWorkspace()];
    await record(id, { repositories: [{ full_name: 'acme/api' }] });
    await record(id, { repositories: [{ full_name: '100%_acme' }] });
    await record(other.id, { repositories: [{ full_name: 'acme/api' }] });
    const count = async (query: object) => (await listAuditEvents(id, { limit: 50, ...query })).data.length;
    expect(await count({})).toBe(2);
    expect(await count({ q: 'ACME/api' })).toBe(1);
    expect(await count({ q: '0%_a' })).toBe(1);
    expect(await count({ q: '%' })).toBe(1);
    expect(await count({ actor: 'system:cli', type: 'github.token_minted', ip: '192.0.2.7' })).toBe(2);
    expect(await count({ actor: 'system:cli', type: 'github.token_denied' })).toBe(0);
    expect(await count({ ip: '192.0.2.8' })).toBe(0);
    expect(await count({ from: '2000-01-01T00:00:00Z', to: '2000-01-02T00:00:00Z' })).toBe(0);
    await expect(count({ cursor: "o1' OR 1=1" })).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('one event', () => {
  it('is found by its number in its own workspace only, and invalid numbers find nothing', async () => {
    const [one, other] = [await makeWorkspace(), await makeWorkspace()];
    for (const n of [1, 2]) await record(one.id, { n });
    await record(other.id, { n: 'of another workspace' });
    expect(await findAuditEvent(one.id, '2')).toMatchObject({ seq: 2, details: { n: 2 } });
    expect(await findAuditEvent(other.id, '1')).toMatchObject({ details: { n: 'of another workspace' } });
    expect(await findAuditEvent(other.id, '2')).toBeNull();
    for (const seq of [
      '3',
      '0',
      '-1',
      '1.0',
      '1e0',
      ' 1',
      '٢',
      '',
      "1' OR 1=1",
      '9'.repeat(15),
      '9'.repeat(400),
    ])
      expect(await findAuditEvent(one.id, seq), seq).toBeNull();
  });
});

describe('the CSV export', () => {
  it('is safe to open in a spreadsheet and keeps each event in one record', async () => {
    const { id } = await makeWorkspace();
    for (const label of ['=cmd|calc', '+1', '-1', '@SUM(A1)', 'a,b', 'say "hi"', 'line\nbreak'])
      await recordAuditEventNow(
        untyped({
          workspaceId: id,
          type: 'member.added',
          actor: { type: 'user', id: 'u', label },
          origin: TEST_ORIGIN,
        }),
      );
    let text = '';
    for await (const piece of exportAuditEvents(id, 'csv')) text += piece;
    for (const cell of [
      ",'=cmd|calc,",
      ",'+1,",
      ",'-1,",
      ",'@SUM(A1),",
      ',"a,b",',
      ',"say ""hi""",',
      ',"line\nbreak",',
    ])
      expect(text).toContain(cell);
    expect(text.trimEnd().split('\r\n')).toHaveLength(8);
  });
});
