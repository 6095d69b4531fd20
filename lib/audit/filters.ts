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
 * The event's day in UTC. This must be the exact expression of the index `audit_events_day_idx`, or PostgreSQL does not
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
 * Finds the lowest and the highest `seq` on the period's days. The query needs only a few index look-ups per day,
 * however many events there are and in whatever order.
 */
function boundsOfDays(workspaceId: string, from: string, to: string) {
  const ofWorkspace = sql`workspace_id = ${workspaceId}::uuid`;
  const last = sql`${DAY} <= (${to}::timestamptz AT TIME ZONE 'UTC')::date`;
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
      WHERE ${ofWorkspace} AND ${DAY} = days.day ORDER BY seq LIMIT 1) AS first
    CROSS JOIN LATERAL (SELECT seq FROM audit_events
      WHERE ${ofWorkspace} AND ${DAY} = days.day ORDER BY seq DESC LIMIT 1) AS last`;
}

/** Leaves out tokens minted by syncs, because syncs only list names and read no code. */
const NO_SYNC = sql`NOT (type = 'github.token_minted' AND actor_id = 'system:sync')`;

/** Returns one SQL condition per filter. Time filters also limit `seq`, through {@link rangeOfTime}. */
function conditions({ type, installation_id, ip, from, to, syncs }: AuditFilters): Sql[] {
  const given: Sql[] = [];
  if (syncs === 'hide') given.push(NO_SYNC);
  if (type) given.push(sql`type = ${type}`);
  if (installation_id) given.push(sql`installation_id = ${installation_id}::bigint`);
  if (ip) given.push(ip.includes('/') ? sql`client_ip <<= ${ip}::inet` : sql`client_ip = ${ip}::inet`);
  if (from) given.push(sql`occurred_at >= ${from}::timestamptz`);
  if (to) given.push(sql`occurred_at < ${to}::timestamptz`);
  return given;
}

/**
 * True if a filter's index yields matches in no particular order. All matches must then be found and sorted, which is
 * slow if there are many.
 */
export function isUnordered({ q, ip }: AuditFilters): boolean {
  return Boolean(q) || (ip?.includes('/') ?? false);
}

/**
 * Matches an actor by id, by label, or by the wording used on pages. These are separate branches of a UNION, so that
 * each can use its own index. A single OR couldn't.
 */
function actorBranches(actor: string): Sql[][] {
  const branches = [[sql`actor_id = ${actor}`], [sql`actor_label = ${actor}`]];
  const meant = actorFromWords(actor);
  if (meant !== null) branches.push([sql`actor_label = ${meant.label}`, sql`actor_type = ${meant.type}`]);
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

/**
 * Searches for text anywhere in the actor's label and the details, ignoring case, and at the beginning of request ids
 * and token hashes. A full repository name matches only that repository. Each returned branch uses its own index.
 */
function textBranches(q: string): Sql[][] {
  const anywhere = [sql`${TEXT} ILIKE ${`%${likeLiteral(q)}%`}`];
  if (REPOSITORY_NAME.test(q)) anywhere.push(sql`${TEXT} ~* ${wholeName(q)}`);
  if (/\s/.test(q)) return [anywhere];
  const beginning = `${likeLiteral(q.toLowerCase())}%`;
  return [
    anywhere,
    [sql`lower(request_id) LIKE ${beginning}`],
    [sql`details ? 'hashed_token' AND lower(details ->> 'hashed_token') LIKE ${beginning}`],
  ];
}

export type Selected = { workspaceId: string; filters: AuditFilters; range: Range };

type Order = { order: 'ASC' | 'DESC'; limit: number; isSorted?: boolean };

/**
 * Selects a workspace's events that match every filter, ordered by `seq`.
 *
 * @param select the columns and the table. An outer query must sort the rows again, by `position` or `seq`
 * @param isSorted whether to find all matches through the filter's own index and sort them, instead of scanning the log
 *   in order
 */
export function selectEvents<Row>(
  select: Sql<Row>,
  { workspaceId, filters, range }: Selected,
  { order, limit, isSorted = false }: Order,
): Sql<Row> {
  const direction = order === 'ASC' ? constantSql('ASC') : constantSql('DESC');
  // Adding 0 keeps the planner from using an index on `seq` to sort.
  const by = isSorted ? sql`audit_events.seq + 0` : sql`audit_events.seq`;
  const inRange = (seq: Sql) => sql`${seq} > ${range.after}::bigint AND ${seq} <= ${range.upTo}::bigint`;
  const common = [sql`workspace_id = ${workspaceId}::uuid`, inRange(sql`seq`), ...conditions(filters)];

  const selectWith = (given: Sql[]): Selection => {
    const all = (more: Sql) => sql`${select} WHERE ${joinSql([...given, more], ' AND ')}`;
    const first = (more: Sql) => sql`${all(more)} ORDER BY ${by} ${direction} LIMIT ${limit}::int`;
    return { all, first, order: direction, limit, inRange, workspaceId };
  };
  const { actor, q, repository } = filters;
  const parts = (actor ? actorBranches(actor) : [[]])
    .flatMap((byActor) => (q ? textBranches(q) : [[]]).map((byText) => [...common, ...byActor, ...byText]))
    .map(selectWith)
    .flatMap((branch) =>
      repository === undefined ? [sql`(${branch.first(sql`true`)})`] : couldRead(repository, branch),
    );
  if (parts.length === 1) return sql<Row>`${joinSql(parts, '')}`;
  return sql<Row>`SELECT * FROM (${joinSql(parts, ' UNION ')}) AS either
    ORDER BY position ${direction} LIMIT ${limit}::int`;
}
