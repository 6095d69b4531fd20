import { actorFromWords } from '../contract/actor-words';
import { type AuditEventsQuery, REPOSITORY_NAME } from '../contract/audit-event';
import { readInBulk } from '../db/read-in-bulk';
import { constantSql, joinSql, likeLiteral, type Sql, sql } from '../db/sql';
import { couldRead, type Selection } from './could-read';

export type AuditFilters = Omit<AuditEventsQuery, 'cursor' | 'limit' | 'format'>;

/** Events with `seq > after` and `seq <= upTo`. */
export type Range = { after: number; upTo: number };

/** A range that covers any chain completely. */
export const WHOLE: Range = { after: 0, upTo: 9_007_199_254_740_990 };

export function intersection(one: Range, other: Range): Range {
  return { after: Math.max(one.after, other.after), upTo: Math.min(one.upTo, other.upTo) };
}

/**
 * The event's day in UTC. This must be the exact expression of the index `audit_events_time_idx`, or PostgreSQL does not
 * use the index.
 */
export const DAY = sql`(occurred_at AT TIME ZONE 'UTC')::date`;

/**
 * Returns the smallest range of `seq` that contains all events in a period. The database's clock may have jumped, so
 * the events aren't always in chronological order. The range may therefore contain other events too, so the filters
 * still compare each event's time.
 *
 * @returns `null` if the period has no events
 * @throws {Problem} as {@link readInBulk} does
 */
export async function rangeOfTime(
  workspaceId: string,
  { from, to }: Pick<AuditEventsQuery, 'from' | 'to'>,
  waitMs?: number,
): Promise<Range | null> {
  if (from === undefined && to === undefined) return WHOLE;
  const statement = boundsOfDays(workspaceId, from ?? '-infinity', to ?? 'infinity');
  const [bounds] = await readInBulk({ workspaceId, statement, ...(waitMs === undefined ? {} : { waitMs }) });
  if (!bounds?.first || !bounds.last) return null;
  return { after: Number(bounds.first) - 1, upTo: Number(bounds.last) };
}

/**
 * Finds the lowest and the highest `seq` of a period, in whatever order its events are. Needs only a few index look-ups
 * per day. On the first and the last day, it also reads the index entries of the events outside the period.
 */
function boundsOfDays(workspaceId: string, from: string, to: string) {
  const ofWorkspace = sql`workspace_id = ${workspaceId}::uuid`;
  const last = sql`${DAY} <= (${to}::timestamptz AT TIME ZONE 'UTC')::date`;
  const ofDay = sql`${ofWorkspace} AND ${DAY} = days.day
    AND occurred_at >= ${from}::timestamptz AND occurred_at < ${to}::timestamptz`;
  return sql<{ first: bigint | null; last: bigint | null }>`
    WITH RECURSIVE days (day) AS (
      (SELECT ${DAY} FROM audit_events
        WHERE ${ofWorkspace} AND ${DAY} >= (${from}::timestamptz AT TIME ZONE 'UTC')::date AND ${last}
        ORDER BY ${DAY} LIMIT 1)
      UNION ALL
      SELECT next.day FROM days CROSS JOIN LATERAL (SELECT ${DAY} AS day FROM audit_events
        WHERE ${ofWorkspace} AND ${DAY} > days.day AND ${last} ORDER BY ${DAY} LIMIT 1) AS next
    )
    SELECT min(first.seq) AS first, max(last.seq) AS last FROM days
    CROSS JOIN LATERAL (SELECT seq FROM audit_events
      WHERE ${ofDay} ORDER BY seq LIMIT 1) AS first
    CROSS JOIN LATERAL (SELECT seq FROM audit_events
      WHERE ${ofDay} ORDER BY seq DESC LIMIT 1) AS last`;
}

type Conditions = { indexed: Sql[]; others: Sql[] };

/** Leaves out tokens minted by syncs, because syncs only list names and read no code. */
const NO_SYNC = sql`NOT (type = 'github.token_minted' AND actor_id = 'system:sync')`;

/**
 * Returns one SQL condition per filter. Each of the `indexed` ones has an index that lists its events by `seq`. Time
 * filters also limit `seq`, through {@link rangeOfTime}.
 */
function conditions({ type, installation_id, ip, from, to, syncs }: AuditFilters): Conditions {
  const indexed: Sql[] = [];
  const others: Sql[] = [];
  if (syncs === 'hide') others.push(NO_SYNC);
  if (type) indexed.push(sql`type = ${type}`);
  if (installation_id) indexed.push(sql`installation_id = ${installation_id}::bigint`);
  if (ip?.includes('/')) others.push(sql`client_ip <<= ${ip}::inet`);
  else if (ip) indexed.push(sql`client_ip = ${ip}::inet`);
  if (from) others.push(sql`occurred_at >= ${from}::timestamptz`);
  if (to) others.push(sql`occurred_at < ${to}::timestamptz`);
  return { indexed, others };
}

