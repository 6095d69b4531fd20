import type { AuditEvent } from '../contract/audit-event';
import { BATCH_WAIT_MS } from '../db/read-in-bulk';
import { inSlices } from '../turns';
import { type AuditFilters, isUnordered } from './filters';
import { intersection, rangeOfTime } from './range';
import { type Batch, MOST_ROWS, readBatch } from './read-batch';
import { readChainHead } from './read-head';

/** Events that one statement looks at for what is found in no order: none runs for long, however rare it is. */
const LOOKED_AT = 20_000;

/**
 * A workspace's events that fit the filters, oldest first, beginning with the number `from`, up to the newest one at the
 * time of the call. Read in batches by key, so that memory stays the same however many there are and however wide, and no connection is held
 * while a slow reader thinks. In slices: what is done with them, hashing for example, gives way to requests.
 */
export async function* readAuditEvents(
  workspaceId: string,
  filters: AuditFilters = {},
  from = 1,
): AsyncGenerator<AuditEvent> {
  const { seq: head } = await readChainHead(workspaceId);
  const ofTime = await rangeOfTime(workspaceId, filters, BATCH_WAIT_MS);
  if (ofTime === null) return;
  const whole = intersection(ofTime, { after: from - 1, upTo: head });
  const part = isUnordered(filters) ? LOOKED_AT : whole.upTo;
  const readAfter = (after: number, limit: number) => {
    const upTo = Math.min(whole.upTo, after + part);
    const batch = readBatch({ workspaceId, filters, after, upTo }, limit);
    // Whoever stops reading never learns of a failure of a batch that nobody wants any more.
    batch.catch(() => {});
    return { batch, upTo };
  };
  for (
    let next: { batch: Promise<Batch>; upTo: number } | undefined = readAfter(whole.after, MOST_ROWS);
    next !== undefined;
  ) {
    const { events, last, isLast, nextLimit }: Batch = await next.batch;
    const done: number = isLast || last === undefined ? next.upTo : last;
    // The database reads the next batch while this one is being used.
    next = done < whole.upTo ? readAfter(done, nextLimit) : undefined;
    yield* inSlices(events);
  }
}
