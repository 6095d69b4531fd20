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

/** GitHub's id, or `owner/name` in any letter case, because GitHub ignores the case too. */
type NameOrId = string | number;

export const fullName = ({ owner, name }: SharedRepository): string => `${owner}/${name}`;

/**
 * Returns the repositories that these installations share under the given names or ids, ordered by id. A name refers to
 * the repository that currently has that name. From there on, callers compare only ids, so a repository that is later
 * renamed or recreated can't widen access.
 *
 * The query is a union, so that each half uses its own index. Looking up a few repositories therefore reads only their
 * rows, even if there are thousands.
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
 * Returns a function that finds repositories by name or id. A name can match two repositories. After a rename, another
 * repository may take the old name, and until the next sync, both are stored under that name.
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
