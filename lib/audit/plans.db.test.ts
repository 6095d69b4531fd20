/** Checks the query plans of audit log pages on a long log, for every combination of up to three API filters. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeWorkspace, startTestApp } from '../auth/test-fixtures';
import { AuditEventsQuery } from '../contract/audit-event';
import type { Plan } from '../testing/test-plans';
import { countAuditEvents } from './count';
import { listAuditEvents, listNewestOfTypes } from './list';
import { countMintsPerDay } from './per-day';
import { suggestActors } from './suggestions';
import { countTokens } from './tokens-over-time';

const EVENTS = 20_000;

const environment = await startTestApp();
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
let workspaceId: string;

beforeAll(async () => {
  await owner.connect();
  ({ id: workspaceId } = await makeWorkspace());
  const other = await makeWorkspace();
  await owner.query('ALTER TABLE audit_events DISABLE TRIGGER USER');
  for (const id of [workspaceId, other.id]) {
    await owner.query(
      `INSERT INTO audit_events (workspace_id, seq, occurred_at, workspace_slug, type, actor_type, actor_id, actor_label,
          installation_id, client_ip, request_id, details, prev_hash, hash)
        SELECT $1, n, now() - ($2::int - n) * interval '1 minute', 'w',
          CASE WHEN n % 10 = 0 THEN 'github.token_denied' ELSE 'github.token_minted' END,
          'api_key', 'key-' || n % 4, 'engine ' || n % 4, 1 + n % 3, ('203.0.113.' || n % 5)::inet,
          gen_random_uuid()::text, jsonb_build_object('hashed_token', gen_random_uuid(), 'repositories',
            jsonb_build_array(jsonb_build_object('full_name', 'acme/r' || n % 50, 'id', n % 50))), '', ''
        FROM generate_series(1, $2::int) AS n`,
      [id, EVENTS],
    );
    await owner.query(
      `INSERT INTO minted_repositories (workspace_id, repository_id, seq, name)
        SELECT workspace_id, seq % 50, seq, 'acme/r' || seq % 50 FROM audit_events
        WHERE workspace_id = $1 AND type = 'github.token_minted'`,
      [id],
    );
    await owner.query('INSERT INTO audit_chains VALUES ($1, $2, $3)', [id, EVENTS, '']);
  }
  await owner.query('ALTER TABLE audit_events ENABLE TRIGGER USER');
  await owner.query('VACUUM ANALYZE audit_events');
  await owner.query('ANALYZE minted_repositories');
});
afterAll(() => owner.end());

/** Filter values that many events match, and values that none matches. */
const COMMON: Record<string, Record<string, string>> = {
  type: { type: 'github.token_minted' },
  types: { type: 'github.token_denied,github.token_minted,api_key.created' },
  actor: { actor: 'engine 1 (API key)' },
  installation: { installation_id: '2' },
  repository: { repository: 'acme/r7' },
  ip: { ip: '203.0.113.3' },
  addresses: { ip: '203.0.113.3,203.0.113.4' },
  outside: { ip: '-203.0.113.0/31' },
  result: { result: 'succeeded' },
  network: { ip: '203.0.113.0/24' },
  time: {
    from: new Date(Date.now() - 10 * 86_400_000).toISOString(),
    to: new Date(Date.now() - 86_400_000).toISOString(),
  },
  text: { q: 'engine' },
  syncs: { syncs: 'hide' },
};
const NONE: Record<string, Record<string, string>> = {
  type: { type: 'no.such_type' },
  actor: { actor: 'nobody' },
  installation: { installation_id: '9' },
  repository: { repository: 'acme/nothing' },
  ip: { ip: '192.0.2.1' },
  network: { ip: '192.0.2.0/24' },
  types: { type: 'no.such_type,nor.such_a_type' },
  addresses: { ip: '192.0.2.1,192.0.2.2' },
  outside: { ip: '-203.0.113.0/24' },
  result: { result: 'refused', type: 'github.token_minted' },
  time: { from: '2001-01-01T00:00:00Z', to: '2001-01-02T00:00:00Z' },
  text: { q: 'no-event-has-this' },
};
const OLDEST_PAGE = Buffer.from(JSON.stringify(['newer', 0])).toString('base64url');

/** Filters of which an address can have only one. */
const SAME_PARAMETER = [
  ['ip', 'addresses', 'network', 'outside'],
  ['type', 'types'],
];

