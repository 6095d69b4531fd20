import type { AuditEvent } from '../contract/audit-event';
import { PackedRows } from '../db/packed-rows';
import { BATCH_WAIT_MS, readRowsInBulk } from '../db/read-in-bulk';
import { query, type Sql, sql } from '../db/sql';
import { inSlices, oneByOne, SLICE_ITEMS } from '../turns';
import {
  CANONICAL_COLUMNS,
  CANONICAL_WIDTH,
  type CanonicalRow,
  SELECT_CANONICAL,
  toEvent,
} from './canonical-rows';
import { GENESIS_HASH } from './chain';
import { type AuditFilters, matchNothing, mayScanForNothing } from './conditions';
import { intersection, type Range, rangeOfTime } from './range';
import { selectEvents } from './select-events';

/** An audit row. Numbers and times are text from PostgreSQL, so nothing is rounded. */
export type AuditRow = {
  id: string;
  seq: string;
  type: string;
  occurred_at: string;
  /** Not validated, because pages also show rows that somebody tampered with. */
  actor_type: AuditEvent['actor']['type'];
  actor_id: string;
  actor_label: string;
  workspace_slug: string;
  installation_id: string | null;
  client_ip: string | null;
  user_agent: string | null;
  request_id: string;
  details: AuditEvent['details'];
  prev_hash: string;
  hash: string;
};

/** `position` is `seq` as a number, for sorting. */
export const SELECT_EVENT: Sql<AuditRow> = sql`SELECT id, seq::text AS seq, type,
    to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS occurred_at,
    actor_type, actor_id, actor_label, workspace_slug, installation_id::text AS installation_id,
    host(client_ip) AS client_ip, user_agent, request_id, prev_hash, hash, audit_events.seq AS position, details
  FROM audit_events`;

/**
 * Converts a row to the event shown by the API, pages and exports. The event's values are exactly those that were
 * hashed.
 */
export function toAuditEvent(row: AuditRow): AuditEvent {
  return {
    id: row.id,
    seq: Number(row.seq),
    type: row.type,
    occurred_at: row.occurred_at,
    actor: { type: row.actor_type, id: row.actor_id, label: row.actor_label },
    workspace: row.workspace_slug,
    installation_id: row.installation_id === null ? null : Number(row.installation_id),
    client_ip: row.client_ip,
    user_agent: row.user_agent,
    request_id: row.request_id,
    details: row.details,
    prev_hash: row.prev_hash,
    hash: row.hash,
  };
}

/** An event's number and hash. The number 0 stands for the beginning of a chain. */
export type ChainLink = { seq: number; hash: string };

/** The newest event, and the last one that was archived. Archived events may have been dropped. */
export type ChainHead = ChainLink & { archived: ChainLink };

/**
 * Returns the newest event's number and hash. Comparing the log with them later reveals any change to the events up to
 * that number.
 */
export async function readChainHead(workspaceId: string): Promise<ChainHead> {
  const [head] = await query(
    'work',
    sql<{ seq: bigint; head_hash: string; last_seq: bigint | null; last_hash: string | null }>`
      SELECT c.seq, c.head_hash, a.last_seq, a.last_hash FROM audit_chains AS c
      LEFT JOIN LATERAL (SELECT last_seq, last_hash FROM audit_archives AS a
        WHERE a.workspace_id = c.workspace_id ORDER BY first_seq DESC LIMIT 1) AS a ON true
      WHERE c.workspace_id = ${workspaceId}::uuid`,
  );
  return {
    seq: Number(head?.seq ?? 0),
    hash: head?.head_hash ?? GENESIS_HASH,
    archived: { seq: Number(head?.last_seq ?? 0), hash: head?.last_hash ?? GENESIS_HASH },
  };
}

/** Matches positive integers of at most 15 digits, which JavaScript represents exactly. */
const SEQ = /^[1-9]\d{0,14}$/;

