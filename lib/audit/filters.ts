import { actorFromWords } from '../contract/actor-words';
import type { AuditEventsQuery } from '../contract/audit-event';

export type AuditFilters = Omit<AuditEventsQuery, 'cursor' | 'limit' | 'format'>;

/** SQL with `$n` for the value, and the value. */
type Condition = [sql: (n: string) => string, value: unknown];

/** `%` and `_` are meant literally. */
const likePattern = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/**
 * One end of the events of a time, found in some twenty look-ups by `seq`: events of a chain follow each other in time,
 * so no index has to be kept for it. A clock that was set back costs an hour of events, never one that fits.
 *
 * @param end `max(low)`: this one and those before it are older; `min(high)`: those after it are not older
 */
const searchByTime = (end: 'max(low)' | 'min(high)', time: string) => `(
  WITH RECURSIVE search (low, high) AS (
    SELECT 0::bigint, coalesce((SELECT seq FROM audit_chains WHERE workspace_id = $1::uuid), 0)
    UNION ALL
    SELECT CASE WHEN e.occurred_at < ${time} THEN e.seq ELSE s.low END,
      CASE WHEN e.occurred_at < ${time} THEN s.high ELSE e.seq - 1 END
    FROM search AS s CROSS JOIN LATERAL (SELECT seq, occurred_at FROM audit_events
      WHERE workspace_id = $1::uuid AND seq = (s.low + s.high + 1) / 2) AS e
    WHERE s.low < s.high
  ) SELECT ${end} FROM search)`;

/** With two ends the planner takes it for a small part of the log, which it reads by its key; with one, for a third. */
const BEYOND_ALL = '9007199254740991';

/** Only filters that are given are in the query at all. `$1` is the workspace. */
function conditions(filters: AuditFilters): Condition[] {
  const given: Condition[] = [];
  if (filters.type) given.push([(n) => `type = ${n}`, filters.type]);
  if (filters.installation_id) given.push([(n) => `installation_id = ${n}::bigint`, filters.installation_id]);
  if (filters.ip) given.push([(n) => `client_ip = ${n}::inet`, filters.ip]);
  if (filters.from)
    given.push([
      (n) =>
        `occurred_at >= ${n}::timestamptz AND seq > ${searchByTime('max(low)', `${n}::timestamptz - interval '1 hour'`)}
          AND seq < ${BEYOND_ALL}`,
      filters.from,
    ]);
  if (filters.to)
    given.push([
      (n) =>
        `occurred_at < ${n}::timestamptz AND seq > 0
          AND seq <= ${searchByTime('min(high)', `${n}::timestamptz + interval '1 hour'`)}`,
      filters.to,
    ]);
  if (filters.q)
    given.push([
      (n) => `(actor_label ILIKE ${n} OR request_id ILIKE ${n} OR details::text ILIKE ${n})`,
      likePattern(filters.q),
    ]);
  return given;
}

/**
 * Somebody is found by id, by label, or by the words of the page, each by an index of its own, which one condition with
 * OR could not use.
 */
function actorBranches(actor: string): Condition[][] {
  const meant = actorFromWords(actor);
  return [
    [[(n) => `actor_id = ${n}`, actor]],
    [[(n) => `actor_label = ${n}`, actor]],
    ...(meant === null
      ? []
      : [
          [
            [(n) => `actor_label = ${n}`, meant.label],
            [(n) => `actor_type = ${n}`, meant.type],
          ] satisfies Condition[],
        ]),
  ];
}

/**
 * The SQL that reads one workspace's events that fit every filter, in the order of `seq`, and its values.
 *
 * @param select columns and table; the result keeps the order only if `position`, or `seq`, is ordered by once more
 */
export function selectEvents(
  select: string,
  { workspaceId, filters }: { workspaceId: string; filters: AuditFilters },
  { order, limit, more = [] }: { order: 'ASC' | 'DESC'; limit: number; more?: Condition[] },
): { text: string; values: unknown[] } {
  const all: Condition[] = [
    [(n) => `workspace_id = ${n}::uuid`, workspaceId],
    ...conditions(filters),
    ...more,
  ];
  const values: unknown[] = [];
  const where = ([sql, value]: Condition) => sql(`$${values.push(value)}`);
  const wheres = all.map(where);
  const first = (conditions: string[]) =>
    `(${select} WHERE ${conditions.join(' AND ')} ORDER BY audit_events.seq ${order} LIMIT ${limit})`;
  if (!filters.actor) return { text: first(wheres), values };
  const branches = actorBranches(filters.actor).map((branch) => first([...wheres, ...branch.map(where)]));
  return {
    text: `SELECT * FROM (${branches.join(' UNION ')}) AS either ORDER BY position ${order} LIMIT ${limit}`,
    values,
  };
}
