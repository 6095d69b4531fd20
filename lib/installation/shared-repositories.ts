import { type Database, query, type Sql, sql } from '../db/sql';

/** A stored repository that an installation shares. */
export type SharedRepository = {
  id: bigint;
  installation_id: bigint;
  owner: string;
  name: string;
  clone_url: string;
  default_branch: string;
};

/** GitHub's id, or `owner/name` in any case, which GitHub ignores too. */
type NameOrId = string | number;

export const fullName = ({ owner, name }: SharedRepository): string => `${owner}/${name}`;

/**
 * Returns the repositories that these installations share under the names or ids, in the order of their ids. A name
 * stands for the repository that has it now. From then on ids decide, so a renamed or recreated repository widens
 * nothing.
 *
 * The union has a branch for each index, so that a list of thousands is not read for a few of its repositories.
 *
 * @param installationIds an expression of type `bigint[]`
 */
export function findSharedRepositories(
  db: Database,
  installationIds: Sql,
  wanted: readonly NameOrId[],
): Promise<SharedRepository[]> {
  const ids = wanted.filter((item) => typeof item === 'number');
  const names = wanted.filter((item) => typeof item === 'string').map((name) => name.toLowerCase());
  const shared = sql`SELECT id, installation_id, owner, name, clone_url, default_branch FROM repositories
    WHERE installation_id = ANY (${installationIds}) AND removed_at IS NULL`;
  return query(
    db,
    sql<SharedRepository>`${shared} AND id = ANY (${ids}::bigint[])
      UNION ${shared} AND lower(owner || '/' || name) = ANY (${names}::text[])
      ORDER BY id`,
  );
}

/**
 * Returns the look-up of repositories by name or id. A name can find two: after a rename, another repository may get
 * the old name, and between two syncs the name can stand for either.
 */
export function byNameOrId(
  repositories: readonly SharedRepository[],
): (item: NameOrId) => readonly SharedRepository[] {
  const found = new Map<NameOrId, SharedRepository[]>();
  for (const repository of repositories)
    for (const key of [Number(repository.id), fullName(repository).toLowerCase()])
      found.set(key, [...(found.get(key) ?? []), repository]);
  return (item) => found.get(typeof item === 'string' ? item.toLowerCase() : item) ?? [];
}
