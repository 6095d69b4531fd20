import { getPool } from '../db/pool';
import { GENESIS_HASH } from './canonical';

/** The newest event's number and hash: whoever keeps it can tell later whether anything up to there was rewritten. */
export async function readChainHead(workspaceId: string): Promise<{ seq: number; hash: string }> {
  const { rows } = await getPool('work').query<{ seq: string; head_hash: string }>(
    'SELECT seq::text, head_hash FROM audit_chains WHERE workspace_id = $1::uuid',
    [workspaceId],
  );
  return { seq: Number(rows[0]?.seq ?? 0), hash: rows[0]?.head_hash ?? GENESIS_HASH };
}
