import { actorInWords } from '../contract/actor-words';
import type { AuditEvent } from '../contract/audit-event';
import { query, sql } from '../db/sql';

const MOST_ACTORS = 60;

/**
 * Returns actors of the log as its pages show them, in alphabetical order, and no more than {@link MOST_ACTORS}. Reads one
 * index entry for each, however many events they have.
 */
export async function suggestActors(workspaceId: string): Promise<string[]> {
  const next = sql`SELECT actor_label, actor_type FROM audit_events WHERE workspace_id = ${workspaceId}::uuid`;
  const rows = await query(
    'work',
    sql<{ actor_label: string; actor_type: AuditEvent['actor']['type'] }>`
      WITH RECURSIVE actors AS (
        (${next} ORDER BY actor_label LIMIT 1)
        UNION ALL
        SELECT next.* FROM actors CROSS JOIN LATERAL
          (${next} AND actor_label > actors.actor_label ORDER BY actor_label LIMIT 1) AS next
      )
      SELECT actor_label, actor_type FROM actors LIMIT ${MOST_ACTORS}::int`,
  );
  return rows.map(({ actor_label: label, actor_type: type }) => actorInWords({ type, label }));
}
