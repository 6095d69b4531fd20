import { readInBulk } from '../db/read-in-bulk';
import { sql } from '../db/sql';
import { type AuditFilters, isUnordered, matchNothing, mayRefuseAll } from './conditions';
import { intersection, rangeOfTime } from './range';
import { readChainHead } from './read';
import { selectEvents } from './select-events';

/** Counting stops after this many events, so its cost has a bound however long the log is. */
export const MOST_COUNTED = 10_000;

/** How many of the newest events are compared with filters that no index can count in order. */
const LOOKED_AT = 20_000;

/** How many events match. `more` means that there may be more of them. */
export type EventCount = { events: number; more: boolean };

/**
 * Counts the events that match the filters, up to {@link MOST_COUNTED}. Filters whose index has no order are counted among
 * the newest events only, because finding all matches of a frequent text takes seconds.
 *
 * @throws {Problem} as {@link readInBulk} does
 */
export async function countAuditEvents(workspaceId: string, filters: AuditFilters): Promise<EventCount> {
  if (matchNothing(filters)) return { events: 0, more: false };
  const [head, ofTime] = await Promise.all([readChainHead(workspaceId), rangeOfTime(workspaceId, filters)]);
  if (ofTime === null) return { events: 0, more: false };
  const whole = intersection(ofTime, { after: 0, upTo: head.seq });
  const scans = filters.repository === undefined && (isUnordered(filters) || filters.syncs === 'hide');
  const range = scans ? { ...whole, after: Math.max(whole.after, whole.upTo - LOOKED_AT) } : whole;
  const way = scans ? 'scan' : mayRefuseAll(filters) ? 'indexes' : 'any';
  const matches = selectEvents(
    sql`SELECT audit_events.seq AS position FROM audit_events`,
    { workspaceId, filters, range },
    { order: 'DESC', limit: MOST_COUNTED + 1, way },
  );
  const statement = sql<{ events: number }>`SELECT count(*)::int AS events FROM (${matches}) AS matches`;
  const inOrder = way === 'indexes' ? 'merge' : filters.repository === undefined ? undefined : 'nested';
  const [row] = await readInBulk({ workspaceId, statement, inOrder });
  const events = row?.events ?? 0;
  return { events: Math.min(events, MOST_COUNTED), more: events > MOST_COUNTED || range.after > whole.after };
}
