import type { Transaction } from '../db/client';
import { Problem } from '../problem';

type Row = { id: bigint; full_name: string };

/**
 * Resolves what a key is to be bound to, to ids of repositories that this workspace can read now. Names are resolved
 * once and only the ids kept, so that a repository renamed or made anew under the name never widens the key.
 *
 * @param wanted `owner/name` in any case (GitHub ignores it too), or GitHub's id
 * @returns distinct ids in ascending order
 * @throws {Problem} `repository_not_accessible`, the same for a repository that does not exist and for another
 *   customer's
 */
export async function resolveRepositoryIds(
  tx: Pick<Transaction, '$queryRaw'>,
  workspaceId: string,
  wanted: readonly (string | number)[],
): Promise<bigint[]> {
  const ids = wanted.filter((item) => typeof item === 'number').map(BigInt);
  const names = wanted.filter((item) => typeof item === 'string').map((name) => name.toLowerCase());
  const rows = await tx.$queryRaw<Row[]>`
    SELECT DISTINCT r.id, lower(r.owner || '/' || r.name) AS full_name
    FROM repositories r JOIN installations i ON i.id = r.installation_id
    WHERE i.workspace_id = ${workspaceId}::uuid AND i.status = 'active' AND r.removed_at IS NULL
      AND (r.id = ANY(${ids}::bigint[]) OR lower(r.owner || '/' || r.name) = ANY(${names}::text[]))`;

  const resolved = new Set<bigint>();
  const errors: { path: string; message: string }[] = [];
  for (const [index, item] of wanted.entries()) {
    const matches = rows.filter((row) =>
      typeof item === 'number' ? row.id === BigInt(item) : row.full_name === item.toLowerCase(),
    );
    const [match, another] = [...new Set(matches.map((row) => row.id))];
    if (match === undefined)
      errors.push({ path: `repositories.${index}`, message: `${item} is not shared with this workspace` });
    // Renamed, and another made under its old name: between two syncs a name can stand for either.
    else if (another !== undefined)
      errors.push({
        path: `repositories.${index}`,
        message: `${item} stands for two repositories; use the id`,
      });
    else resolved.add(match);
  }
  if (errors.length > 0)
    throw new Problem('repository_not_accessible', 'Not every repository is shared with this workspace.', {
      errors,
    });
  return [...resolved].sort((a, b) => (a < b ? -1 : 1));
}