/**
 * True if a filter's index yields matches in no particular order. All matches must then be found and sorted, which is
 * slow if there are many.
 */
export function isUnordered({ q, ip }: AuditFilters): boolean {
  return Boolean(q) || (ip?.includes('/') ?? false);
}

/**
 * True if a filter's index yields matches in order, but other filters may refuse all of them. Such a log is read to its
 * end for nothing, which is slow if there are many.
 */
export function mayRefuseAll({ type, actor, installation_id, ip, repository }: AuditFilters): boolean {
  const given = [type, actor, installation_id, ip?.includes('/') ? undefined : ip].filter(Boolean);
  return given.length > 1 && repository === undefined;
}

/** True if a page or a batch must not scan the whole log for these filters in order. */
export function mayScanForNothing(filters: AuditFilters): boolean {
  return isUnordered(filters) || mayRefuseAll(filters);
}

/**
 * Matches an actor by id, by label, or by the wording used on pages. These are separate branches of a UNION, so that
 * each can use its own index. A single OR couldn't.
 */
function actorBranches(actor: string): Conditions[] {
  const branch = (indexed: Sql, ...others: Sql[]) => ({ indexed: [indexed], others });
  const branches = [branch(sql`actor_id = ${actor}`), branch(sql`actor_label = ${actor}`)];
  const meant = actorFromWords(actor);
  if (meant !== null)
    branches.push(branch(sql`actor_label = ${meant.label}`, sql`actor_type = ${meant.type}`));
  return branches;
}

/** This must be the exact expression of the index `audit_events_text_idx`, or PostgreSQL does not use the index. */
const TEXT = sql`(actor_label || E'\\n' || (details - 'hashed_token')::text)`;

/**
 * Returns a PostgreSQL regular expression that matches a whole repository name: `acme/api`, but neither
 * `acme/api-gateway` nor `my-acme/api`. The name may be followed by `.git`, as in a clone URL.
 */
const wholeName = (name: string) =>
  `(?<![\\w.-])${name.replaceAll('.', '\\.')}(?!(?!\\.git(?![\\w.-]))[\\w.-])`;

/** Matches what a text in base64 can begin with. No token hash begins with anything else. */
const BEGINS_BASE64 = /^[A-Za-z0-9+/]+=*$/;

/**
 * Searches for text anywhere in the actor's label and the details, ignoring case, and at the beginning of request ids
 * and token hashes. A full repository name matches only that repository. Each returned branch uses its own index.
 */
function textBranches(q: string): Sql[][] {
  const anywhere = [sql`${TEXT} ILIKE ${`%${likeLiteral(q)}%`}`];
  if (REPOSITORY_NAME.test(q)) anywhere.push(sql`${TEXT} ~* ${wholeName(q)}`);
  if (/\s/.test(q)) return [anywhere];
  const beginning = `${likeLiteral(q.toLowerCase())}%`;
  const branches = [anywhere, [sql`lower(request_id) LIKE ${beginning}`]];
  if (BEGINS_BASE64.test(q))
    branches.push([sql`details ? 'hashed_token' AND lower(details ->> 'hashed_token') LIKE ${beginning}`]);
  return branches;
}

const orOne = <T>(branches: T[], one: T): T[] => (branches.length > 0 ? branches : [one]);

/** Joins alternatives of several conditions each. Returns no condition if there are no alternatives. */
function anyOf(alternatives: Sql[][]): Sql[] {
  if (alternatives.length === 0) return [];
  return [
    sql`(${joinSql(
      alternatives.map((each) => sql`(${joinSql(each, ' AND ')})`),
      ' OR ',
    )})`,
  ];
}

export type Selected = { workspaceId: string; filters: AuditFilters; range: Range };

/**
 * How to find the matches: by scanning the range in order, through the filters' own indexes, or as PostgreSQL prefers. It
 * often expects a text to be rare, and finds thousands of matches through its index where a scan of a few would do.
 */
export type Way = 'scan' | 'indexes' | 'any';

type Order = { order: 'ASC' | 'DESC'; limit: number; way?: Way };

/**
 * Selects a workspace's events that match every filter, ordered by `seq`.
 *
 * @param select the columns and the table. An outer query must sort the rows again, by `position` or `seq`
 */
