import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWorkspace, startTestApp } from '../auth/test-fixtures';
import { actorInWords } from '../contract/actor-words';
import { AuditEventsQuery } from '../contract/audit-event';
import { exportAuditEvents } from './export';
import { listAuditEvents } from './list';
import { countMintsPerDay } from './per-day';
import { readAuditEvents } from './read';

const environment = await startTestApp();
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const EVENTS = 200;

/**
 * Returns an event's minute. There is one event per minute, and halfway, the database's clock is set back by half an
 * hour.
 */
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
      // Give every tenth actor a label that equals another actor's id.
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

/** Returns the matching events. Checks that the paged list and the export find the same events. */
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
  ])(
    'by time finds every event from minute %i up to %i, even though the clock was set back',
    async (from, to) => {
      const within = SEQS.filter((seq) => minuteOf(seq) >= from && minuteOf(seq) < to);
      expect(await found({ from: at(from), to: at(to) })).toEqual(within);
      expect(await found({ from: at(from) })).toEqual(SEQS.filter((seq) => minuteOf(seq) >= from));
      expect(await found({ to: at(to) })).toEqual(SEQS.filter((seq) => minuteOf(seq) < to));
    },
  );

  it.each([
    ['192.0.2.3,192.0.2.5', [3, 5]],
    ['192.0.2.3,192.0.2.3', [3]],
    ['192.0.2.3, ::ffff:192.0.2.5', [3, 5]],
    ['192.0.2.3,192.0.2.4/31', [3, 4, 5]],
    ['-192.0.2.3', [0, 1, 2, 4, 5, 6]],
    ['-192.0.2.0/30', [4, 5, 6]],
    ['-192.0.2.0/30,-192.0.2.5', [4, 6]],
    ['192.0.2.0/29,-192.0.2.4/30', [0, 1, 2, 3]],
    ['-0.0.0.0/0', []],
    ['-::/0', [0, 1, 2, 3, 4, 5, 6]],
    ['-10.0.0.0/8', [0, 1, 2, 3, 4, 5, 6]],
  ])('by several addresses and without excluded ones finds exactly those: %s', async (ip, last) => {
    expect(await found({ ip })).toEqual(SEQS.filter((seq) => last.includes(seq % 7)));
    expect(await found({ ip, actor: 'id-2' })).toEqual(
      SEQS.filter((seq) => last.includes(seq % 7) && seq % 5 === 2),
    );
  });

  it.each(['', ',', '1.2.3.4,', '--1.2.3.4', '-', '- 1.2.3.4,x', `${'1.2.3.4,'.repeat(20)}1.2.3.5`])(
    'by address is refused for a list with an invalid item: %j',
    (ip) => expect(AuditEventsQuery.safeParse({ ip }).success).toBe(false),
  );

  it('lists the oldest events first on request, and its cursors lead both ways', async () => {
    const list = (cursor?: string | null) =>
      listAuditEvents(workspaceId, {
        ...AuditEventsQuery.parse({ order: 'oldest', limit: '3', actor: 'id-2' }),
        ...(cursor ? { cursor } : {}),
      });
    const seqsOf = ({ data }: { data: { seq: number }[] }) => data.map(({ seq }) => seq);
    const first = await list();
    expect(seqsOf(first)).toEqual([2, 7, 12]);
    expect(first.prev_cursor).toBeNull();
    const second = await list(first.next_cursor);
    expect(seqsOf(second)).toEqual([17, 22, 27]);
    expect(seqsOf(await list(second.prev_cursor))).toEqual([2, 7, 12]);
    expect((await list(second.prev_cursor)).prev_cursor).toBeNull();
  });

  it('by actor matches ids and labels, returns each event once, and combines with other filters', async () => {
    const byActor = SEQS.filter((seq) => seq % 5 === 1 || seq % 10 === 0);
    expect(await found({ actor: 'id-1' })).toEqual(byActor);
    expect(await found({ actor: 'id-1', ip: '192.0.2.3', from: at(20) })).toEqual(
      byActor.filter((seq) => seq % 7 === 3 && minuteOf(seq) >= 20),
    );
    expect(await found({ actor: 'nobody' })).toEqual([]);
  });

  it.each([
    ['::ffff:192.0.2.3', [3]],
    ['::FFFF:C000:0203', [3]],
    ['::ffff:192.0.2.3/128', [3]],
    ['::ffff:192.0.2.2/127', [2, 3]],
    ['192.0.2.3/31', [2, 3]],
    ['::FFFF:C000:0200/120', [0, 1, 2, 3, 4, 5, 6]],
    ['192.0.2.77/24', [0, 1, 2, 3, 4, 5, 6]],
    ['0.0.0.0/0', [0, 1, 2, 3, 4, 5, 6]],
    ['::/0', []],
  ])('by address finds the same events for every spelling of the address: %s', async (ip, last) => {
    expect(await found({ ip })).toEqual(SEQS.filter((seq) => last.includes(seq % 7)));
  });

  it.each([
    { type: 'api_key', id: 'k', label: 'analysis-engine' },
    { type: 'system', id: 'system:sync', label: 'system:sync' },
    { type: 'user', id: 'u', label: 'olivia@acme.test' },
  ] as const)('by actor finds only $label for the wording that the page shows', async (actor) => {
    const one = await makeWorkspace();
    const add = ({ type, id, label }: { type: string; id: string; label: string }) =>
      owner.query(
        `INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, request_id, details)
          VALUES ($1, 'member.added', $2, $3, $4, 'r', '{}')`,
        [one.id, type, id, label],
      );
    await add(actor);
    // Add an actor of another type with the same label. Labels aren't unique, because anyone can pick any name.
    await add({ ...actor, type: actor.type === 'user' ? 'api_key' : 'user', id: 'other' });
    const { data } = await listAuditEvents(one.id, query({ actor: actorInWords(actor) }));
    expect(data.map((event) => event.actor)).toContainEqual(actor);
    if (actor.type !== 'user') expect(data).toHaveLength(1);
  });
});

