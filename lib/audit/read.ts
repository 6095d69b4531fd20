import type { AuditEvent } from '../contract/audit-event';
import { getPool } from '../db/pool';
import { type AuditFilters, auditWhere } from './filters';
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
  const head = await getPool().query<{ seq: string }>(
    'SELECT seq::text FROM audit_chains WHERE workspace_id = $1::uuid',
    [workspaceId],
  );
  const newest = head.rows[0]?.seq ?? '0';
  for (let after = '0'; ; ) {
    const { where, values } = auditWhere(workspaceId, filters, [
      [(n) => `seq > ${n}::bigint`, after],
      [(n) => `seq <= ${n}::bigint`, newest],
    ]);
    const { rows } = await getPool().query<AuditRow>(
      `${SELECT_EVENT} WHERE ${where} ORDER BY audit_events.seq LIMIT ${BATCH}`,
      values,
    );
    for (const row of rows) yield toAuditEvent(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    after = last.seq;
  }
}
