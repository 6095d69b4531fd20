import type { AuditEvent, AuditEventsQuery } from '../contract/audit-event';
import type { List } from '../contract/pagination';
import { readInBulk } from '../db/read-in-bulk';
import { Problem } from '../problem';
import { selectEvents } from './filters';
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

/**
 * A workspace's events that fit the filters, newest first.
 *
 * @returns `next_cursor` leads to older events, `prev_cursor` to newer ones
 * @throws {Problem} `invalid_request` for a cursor that is not ours; those of {@link readInBulk}
 */
export async function listAuditEvents(
  workspaceId: string,
  query: AuditEventsQuery,
): Promise<List<AuditEvent> & { prev_cursor: string | null }> {
  const cursor = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const newerFirst = cursor?.direction !== 'newer';
  const { text, values } = selectEvents(
    SELECT_EVENT,
    { workspaceId, filters: query },
    {
      order: newerFirst ? 'DESC' : 'ASC',
      limit: query.limit + 1,
      more: cursor ? [[(n) => `seq ${newerFirst ? '<' : '>'} ${n}::bigint`, cursor.seq]] : [],
    },
  );
  const rows = await readInBulk<AuditRow>({ workspaceId, text, values });
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
