import type { AuditEvent, AuditEventsQuery } from '../contract/audit-event';
import type { List } from '../contract/pagination';
import { getPool } from '../db/pool';
import { Problem } from '../problem';
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

/** `%` and `_` are meant literally. */
const likePattern = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** One row a filter: its condition with `$n` for the value. Only filters that are given are in the query at all. */
function conditions(query: AuditEventsQuery): [sql: (n: string) => string, value: unknown][] {
  const given: [(n: string) => string, unknown][] = [];
  if (query.type) given.push([(n) => `type = ${n}`, query.type]);
  if (query.actor) given.push([(n) => `(actor_id = ${n} OR actor_label = ${n})`, query.actor]);
  if (query.installation_id) given.push([(n) => `installation_id = ${n}::bigint`, query.installation_id]);
  if (query.ip) given.push([(n) => `client_ip = ${n}::inet`, query.ip]);
  if (query.from) given.push([(n) => `occurred_at >= ${n}::timestamptz`, query.from]);
  if (query.to) given.push([(n) => `occurred_at < ${n}::timestamptz`, query.to]);
  if (query.q)
    given.push([
      (n) => `(actor_label ILIKE ${n} OR request_id ILIKE ${n} OR details::text ILIKE ${n})`,
      likePattern(query.q),
    ]);
  return given;
}

/**
 * A workspace's events that fit the filters, newest first.
 *
 * @returns `next_cursor` leads to older events, `prev_cursor` to newer ones
 * @throws {Problem} `invalid_request` for a cursor that is not ours
 */
export async function listAuditEvents(
  workspaceId: string,
  query: AuditEventsQuery,
): Promise<List<AuditEvent> & { prev_cursor: string | null }> {
  const cursor = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const newerFirst = cursor?.direction !== 'newer';
  const filters = conditions(query);
  if (cursor) filters.push([(n) => `seq ${newerFirst ? '<' : '>'} ${n}::bigint`, cursor.seq]);
  const where = ['workspace_id = $1::uuid', ...filters.map(([sql], index) => sql(`$${index + 2}`))].join(
    ' AND ',
  );
  const { rows } = await getPool().query<AuditRow>(
    `${SELECT_EVENT} WHERE ${where} ORDER BY audit_events.seq ${newerFirst ? 'DESC' : 'ASC'} LIMIT ${query.limit + 1}`,
    [workspaceId, ...filters.map(([, value]) => value)],
  );
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
