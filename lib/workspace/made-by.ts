import { query, type Sql, sql } from '../db/sql';

/** An object of a workspace that a member made, and that still works. */
export type Made = { kind: 'api_key' | 'trust_rule' | 'connection'; id: string; name: string; at: string };

/** The most objects that a page lists. */
export const MAX_MADE = 50;

/**
 * Lists the live keys, rules and connections that a user made in a workspace, the newest first.
 *
 * @returns one more than {@link MAX_MADE} if there are more
 */
export async function listMadeBy(workspaceId: string, userId: string): Promise<Made[]> {
  const credentials = (
    kind: Made['kind'],
    table: Sql,
  ) => sql`(SELECT ${kind}::text AS kind, id::text, name, created_at AS at
    FROM ${table} WHERE workspace_id = ${workspaceId}::uuid AND created_by = ${userId}::uuid AND revoked_at IS NULL
    AND (expires_at IS NULL OR expires_at > now()))`;
  const rows = await query(
    'work',
    sql<Omit<Made, 'at'> & { at: Date }>`SELECT * FROM (
        ${credentials('api_key', sql`api_keys`)} UNION ALL ${credentials('trust_rule', sql`trust_rules`)}
        UNION ALL (SELECT 'connection', id::text, account_login, bound_at FROM installations
          WHERE workspace_id = ${workspaceId}::uuid AND bound_by = ${userId}::uuid AND status <> 'deleted')
      ) AS made ORDER BY at DESC, id LIMIT ${MAX_MADE + 1}::int`,
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
