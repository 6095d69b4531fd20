import type { AuditEvent } from '../contract/audit-event';
import { BATCH_WAIT_MS, readInBulk } from '../db/read-in-bulk';
import { type AuditFilters, selectEvents } from './filters';
import { type AuditRow, SELECT_EVENT_AS_TEXT, toAuditEvent } from './row';

/** Rows of one batch at most. */
export const MOST_ROWS = 1000;

/**
 * Bytes of `details` that one batch may hold, give or take its last row. A mint of 500 repositories is a row of nearly
 * 100 kB, so that a number of rows alone bounds no memory.
 */
export const MOST_BYTES = 1024 * 1024;

export type Range = { workspaceId: string; filters: AuditFilters; after: number; upTo: number };

export type Batch = {
  /** Made one by one, while they are used: a thousand at once would outlive the young generation of the heap. */
  events: Iterable<AuditEvent>;
  /** `seq` of the last of them; `undefined`: there is none. */
  last: number | undefined;
  /** How many rows to ask for next: the database reads no more than it has to of what would be cut off. */
  nextLimit: number;
  isLast: boolean;
};

/** `details` as text, which is measured and parsed once. `bytes`: of this row and those before it. */
type MeasuredRow = Omit<AuditRow, 'details'> & { details: string; bytes: string };

/** The next events of a range, oldest first: at most `limit`, and not much more than {@link MOST_BYTES}. */
export async function readBatch({ workspaceId, filters, ...range }: Range, limit: number): Promise<Batch> {
  const selected = { workspaceId, filters, range };
  const { text, values } = selectEvents(SELECT_EVENT_AS_TEXT, selected, { order: 'ASC', limit });
  const rows = await readInBulk<MeasuredRow>({
    workspaceId,
    text: `SELECT * FROM (
      SELECT *, sum(octet_length(details)) OVER (ORDER BY position ROWS UNBOUNDED PRECEDING) AS bytes
      FROM (${text}) AS next
    ) AS measured
    WHERE bytes - octet_length(details) < ${MOST_BYTES} ORDER BY position`,
    values,
    waitMs: BATCH_WAIT_MS,
  });
  const last = rows.at(-1);
  const isCut = Number(last?.bytes ?? 0) >= MOST_BYTES;
  return {
    events: toEvents(rows),
    last: last && Number(last.seq),
    nextLimit: isCut ? rows.length : Math.min(MOST_ROWS, limit * 2),
    isLast: rows.length < limit && !isCut,
  };
}

function* toEvents(rows: MeasuredRow[]): Generator<AuditEvent> {
  for (const row of rows) yield toAuditEvent(Object.assign(row, { details: JSON.parse(row.details) }));
}
