import { type Database, sql } from '../db/sql';
import { Problem } from '../problem';
import { byNameOrId, findSharedRepositories } from './shared-repositories';

/**
 * Resolves names or ids to the ids of repositories that the workspace can read now. Keys and trust rules store only ids, so a
 * repository that is later renamed or recreated can't widen their access.
 *
 * @param wanted GitHub's ids, or `owner/name` in any letter case, because GitHub ignores the case too
 * @param kept ids that need not be shared now
 * @returns distinct ids in ascending order
 * @throws {Problem} `repository_not_accessible`; the response is the same whether a repository does not exist or
 *   belongs to another customer
 */
export async function resolveRepositoryIds(
  tx: Database,
  workspaceId: string,
  wanted: readonly (string | number)[],
  kept: ReadonlySet<bigint> = new Set(),
): Promise<bigint[]> {
  const active = sql`ARRAY(SELECT id FROM installations
    WHERE workspace_id = ${workspaceId}::uuid AND status = 'active')`;
  const find = byNameOrId(await findSharedRepositories(tx, active, wanted));
  const resolved = new Set<bigint>();
  const errors: { path: string; message: string }[] = [];
  for (const [index, item] of wanted.entries()) {
    // For a while after a transfer, two installations share the same repository, so it's found twice. Compare ids to
    // tell that apart from two repositories with one name.
    const [match, another] = new Set(find(item).map(({ id }) => id));
    if (typeof item === 'number' && kept.has(BigInt(item))) resolved.add(BigInt(item));
    else if (match === undefined)
      errors.push({ path: `repositories.${index}`, message: `${item} is not shared with this workspace` });
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
