import type { AuditEventsQuery } from '../contract/audit-event';
import { readInBulk } from '../db/read-in-bulk';

/** Events with `seq > after` and `seq <= upTo`. */
export type Range = { after: number; upTo: number };

/** Beyond any chain. */
export const WHOLE: Range = { after: 0, upTo: 9_007_199_254_740_990 };

/** As in the index `audit_events_day_idx`. */
export const DAY = `(occurred_at AT TIME ZONE 'UTC')::date`;

const dayOf = (n: string) => `(${n}::timestamptz AT TIME ZONE 'UTC')::date`;

/**
 * First and last event of each day that has any, from the index alone: some look-ups a day, however many events it has,
 * and in whatever order they came.
 */
const BOUNDS = `
  WITH RECURSIVE days (day) AS (
    (SELECT ${DAY} FROM audit_events
      WHERE workspace_id = $1::uuid AND ${DAY} >= ${dayOf('$2')} AND ${DAY} <= ${dayOf('$3')} ORDER BY ${DAY} LIMIT 1)
    UNION ALL
    SELECT next.day FROM days CROSS JOIN LATERAL (SELECT ${DAY} AS day FROM audit_events
      WHERE workspace_id = $1::uuid AND ${DAY} > days.day AND ${DAY} <= ${dayOf('$3')} ORDER BY ${DAY} LIMIT 1) AS next
  )
  SELECT min(first.seq)::text AS first, max(last.seq)::text AS last FROM days
  CROSS JOIN LATERAL (SELECT seq FROM audit_events
    WHERE workspace_id = $1::uuid AND ${DAY} = days.day ORDER BY seq LIMIT 1) AS first
  CROSS JOIN LATERAL (SELECT seq FROM audit_events
    WHERE workspace_id = $1::uuid AND ${DAY} = days.day ORDER BY seq DESC LIMIT 1) AS last`;

/**
 * The part of a chain in which the events of a time lie. It never relies on the order of times: the database's clock may
 * have jumped. The times themselves are compared as well.
 *
 * @returns `null` when no event is of that time
 */
export async function rangeOfTime(
  workspaceId: string,
  { from, to }: Pick<AuditEventsQuery, 'from' | 'to'>,
  waitMs?: number,
): Promise<Range | null> {
  if (from === undefined && to === undefined) return WHOLE;
  const rows = await readInBulk<{ first: string | null; last: string | null }>({
    workspaceId,
    text: BOUNDS,
    values: [workspaceId, from ?? '-infinity', to ?? 'infinity'],
    ...(waitMs === undefined ? {} : { waitMs }),
  });
  const { first = null, last = null } = rows[0] ?? {};
  return first === null || last === null ? null : { after: Number(first) - 1, upTo: Number(last) };
}

export function intersection(one: Range, other: Range): Range {
  return { after: Math.max(one.after, other.after), upTo: Math.min(one.upTo, other.upTo) };
}
