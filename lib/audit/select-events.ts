import { constantSql, joinSql, type Sql, sql } from '../db/sql';
import {
  type AuditFilters,
  actorBranches,
  type Conditions,
  conditionsOf,
  isUnordered,
  textBranches,
} from './conditions';
import { couldRead, type Selection } from './could-read';
import type { Range } from './range';

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

/** Matches any of a filter's alternatives. */
const whole = (alternatives: Sql[]): Sql => sql`(${joinSql(alternatives, ' OR ')})`;

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
  const { lists: byColumns, others } = conditionsOf(filters);
  const { actor, q, repository } = filters;
  const isScan = way === 'scan' && repository === undefined;
  // Because of LIMIT, PostgreSQL reads these events first, by the primary key, and compares them with the filters then.
  const from = (where: Sql[], most: number) => {
    const given = joinSql(where, ' AND ');
    return sql`WITH audit_events AS NOT MATERIALIZED (SELECT * FROM audit_events
      WHERE ${given} ORDER BY seq ${direction} LIMIT ${most}::bigint) ${select}`;
  };

  const selectWith = (byActor: Conditions, byText: Sql[]) => {
    const lists = [...byColumns, ...byActor.lists];
    const given = [...ofRange, ...lists.map(whole), ...others, ...byActor.others, ...byText];
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
  const inOne = [
    ...anyOf(byActors.map((each) => [...each.lists.map(whole), ...each.others])),
    ...anyOf(byTexts),
  ];
  const none: Conditions = { lists: [], others: [] };
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
function inEachList(lists: Sql[][], ofRange: Sql[], { one, order, limit }: Selection): Sql {
  const entries = (condition: Sql) =>
    sql`SELECT seq FROM audit_events WHERE ${joinSql([...ofRange, condition], ' AND ')}`;
  // No event is in two alternatives, so their entries can be merged as they are.
  const list = (
    alternatives: Sql[],
  ) => sql`(SELECT seq FROM (${joinSql(alternatives.map(entries), ' UNION ALL ')}) AS entries
    ORDER BY seq ${order} OFFSET 0)`;
  const [first = [sql`true`], ...rest] = lists;
  // Not a join, for which PostgreSQL would first copy each list, in case it had to read an entry of it twice.
  const inOthers = rest.map(
    (alternatives) => sql`EXISTS (SELECT FROM ${list(alternatives)} AS other WHERE other.seq = list.seq)`,
  );
  // Without OFFSET 0, PostgreSQL would recognize a join of the table with itself and make it a plain AND. Or it would
  // look up events before it has merged all lists.
  return sql`(SELECT event.* FROM
      (SELECT seq FROM ${list(first)} AS list WHERE ${joinSql([sql`true`, ...inOthers], ' AND ')}
        ORDER BY seq ${order} OFFSET 0) AS listed
    CROSS JOIN LATERAL (${one(sql`listed.seq`, sql`true`)}) AS event
    ORDER BY listed.seq ${order} LIMIT ${limit}::int)`;
}
