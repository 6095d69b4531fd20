import { MAX_REPOSITORIES_PER_TOKEN, type MintRequest } from '../contract/mint';
import { getPool } from '../db/pool';
import { Problem } from '../problem';

export type MintableInstallation = {
  id: number;
  account: { login: string; type: string };
  /** Of the list of shared repositories: what a token for all of them is recorded with. */
  list: { version: number; count: number };
};

export type ScopedRepository = { id: number; full_name: string; clone_url: string; default_branch: string };

/** Why an installation that is not active mints nothing (C19, C20). */
export function notActive(status: 'suspended' | 'deleted', cause?: unknown): Problem {
  return status === 'suspended'
    ? new Problem('installation_suspended', 'The installation is suspended on GitHub. Unsuspend it there.', {
        cause,
      })
    : new Problem('installation_deleted', 'The installation was uninstalled. Connect GitHub again.', {
        cause,
      });
}

/** Why an installation whose end was seen mints nothing until a second witness has told (C19). */
export function notShown(cause?: unknown): Problem {
  return new Problem(
    'github_unavailable',
    'GitHub does not show the installation at the moment. We are checking whether it was uninstalled; try again in a few seconds.',
    { cause, retryAfterSeconds: 5 },
  );
}

type RepositoryRow = {
  id: string;
  installation_id: string;
  owner: string;
  name: string;
  clone_url: string;
  default_branch: string;
};

/**
 * Names and ids in, stored repositories out. A name means the repository that has it now; ids decide from then on,
 * so a repository that was renamed or recreated never widens anything. GitHub's names ignore case.
 */
const SHARED = `SELECT id, installation_id, owner, name, clone_url, default_branch FROM repositories
  WHERE installation_id = ANY ($1::bigint[]) AND removed_at IS NULL`;

/** Two branches, so that each has its index: of an installation with thousands only those that are named are read. */
const REPOSITORIES = `${SHARED} AND id = ANY ($2::bigint[])
  UNION ${SHARED} AND lower(owner || '/' || name) = ANY ($3::text[])
  ORDER BY id`;

/** What these installations share of the repositories that are named by "owner/name" or id. */
export async function findRepositories(
  installationIds: readonly number[],
  asked: readonly (string | number)[],
): Promise<RepositoryRow[]> {
  const ids = asked.filter((item) => typeof item === 'number');
  const names = asked.filter((item) => typeof item === 'string').map((name) => name.toLowerCase());
  const { rows } = await getPool('mint').query<RepositoryRow>(REPOSITORIES, [installationIds, ids, names]);
  return rows;
}

export function notAccessible(detail: string): Problem {
  return new Problem('repository_not_accessible', detail);
}

/**
 * Repositories ⊆ key ⊆ what the installation shares, by id (C22).
 *
 * @param keyRepositoryIds what the API key is bound to; `null`: nothing in particular
 * @returns `undefined` when the token may read all of the installation
 * @throws {Problem} `repository_not_accessible`, with the same text for a repository that does not exist, is not
 *   shared or is beyond the key
 */
export async function resolveRepositories(
  installationId: number,
  asked: MintRequest['repositories'],
  keyRepositoryIds: number[] | null,
): Promise<ScopedRepository[] | undefined> {
  if (asked === undefined && keyRepositoryIds === null) return undefined;
  const found = await findRepositories([installationId], asked ?? keyRepositoryIds ?? []);
  const allowed = found.filter(
    (row) => keyRepositoryIds === null || keyRepositoryIds.includes(Number(row.id)),
  );

  if (asked !== undefined) assertAllFound(asked, allowed);
  if (allowed.length === 0)
    throw notAccessible('None of the repositories of this API key is shared by the installation.');
  if (allowed.length > MAX_REPOSITORIES_PER_TOKEN)
    throw notAccessible(
      `The API key is bound to more than ${MAX_REPOSITORIES_PER_TOKEN} repositories. Name those that you need.`,
    );
  return allowed.map((row) => ({
    id: Number(row.id),
    full_name: `${row.owner}/${row.name}`,
    clone_url: row.clone_url,
    default_branch: row.default_branch,
  }));
}

function hasName(row: RepositoryRow, name: string): boolean {
  return `${row.owner}/${row.name}`.toLowerCase() === name.toLowerCase();
}

function assertAllFound(asked: readonly (string | number)[], allowed: RepositoryRow[]): void {
  const known = new Set<string | number>(
    allowed.flatMap((row) => [Number(row.id), `${row.owner}/${row.name}`.toLowerCase()]),
  );
  const missing = asked.filter((item) => !known.has(typeof item === 'string' ? item.toLowerCase() : item));
  const ambiguous = asked.find(
    (item) => typeof item === 'string' && allowed.filter((row) => hasName(row, item)).length > 1,
  );
  if (ambiguous !== undefined)
    throw notAccessible(`Two repositories have had the name ${ambiguous}. Ask for one by its id.`);
  if (missing.length > 0) {
    const named = missing.slice(0, 10).join(', ');
    const more = missing.length > 10 ? ` and ${missing.length - 10} more` : '';
    throw notAccessible(`Not accessible with these credentials: ${named}${more}.`);
  }
}
