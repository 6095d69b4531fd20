import { query, type Sql, sql } from '../db/sql';

/** An API key or trust rule that may read a repository. */
export type Reader = {
  kind: 'api_key' | 'trust_rule';
  id: string;
  name: string;
  /** Whether it may read every repository of the workspace. */
  is_for_all: boolean;
  last_used_at: string | null;
};

/** The most readers that a page lists. */
export const MAX_READERS = 50;

type Row = Omit<Reader, 'last_used_at'> & { last_used_at: Date | null };

/**
 * Lists the live keys and rules that may read a repository, the last used first.
 *
 * @returns one more than {@link MAX_READERS} if there are more
 */
export async function listReaders(workspaceId: string, repositoryId: number): Promise<Reader[]> {
  const of = (
    kind: Reader['kind'],
    table: Sql,
  ) => sql`(SELECT ${kind}::text AS kind, id, name, NOT bound AS is_for_all,
      last_used_at FROM ${table} WHERE workspace_id = ${workspaceId}::uuid AND revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > now()) AND (NOT bound OR ${repositoryId}::bigint = ANY (repository_ids)))`;
  const rows = await query(
    'work',
    sql<Row>`SELECT * FROM (${of('api_key', sql`api_keys`)} UNION ALL ${of('trust_rule', sql`trust_rules`)}) AS readers
      ORDER BY last_used_at DESC NULLS LAST, name, id LIMIT ${MAX_READERS + 1}::int`,
  );
  return rows.map((row) => ({ ...row, last_used_at: row.last_used_at?.toISOString() ?? null }));
}