/** Three at most: only actor, text and repository read several indexes, so a fourth filter adds no new kind of plan. */
function combinations(): string[][] {
  let all: string[][] = [[]];
  for (const name of Object.keys(COMMON)) all = [...all, ...all.map((names) => [...names, name])];
  const isPossible = (names: string[]) =>
    SAME_PARAMETER.every((same) => same.filter((name) => names.includes(name)).length <= 1);
  return all.filter((names) => names.length <= 3 && isPossible(names));
}

type Statement = { text: string; values: unknown[] };

/** Runs `read`, and returns its statements on the log, each with the settings of its transaction. */
async function statementsOf(read: () => Promise<unknown>): Promise<(Statement & { begin: string })[]> {
  const spied = vi.spyOn(pg.Client.prototype, 'query');
  try {
    await read();
    const found: (Statement & { begin: string })[] = [];
    let begin = 'BEGIN';
    for (const [each] of spied.mock.calls) {
      const statement = each as unknown as Statement | string;
      if (typeof statement !== 'object') begin = statement.startsWith('BEGIN') ? statement : 'BEGIN';
      else if (/audit_events|minted_repositories/.test(statement.text)) found.push({ ...statement, begin });
    }
    return found;
  } finally {
    spied.mockRestore();
  }
}

const LOGS = new Set(['audit_events', 'minted_repositories']);

/** `entries` of an index without their rows are much cheaper than `rows`. */
type Examined = { rows: number; entries: number };

/**
 * Counts the log rows and index entries that the plan examined.
 *
 * @throws if the plan has a sequential scan over a log table
 */
function examined(plan: Plan): Examined {
  const sum = (plan.Plans ?? [])
    .map(examined)
    .reduce((one, other) => add(one, other), { rows: 0, entries: 0 });
  if (!LOGS.has(plan['Relation Name'] ?? '')) return sum;
  if (plan['Node Type'] === 'Seq Scan') throw new Error(`sequential scan over ${plan['Relation Name']}`);
  const removed = (plan['Rows Removed by Filter'] ?? 0) + (plan['Rows Removed by Index Recheck'] ?? 0);
  const passed = (plan['Actual Rows'] + removed) * plan['Actual Loops'];
  return plan['Node Type'] === 'Index Only Scan'
    ? add(sum, { rows: 0, entries: passed })
    : add(sum, { rows: passed, entries: 0 });
}

const add = (one: Examined, other: Examined): Examined => ({
  rows: one.rows + other.rows,
  entries: one.entries + other.entries,
});

async function examinedBy(read: () => Promise<unknown>): Promise<Examined> {
  let sum: Examined = { rows: 0, entries: 0 };
  for (const { text, values, begin } of await statementsOf(read)) {
    await owner.query(begin);
    const explained = await owner.query(`EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${text}`, values);
    await owner.query('COMMIT');
    sum = add(sum, examined(explained.rows[0]['QUERY PLAN'][0].Plan));
  }
  return sum;
}

const page = (filters: Record<string, string>, cursor?: string) => () =>
  listAuditEvents(
    workspaceId,
    AuditEventsQuery.parse({ limit: '25', ...filters, ...(cursor === undefined ? {} : { cursor }) }),
  );
/**
 * Cap on the rows that a page may examine. The worst case is a repository's 400 tokens, in each of the 18 branches that
 * the actor, text and repository filters produce together.
 */
const MOST_ROWS = 8000;

/** Cap on the index entries that a page may examine: each event once in the indexes of two filters. */
const MOST_ENTRIES = 2 * EVENTS;

/** Returns the filters whose page examined more than allowed, or scanned the whole table. */
async function unbounded(
  all: Record<string, string>[],
  cursor?: string,
  mostRows = MOST_ROWS,
): Promise<string[]> {
  const found: string[] = [];
  for (const filters of all) {
    const counts = await examinedBy(page(filters, cursor)).catch((error: Error) => error.message);
    if (typeof counts === 'string' || counts.rows > mostRows || counts.entries > MOST_ENTRIES)
      found.push(`${JSON.stringify(filters)}: ${JSON.stringify(counts)}`);
  }
  return found;
}

const common = (names: string[]): Record<string, string> =>
  Object.assign({}, ...names.map((name) => COMMON[name]));

