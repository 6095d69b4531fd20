import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWorkspace, startTestApp } from '../auth/test-fixtures';
import { actorInWords } from '../contract/actor-words';
import { AuditEventsQuery } from '../contract/audit-event';
import { listAuditEvents } from './list';
import { readAuditEvents } from './read';

const environment = await startTestApp();
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const EVENTS = 200;

/** One event a minute; in the middle the database's clock was set back by half an hour. */
const minuteOf = (seq: number) => (seq <= EVENTS / 2 ? seq : seq - 30);
const at = (minute: number) => new Date(START + minute * MINUTE).toISOString();
const SEQS = Array.from({ length: EVENTS }, (_, n) => n + 1);

let workspaceId: string;
beforeAll(async () => {
  await owner.connect();
  ({ id: workspaceId } = await makeWorkspace());
  await owner.query('ALTER TABLE audit_events DISABLE TRIGGER audit_events_append');
  for (const seq of SEQS)
    await owner.query(
      `INSERT INTO audit_events (workspace_id, seq, occurred_at, workspace_slug, type, actor_type, actor_id, actor_label,
          client_ip, request_id, details, prev_hash, hash)
        VALUES ($1, $2, $3, 'w', 'member.added', 'user', $4, $5, $6, 'r', '{}', '', '')`,
      // Every tenth is by somebody whose label is the id of another.
      [
        workspaceId,
        seq,
        at(minuteOf(seq)),
        `id-${seq % 5}`,
        seq % 10 === 0 ? 'id-1' : 'x',
        `192.0.2.${seq % 7}`,
      ],
    );
  await owner.query('INSERT INTO audit_chains VALUES ($1, $2, $3)', [workspaceId, EVENTS, '']);
  await owner.query('ALTER TABLE audit_events ENABLE ALWAYS TRIGGER audit_events_append');
});
afterAll(() => owner.end());

const query = (filters: Record<string, string>) => AuditEventsQuery.parse({ ...filters, limit: '100' });

/** All pages of the list, and the export, which have to agree. */
async function found(filters: Record<string, string>): Promise<number[]> {
  const listed: number[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await listAuditEvents(workspaceId, { ...query(filters), ...(cursor ? { cursor } : {}) });
    listed.push(...page.data.map(({ seq }) => seq));
    cursor = page.next_cursor;
  }
  const { limit: _, ...given } = query(filters);
  const exported: number[] = [];
  for await (const { seq } of readAuditEvents(workspaceId, given)) exported.push(seq);
  expect(exported).toEqual([...listed].reverse());
  return exported;
}

describe('a filter', () => {
  it.each([
    [0, 300],
    [40, 60],
    [65, 90],
    [75, 100],
    [100, 171],
    [-500, -400],
    [400, 500],
  ])('by time finds each event from minute %i up to %i, though the clock was set back', async (from, to) => {
    const within = SEQS.filter((seq) => minuteOf(seq) >= from && minuteOf(seq) < to);
    expect(await found({ from: at(from), to: at(to) })).toEqual(within);
    expect(await found({ from: at(from) })).toEqual(SEQS.filter((seq) => minuteOf(seq) >= from));
    expect(await found({ to: at(to) })).toEqual(SEQS.filter((seq) => minuteOf(seq) < to));
  });

  it('by actor finds ids and labels, each event once, together with other filters', async () => {
    const byActor = SEQS.filter((seq) => seq % 5 === 1 || seq % 10 === 0);
    expect(await found({ actor: 'id-1' })).toEqual(byActor);
    expect(await found({ actor: 'id-1', ip: '192.0.2.3', from: at(20) })).toEqual(
      byActor.filter((seq) => seq % 7 === 3 && minuteOf(seq) >= 20),
    );
    expect(await found({ actor: 'nobody' })).toEqual([]);
  });

  it.each([
    { type: 'api_key', id: 'k', label: 'analysis-engine' },
    { type: 'system', id: 'system:sync', label: 'system:sync' },
    { type: 'user', id: 'u', label: 'olivia@acme.test' },
  ] as const)('by actor finds $label by the words that the page shows, and nobody else', async (actor) => {
    const one = await makeWorkspace();
    const add = ({ type, id, label }: { type: string; id: string; label: string }) =>
      owner.query(
        `INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, request_id, details)
          VALUES ($1, 'member.added', $2, $3, $4, 'r', '{}')`,
        [one.id, type, id, label],
      );
    await add(actor);
    // A person may call themselves as a key is called.
    await add({ ...actor, type: actor.type === 'user' ? 'api_key' : 'user', id: 'other' });
    const { data } = await listAuditEvents(one.id, query({ actor: actorInWords(actor) }));
    expect(data.map((event) => event.actor)).toContainEqual(actor);
    if (actor.type !== 'user') expect(data).toHaveLength(1);
  });
});
