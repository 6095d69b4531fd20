import type { AuditEvent } from '../contract/audit-event';
import { readInBulk } from '../db/read-in-bulk';
import { sql } from '../db/sql';
import { type AuditRow, SELECT_EVENT, toAuditEvent } from './read';

/** The last events before one, of the same address and of the same actor; `null` for the first of its kind. */
export type PreviousUse = { ofAddress: AuditEvent | null; ofActor: AuditEvent | null };

/**
 * Finds the last use of an event's address and of its actor before it, so that a reader sees what is new.
 *
 * @throws {Problem} as {@link readInBulk} does
 */
export async function findPreviousUse(workspaceId: string, event: AuditEvent): Promise<PreviousUse> {
  const before = sql`workspace_id = ${workspaceId}::uuid AND seq < ${event.seq}::bigint`;
  const last = (same: ReturnType<typeof sql>) =>
    sql`(${SELECT_EVENT} WHERE ${before} AND ${same} ORDER BY position DESC LIMIT 1)`;
  const statement = sql<AuditRow & { kind: 'ofAddress' | 'ofActor' }>`
    SELECT 'ofAddress' AS kind, e.* FROM ${last(sql`client_ip = ${event.client_ip}::inet`)} AS e
    UNION ALL
    SELECT 'ofActor' AS kind, e.* FROM ${last(sql`actor_id = ${event.actor.id}`)} AS e`;
  const rows = await readInBulk({ workspaceId, statement, inOrder: 'nested' });
  const found = (kind: keyof PreviousUse) => {
    const row = rows.find((each) => each.kind === kind);
    return row === undefined ? null : toAuditEvent(row);
  };
  return { ofAddress: found('ofAddress'), ofActor: found('ofActor') };
}
