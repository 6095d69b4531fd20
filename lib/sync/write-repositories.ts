import type { Transaction } from '../db/client';
import type { GitHubRepository } from '../github/installation-repositories';

export type Named = { id: bigint; owner: string; name: string };

/** Inserts or updates all repositories in one statement, which writes only the rows that differ. */
export async function upsertRepositories(
  tx: Transaction,
  installationId: number,
  repositories: readonly GitHubRepository[],
): Promise<{ added: Named[]; changed: Named[] }> {
  if (repositories.length === 0) return { added: [], changed: [] };
  const incoming = JSON.stringify(
    repositories.map((repository) => ({
      id: repository.id,
      owner: repository.owner,
      name: repository.name,
      clone_url: repository.cloneUrl,
      default_branch: repository.defaultBranch,
      private: repository.private,
      archived: repository.archived,
    })),
  );
  const written = await tx.$queryRaw<(Named & { added: boolean })[]>`
    WITH incoming AS (
      SELECT * FROM jsonb_to_recordset(${incoming}::jsonb) AS i
        (id bigint, owner text, name text, clone_url text, default_branch text, private boolean, archived boolean)
    ), differing AS (
      SELECT i.*, (r.id IS NULL OR r.removed_at IS NOT NULL) AS added
      FROM incoming i LEFT JOIN repositories r ON r.installation_id = ${installationId} AND r.id = i.id
      WHERE r.id IS NULL
        OR (r.owner, r.name, r.clone_url, r.default_branch, r.private, r.archived, r.removed_at)
          IS DISTINCT FROM (i.owner, i.name, i.clone_url, i.default_branch, i.private, i.archived, NULL::timestamptz)
    ), written AS (
      INSERT INTO repositories (installation_id, id, owner, name, clone_url, default_branch, private, archived)
      SELECT ${installationId}, id, owner, name, clone_url, default_branch, private, archived FROM differing
      ON CONFLICT (installation_id, id) DO UPDATE SET owner = excluded.owner, name = excluded.name,
        clone_url = excluded.clone_url, default_branch = excluded.default_branch, private = excluded.private,
        archived = excluded.archived, removed_at = NULL
      RETURNING id
    )
    SELECT d.id, d.owner, d.name, d.added FROM differing d JOIN written w ON w.id = d.id ORDER BY d.id`;
  return { added: written.filter((row) => row.added), changed: written.filter((row) => !row.added) };
}

/** Marks repositories as removed whose id and name (`owner/name`, lower case) are both unlisted. */
export function removeOthers(
  tx: Transaction,
  installationId: number,
  kept: { ids: number[]; names: string[] },
): Promise<Named[]> {
  return tx.$queryRaw<Named[]>`
    UPDATE repositories r SET removed_at = now()
    WHERE r.installation_id = ${installationId} AND r.removed_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM unnest(${kept.ids}::bigint[]) AS k(id) WHERE k.id = r.id)
      AND NOT (lower(r.owner || '/' || r.name) = ANY (${kept.names}::text[]))
    RETURNING r.id, r.owner, r.name`;
}