export function selectEvents<Row>(
  select: Sql<Row>,
  { workspaceId, filters, range }: Selected,
  { order, limit, way = 'any' }: Order,
): Sql<Row> {
  const direction = order === 'ASC' ? constantSql('ASC') : constantSql('DESC');
  // Adding 0 keeps the planner from using an index on `seq` to sort.
  const by = way === 'indexes' ? sql`audit_events.seq + 0` : sql`audit_events.seq`;
  const inRange = (seq: Sql) => sql`${seq} > ${range.after}::bigint AND ${seq} <= ${range.upTo}::bigint`;
  const ofWorkspace = sql`workspace_id = ${workspaceId}::uuid`;
  const ofRange = [ofWorkspace, inRange(sql`seq`)];
  const { indexed, others } = conditions(filters);
  const { actor, q, repository } = filters;
  const isScan = way === 'scan' && repository === undefined;
  // Because of LIMIT, PostgreSQL reads these events first, by the primary key, and compares them with the filters then.
  const from = (where: Sql[], most: number) => {
    const given = joinSql(where, ' AND ');
    return sql`WITH audit_events AS NOT MATERIALIZED (SELECT * FROM audit_events
      WHERE ${given} ORDER BY seq ${direction} LIMIT ${most}::bigint) ${select}`;
  };

  const selectWith = (byActor: Conditions, byText: Sql[]) => {
    const lists = [...indexed, ...byActor.indexed];
    const given = [...ofRange, ...lists, ...others, ...byActor.others, ...byText];
    const all = (more: Sql) => sql`WHERE ${joinSql([...given, more], ' AND ')}`;
    const scanned = isScan ? from(ofRange, range.upTo - range.after) : select;
    const first = (more: Sql) => sql`${scanned} ${all(more)} ORDER BY ${by} ${direction} LIMIT ${limit}::int`;
    // Where no sort is allowed, a range can only be read by the primary key. An equality could be read by any index.
    const one = (seq: Sql, more: Sql) =>
      sql`${from([ofWorkspace, sql`seq >= ${seq} AND seq <= ${seq}`], 1)} ${all(more)} LIMIT 1`;
    return { lists, selection: { one, first, order: direction, limit, inRange, workspaceId } };
  };
  const byActors = actor ? actorBranches(actor) : [];
  const byTexts = q ? textBranches(q) : [];
  // A scan compares each event once. Only indexes need a branch each.
  const inOne = [...anyOf(byActors.map((each) => [...each.indexed, ...each.others])), ...anyOf(byTexts)];
  const none = { indexed: [], others: [] };
  const [forActors, forTexts] = isScan ? [[none], [inOne]] : [orOne(byActors, none), orOne(byTexts, [])];
  const parts = forActors
    .flatMap((byActor) => forTexts.map((byText) => selectWith(byActor, byText)))
    .flatMap(({ lists, selection }) => {
      if (repository !== undefined) return couldRead(repository, selection);
      if (way === 'indexes' && !isUnordered(filters)) return [inEachList(lists, ofRange, selection)];
      return [sql`(${selection.first(sql`true`)})`];
    });
  if (parts.length === 1) return sql<Row>`${joinSql(parts, '')}`;
  return sql<Row>`SELECT * FROM (${joinSql(parts, ' UNION ')}) AS either
    ORDER BY position ${direction} LIMIT ${limit}::int`;
}

/**
 * Selects the events that are in the index of every condition. Merges the indexes by `seq`, and looks up only the events
 * that all of them list. With a plain AND, PostgreSQL reads one index and looks up each of its events to check the other
 * conditions. That takes twenty times as long if two frequent conditions have few events in common.
 */
function inEachList(lists: Sql[], ofRange: Sql[], { one, order, limit }: Selection): Sql {
  const list = (condition: Sql) => sql`(SELECT seq FROM audit_events
    WHERE ${joinSql([...ofRange, condition], ' AND ')} ORDER BY seq ${order} OFFSET 0)`;
  const [first = sql`true`, ...rest] = lists;
  // Not a join, for which PostgreSQL would first copy each list, in case it had to read an entry of it twice.
  const inOthers = rest.map(
    (condition) => sql`EXISTS (SELECT FROM ${list(condition)} AS other WHERE other.seq = list.seq)`,
  );
  // Without OFFSET 0, PostgreSQL would recognize a join of the table with itself and make it a plain AND. Or it would
  // look up events before it has merged all lists.
  return sql`(SELECT event.* FROM
      (SELECT seq FROM ${list(first)} AS list WHERE ${joinSql([sql`true`, ...inOthers], ' AND ')}
        ORDER BY seq ${order} OFFSET 0) AS listed
    CROSS JOIN LATERAL (${one(sql`listed.seq`, sql`true`)}) AS event
    ORDER BY listed.seq ${order} LIMIT ${limit}::int)`;
}