/**
 * Finds an event by its number in the workspace's log.
 *
 * @param seq text from a user, which is not validated yet
 * @returns `null` if the text is not the number of an event in this log
 */
export async function findAuditEvent(workspaceId: string, seq: string): Promise<AuditEvent | null> {
  if (!SEQ.test(seq)) return null;
  const statement = sql<AuditRow>`${SELECT_EVENT} WHERE workspace_id = ${workspaceId}::uuid AND seq = ${seq}::bigint`;
  const [row] = await query('work', statement);
  return row === undefined ? null : toAuditEvent(row);
}

/** The maximum number of rows in one batch. */
export const MOST_ROWS = 1000;

/**
 * A batch ends with the row at which the total size of `details` reaches this limit. A limit on rows alone would not
 * bound memory, because a mint for 500 repositories is a row of nearly 100 kB.
 */
export const MOST_BYTES = 1024 * 1024;

/** Converts a row to what the reader needs. */
export type Reading<Item> = (row: CanonicalRow) => Item;

export type Batch = {
  /** `seq` of the batch's last event; `undefined` if the batch is empty. */
  last: number | undefined;
  /** The row limit for the next batch, chosen so that the database reads few rows that do not fit into the batch. */
  nextLimit: number;
  isLast: boolean;
};

/**
 * Reads the next events in a range, oldest first: at most `limit` rows, and not much more than {@link MOST_BYTES}.
 *
 * @param rows receives the events, each as a {@link CanonicalRow}
 */
export async function readBatch(
  rows: PackedRows,
  { workspaceId, filters, ...range }: { workspaceId: string; filters: AuditFilters } & Range,
  limit: number,
): Promise<Batch> {
  const next = selectEvents(SELECT_CANONICAL, { workspaceId, filters, range }, { order: 'ASC', limit });
  const statement = sql`SELECT ${CANONICAL_COLUMNS} FROM (
      SELECT *, sum(octet_length(details)) OVER (ORDER BY position ROWS UNBOUNDED PRECEDING) AS bytes
      FROM (${next}) AS next
    ) AS measured
    WHERE bytes - octet_length(details) < ${MOST_BYTES}::int ORDER BY position`;
  let last: string | null | undefined;
  let bytes = 0;
  rows.clear();
  const inOrder = filters.repository === undefined ? undefined : 'nested';
  await readRowsInBulk({ workspaceId, statement, inOrder, waitMs: BATCH_WAIT_MS }, (row) => {
    rows.add(row);
    [last] = row;
    bytes += Buffer.byteLength(row[4] ?? '');
  });
  const isCut = bytes >= MOST_BYTES;
  return {
    last: last ? Number(last) : undefined,
    nextLimit: isCut ? rows.count : Math.min(MOST_ROWS, limit * 2),
    isLast: rows.count < limit && !isCut,
  };
}

export const emptyBatch = (): PackedRows => new PackedRows(CANONICAL_WIDTH);

/** Converts the events one by one as the caller consumes them, so that each can be forgotten before the next. */
function* toItems<Item>(rows: PackedRows, toItem: Reading<Item>): Generator<Item> {
  for (const row of rows.unpack()) yield toItem(row as CanonicalRow);
}

/** Thrown if events were archived, and perhaps dropped, while they were being read. The caller may read again. */
export class ArchivedMeanwhile extends Error {
  override readonly name = 'ArchivedMeanwhile';
}

/**
 * The maximum number of events that one statement examines if matches may be rare. The limit keeps statements short.
 */
const LOOKED_AT = 20_000;

/**
 * Yields slices of a workspace's events that match the filters, oldest first. Starts at event number `from`, but after
 * the archived events, and stops at the event that was newest when the call began.
 *
 * Events are read in batches, so memory use is bounded however many or large the events are. No connection is held
 * while a slow consumer is working on a batch. Other requests can run between slices, even if the consumer does heavy
 * work such as hashing.
 *
 * @throws {ArchivedMeanwhile} at the end, so that an incomplete result can't pass for a complete one
 */
