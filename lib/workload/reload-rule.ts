import type { WorkloadActor } from '../actor';
import { query, sql } from '../db/sql';
import { refusedService } from '../problem';

/**
 * Reads a request's trust rule again: since the request began, it may have expired, been revoked, or been given other
 * repositories or claims.
 *
 * @throws {Problem} `unauthenticated`, as for a new request
 */
export async function reloadTrustRule(actor: WorkloadActor): Promise<WorkloadActor> {
  const [row] = await query(
    'mint',
    sql<{ bound: boolean; repository_ids: bigint[] }>`SELECT bound, repository_ids FROM trust_rules
      WHERE id = ${actor.id}::uuid AND workspace_id = ${actor.workspace.id}::uuid AND revoked_at IS NULL
        AND (expires_at IS NULL OR expires_at > now()) AND revision = ${actor.rule.revision}`,
  );
  if (row === undefined) throw refusedService();
  return { ...actor, repositoryIds: row.bound ? row.repository_ids.map(Number) : null };
}
