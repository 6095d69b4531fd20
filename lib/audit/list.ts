import type { AuditEvent, AuditEventsQuery } from '../contract/audit-event';
import type { List } from '../contract/pagination';
import { readInBulk } from '../db/read-in-bulk';
import { Problem } from '../problem';
import { isUnordered, type Selected, selectEvents } from './filters';
import { intersection, type Range, rangeOfTime, WHOLE } from './range';
import { readChainHead } from './read-head';
import { type AuditRow, SELECT_EVENT, toAuditEvent } from './row';

/** A page's edge: events older than `seq` (next page) or newer than it (previous page). */
type Cursor = { direction: 'older' | 'newer'; seq: number };

function encodeCursor({ direction, seq }: Cursor): string {
  return `${direction === 'older' ? 'o' : 'n'}${seq}`;
}

function decodeCursor(text: string): Cursor {
  const match = /^([on])(\d{1,15})$/.exec(text);
  if (!match)
    throw new Problem('invalid_request', 'The cursor is not one of ours.', {
      errors: [{ path: 'cursor', message: 'is not valid' }],
    });
  return { direction: match[1] === 'o' ? 'older' : 'newer', seq: Number(match[2]) };
}

function beyond({ direction, seq }: Cursor): Range {
  return direction === 'older' ? { ...WHOLE, upTo: seq - 1 } : { ...WHOLE, after: seq };
}

/**
 * A workspace's events that fit the filters, newest first.
 *
 * @returns `next_cursor` leads to older events, `prev_cursor` to newer ones
 * @throws {Problem} `invalid_request` for a cursor that is not ours; those of {@link readInBulk}, never a part of what fits
 */
export async function listAuditEvents(
  workspaceId: string,
  query: AuditEventsQuery,
): Promise<List<AuditEvent> & { prev_cursor: string | null }> {
  const cursor = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const newerFirst = cursor?.direction !== 'newer';
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
    next_cursor: hasOlder && last ? encodeCursor({ direction: 'older', seq: last.seq }) : null,
    prev_cursor: hasNewer && first ? encodeCursor({ direction: 'newer', seq: first.seq }) : null,
  };
}

/** Events that are looked at one by one for what is found in no order: common words are in them already. */
const LOOKED_AT = 2000;

async function read(selected: Selected, order: 'ASC' | 'DESC', limit: number): Promise<AuditRow[]> {
  if (!isUnordered(selected.filters)) return select(selected, order, limit, false);
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
  isSorted: boolean,
): Promise<AuditRow[]> {
  const { text, values } = selectEvents(SELECT_EVENT, selected, { order, limit, isSorted });
  return readInBulk<AuditRow>({ workspaceId: selected.workspaceId, text, values });
}
