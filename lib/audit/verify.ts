import type { AuditVerification } from '../contract/audit-event';
import { getPool } from '../db/pool';
import { GENESIS_HASH } from './canonical';
import { ChainWalk } from './chain';
import { readAuditEvents } from './read';

type Head = { seq: string; head_hash: string };

/**
 * Recomputes a workspace's whole chain: every event's hash, its link to the one before, no gap in `seq`, and a last
 * hash that is the stored head, so that events cut off at the end are noticed too.
 *
 * @returns `first_bad`: `seq` of the first event that does not fit
 */
export async function verifyAuditChain(workspaceId: string): Promise<AuditVerification> {
  const { rows } = await getPool().query<Head>(
    'SELECT seq::text, head_hash FROM audit_chains WHERE workspace_id = $1::uuid',
    [workspaceId],
  );
  const head = { seq: Number(rows[0]?.seq ?? 0), hash: rows[0]?.head_hash ?? GENESIS_HASH };
  const walk = new ChainWalk();
  let hashAtHead = head.seq === 0 ? GENESIS_HASH : undefined;
  for await (const event of readAuditEvents(workspaceId)) {
    if (!walk.add(event))
      return {
        ok: false,
        events: walk.events,
        first_bad: walk.firstBad ?? walk.events + 1,
        head_hash: head.hash,
      };
    if (event.seq === head.seq) hashAtHead = event.hash;
  }
  // The head was read first: newer events may have come since, older ones may not have gone.
  if (hashAtHead !== head.hash)
    return { ok: false, events: walk.events, first_bad: walk.events + 1, head_hash: head.hash };
  return { ok: true, events: walk.events, head_hash: walk.head };
}
