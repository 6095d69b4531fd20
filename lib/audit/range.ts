import type { AuditEventsQuery } from '../contract/audit-event';
import { readInBulk } from '../db/read-in-bulk';
import { sql } from '../db/sql';

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
