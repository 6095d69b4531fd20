import type { AuditEvent } from '../contract/audit-event';
import { getPool } from '../db/pool';
import { type AuditRow, SELECT_EVENT, toAuditEvent } from './row';

const BATCH = 1000;

/**
 * A workspace's events, oldest first, up to the newest one at the time of the call. Read in batches by key, so that
 * memory stays the same however many there are.
 */
export async function* readAuditEvents(workspaceId: string): AsyncGenerator<AuditEvent> {
  const head = await getPool().query<{ seq: string }>(
    'SELECT seq::text FROM audit_chains WHERE workspace_id = $1::uuid',
    [workspaceId],
  );
  const newest = head.rows[0]?.seq ?? '0';
  for (let after = '0'; ; ) {
    const { rows } = await getPool().query<AuditRow>({
      name: 'audit-read',
      text: `${SELECT_EVENT} WHERE workspace_id = $1::uuid AND seq > $2::bigint AND seq <= $3::bigint ORDER BY audit_events.seq LIMIT ${BATCH}`,
      values: [workspaceId, after, newest],
    });
    for (const row of rows) yield toAuditEvent(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    after = last.seq;
  }
}
