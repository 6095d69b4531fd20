import type { ApiKey } from '../contract/api-keys';
import type { Transaction } from '../db/client';
import type { ApiKey as ApiKeyRow } from '../db/generated/client';

type Reader = Pick<Transaction, '$queryRaw' | 'user'>;

/** Names of a workspace's repositories, those no longer shared among them; the latest known of each. */
async function readRepositoryNames(
  db: Reader,
  workspaceId: string,
  ids: bigint[],
): Promise<Map<bigint, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db.$queryRaw<{ id: bigint; full_name: string }[]>`
    SELECT DISTINCT ON (r.id) r.id, r.owner || '/' || r.name AS full_name
    FROM repositories r JOIN installations i ON i.id = r.installation_id
    WHERE i.workspace_id = ${workspaceId}::uuid AND r.id = ANY(${ids}::bigint[])
    ORDER BY r.id, r.removed_at DESC NULLS FIRST`;
  return new Map(rows.map((row) => [row.id, row.full_name]));
}

function statusOf(row: ApiKeyRow): ApiKey['status'] {
  if (row.revokedAt !== null) return 'revoked';
  return row.expiresAt !== null && row.expiresAt.getTime() <= Date.now() ? 'expired' : 'active';
}

/** Keys of one workspace as the API shows them. */
export async function describeApiKeys(db: Reader, workspaceId: string, rows: ApiKeyRow[]): Promise<ApiKey[]> {
  const names = await readRepositoryNames(db, workspaceId, [
    ...new Set(rows.flatMap((row) => row.repositoryIds)),
  ]);
  const creators = await db.user.findMany({
    where: { id: { in: rows.flatMap((row) => row.createdBy ?? []) } },
    select: { id: true, email: true },
  });
  const emails = new Map(creators.map((user) => [user.id, user.email]));
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    display_prefix: row.displayPrefix,
    repositories: row.bound
      ? row.repositoryIds.map((id) => ({ id: Number(id), full_name: names.get(id) ?? null }))
      : null,
    status: statusOf(row),
    created_by: row.createdBy === null ? null : (emails.get(row.createdBy) ?? null),
    created_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt?.toISOString() ?? null,
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    revoked_at: row.revokedAt?.toISOString() ?? null,
  }));
}
