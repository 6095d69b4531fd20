import { z } from 'zod';
import type { AuditEvent, AuditEventsQuery } from '../contract/audit-event';
import type { List } from '../contract/pagination';
import { cursorOf } from '../cursor';
import { readInBulk } from '../db/read-in-bulk';
import { joinSql, sql } from '../db/sql';
import { type AuditFilters, isUnordered, matchNothing, mayRefuseAll, mayScanForNothing } from './conditions';
import { intersection, type Range, rangeOfTime, WHOLE } from './range';
import { type AuditRow, readChainHead, SELECT_EVENT, toAuditEvent } from './read';
import { type Selected, selectEvents, type Way } from './select-events';

/** Marks a page's edge: `older` leads to the events before `seq`, `newer` to those after it. */
const Cursor = cursorOf(z.tuple([z.enum(['older', 'newer']), z.int()]));

function beyond([direction, seq]: ReturnType<typeof Cursor.decode>): Range {
  return direction === 'older' ? { ...WHOLE, upTo: seq - 1 } : { ...WHOLE, after: seq };
}

/**
 * Lists a workspace's events that match the filters, newest first unless `order` says otherwise.
 *
 * @returns a page of events; `next_cursor` leads to the events after it in this order, and `prev_cursor` to those before
 * @throws {Problem} `invalid_request` if this list didn't issue the cursor; also as {@link readInBulk} does, because we
 *   never return a partial page
 */
export async function listAuditEvents(
  workspaceId: string,
  { order = 'newest', limit, cursor: given, ...filters }: AuditEventsQuery,
): Promise<List<AuditEvent> & { prev_cursor: string | null }> {
  const cursor = given === undefined ? undefined : Cursor.decode(given);
  const [ahead, behind] = order === 'newest' ? (['older', 'newer'] as const) : (['newer', 'older'] as const);
  const direction = cursor?.[0] ?? ahead;
  const ofTime = matchNothing(filters) ? null : await rangeOfTime(workspaceId, filters);
  const range = ofTime && (cursor ? intersection(ofTime, beyond(cursor)) : ofTime);
  const rows =
    range === null
      ? []
      : await read({ workspaceId, filters, range }, direction === 'older' ? 'DESC' : 'ASC', limit + 1);
  const page = rows.slice(0, limit).map(toAuditEvent);
  if (direction === behind) page.reverse();
  const more = rows.length > limit;
  const hasNext = direction === ahead ? more : true;
  const hasPrevious = direction === ahead ? cursor !== undefined : more;
  const edge = (isThere: boolean, to: 'older' | 'newer', event: AuditEvent | undefined) =>
    isThere && event ? Cursor.encode([to, event.seq]) : null;
  return {
    data: page,
    next_cursor: edge(hasNext, ahead, page.at(-1)),
    prev_cursor: edge(hasPrevious, behind, page.at(0)),
  };
}

/**
 * Lists the newest events of each of these types, `limit` of each, in no order. One statement, because each bulk read
 * occupies one of the workspace's few slots.
 *
 * @throws {Problem} as {@link readInBulk} does
 */
export async function listNewestOfTypes(
  workspaceId: string,
  types: readonly string[],
  limit: number,
): Promise<AuditEvent[]> {
  const ofType = (type: string) =>
    selectEvents(SELECT_EVENT, { workspaceId, filters: { type }, range: WHOLE }, { order: 'DESC', limit });
  const statement = sql<AuditRow>`${joinSql(types.map(ofType), ' UNION ALL ')}`;
  return (await readInBulk({ workspaceId, statement })).map(toAuditEvent);
}

/**
 * How many events a search scans in order before it uses the filters' own indexes. If matches are common, the scan alone
 * usually fills the page.
 */
const LOOKED_AT = 2000;

/** How many events can be scanned in the time that it takes to find one match through an index without an order. */
const SCANNED_PER_MATCH = 2;

async function read(selected: Selected, order: 'ASC' | 'DESC', limit: number): Promise<AuditRow[]> {
  const { filters, workspaceId, range } = selected;
  if (!mayScanForNothing(filters)) return select(selected, order, limit, 'any');
  const { seq: head } = await readChainHead(workspaceId);
  let rest = intersection(range, { after: 0, upTo: head });
  const found: AuditRow[] = [];
  for (let count = Math.min(LOOKED_AT, rest.upTo - rest.after); count > 0; ) {
    const [near, far] = split(rest, order, count);
    const way = isUnordered(filters) ? 'scan' : 'any';
    const matches = await select({ ...selected, range: near }, order, limit - found.length, way);
    found.push(...matches);
    rest = far;
    if (found.length === limit || far.after >= far.upTo) return found;
    count = count === LOOKED_AT ? worthScanning(filters, limit, found.length, far) : 0;
  }
  if (rest.after >= rest.upTo) return found;
  return [...found, ...(await select({ ...selected, range: rest }, order, limit - found.length, 'indexes'))];
}

/** Splits off the first events of a range, in the given order. */
function split(range: Range, order: 'ASC' | 'DESC', count: number): [near: Range, far: Range] {
  const edge = order === 'DESC' ? range.upTo - count : range.after + count;
  const [older, newer] = [
    { after: range.after, upTo: Math.max(range.after, edge) },
    { after: edge, upTo: range.upTo },
  ].map((part) => intersection(part, range)) as [Range, Range];
  return order === 'DESC' ? [newer, older] : [older, newer];
}

/**
 * Returns how many more events to scan for the rest of the page, judging by the matches among the first ones. Returns 0
 * if the index is faster. An index without an order has to find and sort all matches, however many there are.
 */
function worthScanning(filters: AuditFilters, limit: number, found: number, far: Range): number {
  if (!isUnordered(filters) || found === 0) return 0;
  const count = Math.ceil((1.5 * (limit - found) * LOOKED_AT) / found);
  const matches = ((far.upTo - far.after) * found) / LOOKED_AT;
  return count < matches * SCANNED_PER_MATCH ? count : 0;
}

/**
 * Returns what shortens a search without a period. It may read all tokens of a repository in vain, for an excluded network
 * that nearly all of them came from.
 */
const adviceOn = ({ from }: AuditFilters): string | undefined =>
  from === undefined ? 'Choose a period, such as the last 30 days.' : undefined;

function select(selected: Selected, order: 'ASC' | 'DESC', limit: number, way: Way): Promise<AuditRow[]> {
  const statement = selectEvents(SELECT_EVENT, selected, { order, limit, way });
  const { repository } = selected.filters;
  const merges = way === 'indexes' && mayRefuseAll(selected.filters);
  const inOrder = repository === undefined && way !== 'scan' ? (merges ? 'merge' : undefined) : 'nested';
  return readInBulk({
    workspaceId: selected.workspaceId,
    statement,
    inOrder,
    advice: adviceOn(selected.filters),
  });
}
