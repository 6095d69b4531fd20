import type { AuditEvent } from '../contract/audit-event';
import { inSlices } from '../turns';
import type { AuditFilters } from './filters';
import { type Batch, MOST_ROWS, readBatch } from './read-batch';
import { readChainHead } from './read-head';

/**
 * A workspace's events that fit the filters, oldest first, beginning with the number `from`, up to the newest one at the time of the call. Read in
 * batches by key, so that memory stays the same however many there are and however wide, and no connection is held
 * while a slow reader thinks. In slices: what is done with them, hashing for example, gives way to requests.
 */
export async function* readAuditEvents(
  workspaceId: string,
  filters: AuditFilters = {},
  from = 1,
): AsyncGenerator<AuditEvent> {
  const { seq: upTo } = await readChainHead(workspaceId);
  const readAfter = (after: number, limit: number) => readBatch({ workspaceId, filters, after, upTo }, limit);
  for (let batch: Promise<Batch> | undefined = readAfter(from - 1, MOST_ROWS); batch !== undefined; ) {
    const { events, last, isLast, nextLimit }: Batch = await batch;
    // The database reads the next batch while this one is being used.
    batch = isLast || last === undefined ? undefined : readAfter(last, nextLimit);
    // Whoever stops reading never learns of a failure of a batch that nobody wants any more.
    batch?.catch(() => {});
    yield* inSlices(events);
  }
}