describe.each([
  ['first', undefined],
  ['last', OLDEST_PAGE],
] as const)('the %s page of a log of 20,000 events', (_, cursor) => {
  it('examines few rows by index, whichever three filters are combined', async () => {
    expect(await unbounded(combinations().map(common), cursor)).toEqual([]);
  });

  it('examines few rows by index if one of two filters matches nothing', async () => {
    const few = combinations()
      .filter(({ length }) => length === 1 || length === 2)
      .flatMap((names) => names.map((none) => ({ ...common(names), ...NONE[none] })));
    expect(await unbounded(few, cursor)).toEqual([]);
  });

  it('looks up few events if many match each filter and none matches them all', async () => {
    const denied = { type: 'github.token_denied' };
    const apart = [
      { ...denied, ...COMMON.actor },
      { ...denied, ...COMMON.ip },
      { ...denied, ...COMMON.actor, ...COMMON.ip },
      { ...denied, ...COMMON.ip, ...COMMON.installation },
      { ...denied, ...COMMON.ip, ...COMMON.syncs },
      { ...denied, ...COMMON.actor, ...COMMON.time },
    ];
    for (const filters of apart)
      expect(await listAuditEvents(workspaceId, AuditEventsQuery.parse(filters))).toMatchObject({ data: [] });
    expect(await unbounded(apart, cursor, 1000)).toEqual([]);
  });
});

it('looks up no event of a day outside the hour that a filter by time selects', async () => {
  const day = new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10);
  const hour = { from: `${day}T12:00:00Z`, to: `${day}T13:00:00Z` };
  expect((await page(hour)()).data).toHaveLength(25);
  for (const cursor of [undefined, OLDEST_PAGE])
    expect((await examinedBy(page(hour, cursor))).rows).toBeLessThanOrEqual(60);
});

it.each([
  ['newest', undefined, EVENTS - 1],
  ['oldest', OLDEST_PAGE, 49 + 50 * 41],
] as const)(
  'finds a frequent text by scanning the %s events in order, and only as many as fill the page',
  async (_, cursor, newest) => {
    // The first 2,000 events hold 40 matches, so this page needs a second scan.
    const read = page({ q: 'acme/r49', limit: '42' }, cursor);
    expect((await read()).data.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 42 }, (_, n) => newest - 50 * n),
    );
    // The page has to look for a 43rd match, to know whether there are more.
    expect((await examinedBy(read)).rows).toBeLessThanOrEqual(43 * 50);
    for (const { text, values, begin } of await statementsOf(read)) {
      await owner.query(begin);
      const { rows } = await owner.query(`EXPLAIN (FORMAT JSON) ${text}`, values);
      await owner.query('COMMIT');
      expect(JSON.stringify(rows)).not.toMatch(/audit_events_text_idx|"(?:Sort|Gather|Bitmap Heap Scan)"/);
    }
  },
);

it('reads the newest events of several types, and no others', async () => {
  const types = ['github.token_minted', 'github.token_denied', 'no.such_type'];
  const read = () => listNewestOfTypes(workspaceId, types, 2);
  expect((await read()).map(({ seq }) => seq).sort((a, b) => b - a)).toEqual([
    EVENTS,
    EVENTS - 1,
    EVENTS - 2,
    EVENTS - 10,
  ]);
  expect((await examinedBy(read)).rows).toBeLessThanOrEqual(2 * types.length);
});

it('reads the chart of tokens per day without a sequential scan', async () => {
  const { rows, entries } = await examinedBy(() => countMintsPerDay(workspaceId, 30));
  expect(rows + entries).toBeLessThanOrEqual(2 * EVENTS);
});

it.each(Object.keys(COMMON))(
  'counts events and tokens by %s without a sequential scan, and reads no event often',
  async (name) => {
    const { limit: _, ...filters } = AuditEventsQuery.parse(COMMON[name]);
    for (const count of [
      () => countAuditEvents(workspaceId, filters),
      () => countTokens(workspaceId, filters, 'Asia/Tokyo'),
    ]) {
      const { rows, entries } = await examinedBy(count);
      expect(rows).toBeLessThanOrEqual(2 * EVENTS);
      expect(entries).toBeLessThanOrEqual(3 * EVENTS);
    }
  },
);

it('suggests actors by reading one entry for each', async () => {
  const { rows, entries } = await examinedBy(() => suggestActors(workspaceId));
  expect(rows + entries).toBeLessThanOrEqual(20);
});

it('fails for a page that is read by a sequential scan', async () => {
  const scanned = async () => owner.query({ text: 'SELECT count(details) FROM audit_events', values: [] });
  await expect(examinedBy(scanned)).rejects.toThrow('sequential scan over audit_events');
});