describe('a clock that jumped forward and back by days', () => {
  const DAY = 86_400_000;
  const now = Date.now();
  /**
   * Each event's offset from today in days: ten events today, ten in three days, ten a week ago, and ten today again.
   */
  const DAYS = [0, 3, -7, 0].flatMap((days) => Array.from({ length: 10 }, () => days));
  const timeOf = (seq: number) => new Date(now + (DAYS[seq - 1] ?? 0) * DAY + seq).toISOString();
  const seqs = DAYS.map((_, index) => index + 1);
  let jumped: string;

  beforeAll(async () => {
    ({ id: jumped } = await makeWorkspace());
    await owner.query('ALTER TABLE audit_events DISABLE TRIGGER audit_events_append');
    for (const seq of seqs)
      await owner.query(
        `INSERT INTO audit_events (workspace_id, seq, occurred_at, workspace_slug, type, actor_type, actor_id,
            actor_label, request_id, details, prev_hash, hash)
          VALUES ($1, $2, $3, 'w', 'github.token_minted', 'system', 'x', 'x', 'r', '{}', '', '')`,
        [jumped, seq, timeOf(seq)],
      );
    await owner.query('INSERT INTO audit_chains VALUES ($1, $2, $3)', [jumped, DAYS.length, '']);
    await owner.query('ALTER TABLE audit_events ENABLE ALWAYS TRIGGER audit_events_append');
  });

  async function both(filters: Record<string, string>): Promise<number[]> {
    const before = workspaceId;
    workspaceId = jumped;
    try {
      return await found(filters);
    } finally {
      workspaceId = before;
    }
  }

  it.each([-8, -7, -1, 0, 2, 3, 4])(
    'hides no event in a period that starts or ends %i days from now',
    async (days) => {
      const time = new Date(now + days * DAY).toISOString();
      const later = new Date(now + (days + 2) * DAY).toISOString();
      expect(await both({ from: time })).toEqual(seqs.filter((seq) => timeOf(seq) >= time));
      expect(await both({ to: time })).toEqual(seqs.filter((seq) => timeOf(seq) < time));
      expect(await both({ from: time, to: later })).toEqual(
        seqs.filter((seq) => timeOf(seq) >= time && timeOf(seq) < later),
      );
      expect(await both({ from: time, to: later, type: 'github.token_minted' })).toEqual(
        seqs.filter((seq) => timeOf(seq) >= time && timeOf(seq) < later),
      );
    },
  );

  it('hides no event from an export', async () => {
    const time = new Date(now - 8 * DAY).toISOString();
    for (const format of ['ndjson', 'csv'] as const) {
      let lines = 0;
      for await (const piece of exportAuditEvents(jumped, format, {
        from: time,
        to: new Date(now - DAY).toISOString(),
      }))
        lines += piece.trimEnd().split('\n').length;
      expect(lines).toBe(format === 'csv' ? 11 : 10);
    }
  });

  it('counts each token of the chart on its own day, and leaves out days in the future', async () => {
    const days = await countMintsPerDay(jumped, 30);
    const minted = new Map<string, number>();
    for (const seq of seqs)
      minted.set(timeOf(seq).slice(0, 10), (minted.get(timeOf(seq).slice(0, 10)) ?? 0) + 1);
    for (const day of days) expect([day.day, day.minted]).toEqual([day.day, minted.get(day.day) ?? 0]);
    expect(days.reduce((sum, day) => sum + day.minted, 0)).toBe(30);
  });
});

