import type { AuditEvent } from '../contract/audit-event';
import { getPool } from '../db/pool';
import { type AuditRow, SELECT_EVENT, toAuditEvent } from './row';

/** Up to the largest integer that JavaScript counts with. */
const SEQ = /^[1-9]\d{0,14}$/;

/**
 * @param seq its number in the workspace's log, as a reader wrote it
 * @returns `null` when there is no such event in this workspace, or it is no number at all
 */
export async function findAuditEvent(workspaceId: string, seq: string): Promise<AuditEvent | null> {
  if (!SEQ.test(seq)) return null;
  const { rows } = await getPool('work').query<AuditRow>(
    `${SELECT_EVENT} WHERE workspace_id = $1::uuid AND seq = $2::bigint`,
    [workspaceId, seq],
  );
  return rows[0] === undefined ? null : toAuditEvent(rows[0]);
}