export async function* readSlicesAs<Item>(
  toItem: Reading<Item>,
  workspaceId: string,
  filters: AuditFilters = {},
  from = 1,
): AsyncGenerator<Iterable<Item>> {
  const { seq: head, archived } = await readChainHead(workspaceId);
  const ofTime = await rangeOfTime(workspaceId, filters, BATCH_WAIT_MS);
  if (ofTime === null || matchNothing(filters)) return;
  const whole = intersection(ofTime, { after: Math.max(from - 1, archived.seq), upTo: head });
  const part = mayScanForNothing(filters) ? LOOKED_AT : whole.upTo;
  const readAfter = (after: number, limit: number, rows: PackedRows) => {
    const upTo = Math.min(whole.upTo, after + part);
    const batch = readBatch(rows, { workspaceId, filters, after, upTo }, limit);
    // If the consumer stops early, nobody awaits this batch, so keep a failure from becoming an unhandled rejection.
    batch.catch(() => {});
    return { batch, rows, upTo };
  };
  // The database reads into one while the consumer is working on the other.
  let spare = emptyBatch();
  for (
    let next: ReturnType<typeof readAfter> | undefined = readAfter(whole.after, MOST_ROWS, emptyBatch());
    next !== undefined;
  ) {
    const { rows, upTo }: ReturnType<typeof readAfter> = next;
    const { last, isLast, nextLimit }: Batch = await next.batch;
    const done: number = isLast || last === undefined ? upTo : last;
    next = done < whole.upTo ? readAfter(done, nextLimit, spare) : undefined;
    for await (const slice of inSlices(toItems(rows, toItem), workspaceId)) yield slice;
    spare = rows;
  }
  if ((await readChainHead(workspaceId)).archived.seq > Math.max(from - 1, archived.seq))
    throw new ArchivedMeanwhile('a part of the audit log was archived while it was read; read it again');
}

/** Works like {@link readSlicesAs}, but always yields events as the API shows them. */
export function readAuditSlices(
  workspaceId: string,
  filters?: AuditFilters,
  from?: number,
): AsyncGenerator<Iterable<AuditEvent>> {
  return readSlicesAs(toEvent, workspaceId, filters, from);
}

/**
 * Yields the events of {@link readAuditSlices} one by one. This costs a few promises per event, so use it only where
 * the work per event costs more.
 */
export function readAuditEvents(...selected: Parameters<typeof readAuditSlices>): AsyncGenerator<AuditEvent> {
  return oneByOne(readAuditSlices(...selected));
}

/** Throws if the caller is no longer allowed to read. */
export type StillAllowed = () => Promise<void>;

/**
 * Once more items than this have been passed on, the next slice needs a check first. That slice holds at most {@link
 * SLICE_ITEMS}, so no more than 1000 items pass between two checks.
 */
const CHECK_EVERY_ITEMS = 1000 - SLICE_ITEMS;
const CHECK_EVERY_MS = 2000;

/**
 * Passes slices on for as long as `stillAllowed` resolves. Calls `stillAllowed` at least every 1000 items, or every two
 * seconds if the consumer is slow. Calls it once more at the end, so that a user who has lost access never gets a
 * complete result.
 *
 * @throws whatever `stillAllowed` throws
 */
export async function* whileAllowed<T>(
  slices: AsyncIterable<Iterable<T>>,
  stillAllowed: StillAllowed,
): AsyncGenerator<Iterable<T>> {
  let passed = 0;
  let checkedAt = performance.now();
  function* counted(slice: Iterable<T>): Generator<T> {
    for (const item of slice) {
      passed++;
      yield item;
    }
  }
  for await (const slice of slices) {
    if (passed > CHECK_EVERY_ITEMS || performance.now() - checkedAt >= CHECK_EVERY_MS) {
      await stillAllowed();
      passed = 0;
      checkedAt = performance.now();
    }
    yield counted(slice);
  }
  await stillAllowed();
}