describe('types, results and installations', () => {
  const TYPES = [
    'github.token_minted',
    'github.token_denied',
    'api_key.refused',
    'audit.exported',
    'later.type',
  ];
  let id: string;
  beforeAll(async () => {
    ({ id } = await makeWorkspace());
    for (const seq of SEQS.slice(0, 30))
      await owner.query(
        `INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, installation_id, request_id,
            details) VALUES ($1, $2, 'system', 'x', 'x', $3, 'r', '{}')`,
        [id, TYPES[seq % 5], 1 + (seq % 3)],
      );
  });
  const seqs = async (filters: Record<string, string>) => {
    const before = workspaceId;
    workspaceId = id;
    try {
      return await found(filters);
    } finally {
      workspaceId = before;
    }
  };
  const where = (test: (seq: number) => boolean) => SEQS.slice(0, 30).filter(test);

  it('several types or installations find the events of any, and both together those of both', async () => {
    const type = 'github.token_minted,audit.exported,no.such_type';
    expect(await seqs({ type })).toEqual(where((seq) => [0, 3].includes(seq % 5)));
    expect(await seqs({ installation_id: '1,3' })).toEqual(where((seq) => seq % 3 !== 1));
    expect(await seqs({ type, installation_id: '1,3' })).toEqual(
      where((seq) => [0, 3].includes(seq % 5) && seq % 3 !== 1),
    );
  });

  it('a result finds the types that have it, also among chosen types', async () => {
    expect(await seqs({ result: 'refused' })).toEqual(where((seq) => [1, 2].includes(seq % 5)));
    expect(await seqs({ result: 'succeeded' })).toEqual(where((seq) => [0, 3].includes(seq % 5)));
    expect(await seqs({ result: 'refused', type: 'github.token_denied,audit.exported' })).toEqual(
      where((seq) => seq % 5 === 1),
    );
    expect(await seqs({ result: 'refused', type: 'audit.exported' })).toEqual([]);
  });
});

describe('syncs', () => {
  it('are listed unless they are hidden, while changes that a sync found are always listed', async () => {
    const { id } = await makeWorkspace();
    const add = (type: string, actor: string) =>
      owner.query(
        `INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, request_id, details)
          VALUES ($1, $2, 'system', $3, $3, 'r', '{}')`,
        [id, type, actor],
      );
    await add('github.token_minted', 'system:sync');
    await add('github.repositories_added', 'system:sync');
    await add('github.token_minted', 'system:cli');
    const list = async (syncs: Record<string, string>) =>
      (await listAuditEvents(id, query(syncs))).data.map(({ seq }) => seq);
    expect(await list({})).toEqual([3, 2, 1]);
    expect(await list({ syncs: 'show' })).toEqual([3, 2, 1]);
    expect(await list({ syncs: 'hide' })).toEqual([3, 2]);
    expect((await countMintsPerDay(id, 2)).reduce((sum, day) => sum + day.minted, 0)).toBe(1);
  });
});

describe('a range of addresses', () => {
  it.each([
    ['192.0.2.4/31', [4, 5]],
    ['192.0.2.5/31', [4, 5]],
    ['192.0.2.6/32', [6]],
    ['192.0.2.6', [6]],
    ['::ffff:192.0.2.6', [6]],
    ['192.0.2.0/24', [0, 1, 2, 3, 4, 5, 6]],
    ['198.51.100.0/24', []],
    ['2001:db8::/32', []],
  ])('%s finds the events from its addresses', async (ip, rest) => {
    expect(await found({ ip })).toEqual(SEQS.filter((seq) => rest.includes(seq % 7)));
  });
});
