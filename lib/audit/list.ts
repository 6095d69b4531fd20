import { z } from 'zod';
import type { AuditEvent, AuditEventsQuery } from '../contract/audit-event';
import type { List } from '../contract/pagination';
import { cursorOf } from '../cursor';
import { readInBulk } from '../db/read-in-bulk';
import {
  intersection,
  mayRefuseAll,
  mayScanForNothing,
  type Range,
  rangeOfTime,
  type Selected,
  selectEvents,
  WHOLE,
} from './filters';
import { type AuditRow, readChainHead, SELECT_EVENT, toAuditEvent } from './read';

/** Marks a page's edge: `older` leads to the events before `seq`, `newer` to those after it. */
const Cursor = cursorOf(z.tuple([z.enum(['older', 'newer']), z.int()]));

function beyond([direction, seq]: ReturnType<typeof Cursor.decode>): Range {
  return direction === 'older' ? { ...WHOLE, upTo: seq - 1 } : { ...WHOLE, after: seq };
}

/**
 * Lists a workspace's events that match the filters, newest first.
 *
 * @returns a page of events; `next_cursor` leads to older events, and `prev_cursor` leads to newer events
 * @throws {Problem} `invalid_request` if this list didn't issue the cursor; also as {@link readInBulk} does, because we
 *   never return a partial page
 */
export async function listAuditEvents(
  workspaceId: string,
  query: AuditEventsQuery,
): Promise<List<AuditEvent> & { prev_cursor: string | null }> {
  const cursor = query.cursor === undefined ? undefined : Cursor.decode(query.cursor);
  const newerFirst = cursor?.[0] !== 'newer';
  const ofTime = await rangeOfTime(workspaceId, query);
  const range = ofTime && (cursor ? intersection(ofTime, beyond(cursor)) : ofTime);
  const rows =
    range === null
      ? []
      : await read({ workspaceId, filters: query, range }, newerFirst ? 'DESC' : 'ASC', query.limit + 1);
  const page = rows.slice(0, query.limit).map(toAuditEvent);
  if (!newerFirst) page.reverse();
  const more = rows.length > query.limit;
  const first = page.at(0);
  const last = page.at(-1);
  const hasOlder = newerFirst ? more : cursor !== undefined;
  const hasNewer = newerFirst ? cursor !== undefined : more;
  return {
    data: page,
    next_cursor: hasOlder && last ? Cursor.encode(['older', last.seq]) : null,
    prev_cursor: hasNewer && first ? Cursor.encode(['newer', first.seq]) : null,
  };
}

/**
 * How many events a search scans in order before it uses the filters' own indexes. If matches are common, the scan alone
 * usually fills the page.
 */
const LOOKED_AT = 2000;

async function read(selected: Selected, order: 'ASC' | 'DESC', limit: number): Promise<AuditRow[]> {
  if (!mayScanForNothing(selected.filters)) return select(selected, order, limit, false);
  const { range } = selected;
  const { seq: head } = await readChainHead(selected.workspaceId);
  const whole = intersection(range, { after: 0, upTo: head });
  const near =
    order === 'DESC'
      ? intersection(whole, { ...WHOLE, after: whole.upTo - LOOKED_AT })
      : intersection(whole, { ...WHOLE, upTo: whole.after + LOOKED_AT });
  const far = order === 'DESC' ? { ...whole, upTo: near.after } : { ...whole, after: near.upTo };
  const found = await select({ ...selected, range: near }, order, limit, false);
  if (found.length === limit || far.after >= far.upTo) return found;
  const rest = await select({ ...selected, range: far }, order, limit - found.length, true);
  return [...found, ...rest];
}

function select(
  selected: Selected,
  order: 'ASC' | 'DESC',
  limit: number,
  throughIndexes: boolean,
): Promise<AuditRow[]> {
  const statement = selectEvents(SELECT_EVENT, selected, { order, limit, throughIndexes });
  const inOrder = throughIndexes && mayRefuseAll(selected.filters);
  return readInBulk({ workspaceId: selected.workspaceId, statement, inOrder });
}
