import type { AuditEvent } from '../contract/audit-event';
import { getPool } from '../db/pool';
import { type AuditFilters, auditWhere } from './filters';
import { readChainHead } from './read-head';
import { type AuditRow, SELECT_EVENT, toAuditEvent } from './row';

const BATCH = 1000;

/**
 * A workspace's events that fit the filters, oldest first, up to the newest one at the time of the call. Read in
 * batches by key, so that memory stays the same however many there are and no connection is held while a slow
 * reader thinks.
 */
export async function* readAuditEvents(
  workspaceId: string,
  filters: AuditFilters = {},
): AsyncGenerator<AuditEvent> {
  const { seq: newest } = await readChainHead(workspaceId);
  const readBatch = async (after: string): Promise<AuditRow[]> => {
    const { where, values } = auditWhere(workspaceId, filters, [
      [(n) => `seq > ${n}::bigint`, after],
      [(n) => `seq <= ${n}::bigint`, newest],
    ]);
    const text = `${SELECT_EVENT} WHERE ${where} ORDER BY audit_events.seq LIMIT ${BATCH}`;
    return (await getPool().query<AuditRow>(text, values)).rows;
  };
  for (let batch: Promise<AuditRow[]> | undefined = readBatch('0'); batch !== undefined; ) {
    const rows: AuditRow[] = await batch;
    const last: AuditRow | undefined = rows.length < BATCH ? undefined : rows.at(-1);
    // The database reads the next batch while this one is being used.
    batch = last && readBatch(last.seq);
    // Whoever stops reading never learns of a failure of a batch that nobody wants any more.
    batch?.catch(() => {});
    for (const row of rows) yield toAuditEvent(row);
  }
}
