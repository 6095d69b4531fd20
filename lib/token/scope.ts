/** Chooses what a token is for: one active installation of the workspace, and which of its repositories. */
import { MAX_REPOSITORIES_PER_TOKEN, type MintRequest } from '../contract/mint';
import { query, sql } from '../db/sql';
import { confirmEndSoon } from '../installation/confirm-end';
import {
  byNameOrId,
  findSharedRepositories,
  fullName,
  type SharedRepository,
} from '../installation/shared-repositories';
import { notFound, Problem } from '../problem';

export type MintableInstallation = {
  id: number;
  account: { login: string; type: string };
  /** Version and length of the list of shared repositories, to record with a token for all of them. */
  list: { version: number; count: number };
};

export type ScopedRepository = { id: number; full_name: string; clone_url: string; default_branch: string };

type InstallationRow = {
  id: bigint;
  account_id: bigint;
  account_login: string;
  account_type: string;
  status: 'active' | 'suspended' | 'deleted';
  list_version: bigint;
  list_count: number;
  is_end_seen: boolean;
  /**
   * Whether GitHub’s confirmation that the installation ended is overdue. The process that was going to ask GitHub may
   * have died.
   */
  is_end_overdue: boolean;
};

type Wanted = {
  asked: MintRequest['repositories'];
  /** Ids of the repositories that the API key is bound to; `null` without a binding. */
  keyRepositoryIds: number[] | null;
};

/** Reads the database at every mint, so that a webhook takes effect immediately. */
function readInstallations(workspaceId: string): Promise<InstallationRow[]> {
  return query(
    'mint',
    sql<InstallationRow>`SELECT id, account_id, account_login, account_type, status::text AS status,
        repository_list_version AS list_version, repository_count AS list_count,
        end_seen_at IS NOT NULL AS is_end_seen,
        coalesce(end_seen_at < now() - interval '10 seconds', false) AS is_end_overdue
      FROM installations WHERE workspace_id = ${workspaceId}::uuid ORDER BY id`,
  );
}

/**
 * Returns the installation with this id, if it is active in the workspace.
 *
 * @throws {Problem} `not_found`, `installation_suspended`, `installation_deleted`; `github_unavailable` while its end
 *   waits for a second witness
 */
export async function findMintableInstallation(
  workspaceId: string,
  installationId: number,
): Promise<MintableInstallation> {
  const rows = await readInstallations(workspaceId);
  const row = rows.find(({ id }) => Number(id) === installationId);
  if (row === undefined) throw notFound();
  return toMintable(row);
}

/**
 * Returns the installation for a mint without `installation_id`. In this order it is the installation that shares the
 * named repositories, the one that shares the repositories of the key, or the workspace's only active one.
 *
 * Connecting another account therefore breaks no caller that names repositories or has a bound key.
 *
 * @throws {Problem} `not_connected`, `installation_suspended`, `installation_deleted`; `installation_ambiguous` with
 *   the candidates in `errors`; `repository_not_accessible` for a bound key of whose repositories none is shared
 */
export async function chooseInstallation(workspaceId: string, wanted: Wanted): Promise<MintableInstallation> {
  const rows = await readInstallations(workspaceId);
  const live = withoutReplaced(rows.filter(({ status }) => status !== 'deleted'));
  const active = live.filter(({ status }) => status === 'active');
  // One installation leaves nothing to choose, so the hot path reads repositories once.
  const pointed = live.length > 1 && active.length > 0 ? await findPointedTo(live, wanted) : undefined;
  return toMintable(pointed ?? onlyActive(live.length > 0 ? live : rows, active, wanted));
}

/**
 * Keeps the newest installation of each account. GitHub allows one per account and App, and a reinstall gets a higher
 * id. An older one has ended, even if its end went unnoticed.
 */
function withoutReplaced(live: InstallationRow[]): InstallationRow[] {
  const newest = new Map(live.map((row) => [row.account_id, row.id]));
  return live.filter(({ account_id, id }) => newest.get(account_id) === id);
}

function toMintable(row: InstallationRow): MintableInstallation {
  if (row.is_end_overdue && row.status !== 'deleted') confirmEndSoon(Number(row.id));
  if (row.status !== 'active') throw notActive(row.status);
  if (row.is_end_seen) throw notShown();
  return {
    id: Number(row.id),
    account: { login: row.account_login, type: row.account_type },
    list: { version: Number(row.list_version), count: row.list_count },
  };
}

function onlyActive(
  rows: InstallationRow[],
  active: InstallationRow[],
  { asked, keyRepositoryIds }: Wanted,
): InstallationRow {
  if (active.length > 1) {
    // No other installation would help a bound key, and its holder must not learn of further accounts.
    if (keyRepositoryIds !== null)
      throw notAccessible('None of the repositories of this API key is shared by a connected account.');
    throw ambiguous(
      asked === undefined
        ? 'The workspace has several active installations. Name repositories, or send "installation_id".'
        : 'No connected account shares the named repositories, and the workspace has several. Check the names, or send "installation_id".',
      active,
    );
  }
  const best = active[0] ?? rows.find(({ status }) => status === 'suspended') ?? rows[0];
  if (best === undefined) throw new Problem('not_connected', 'The workspace has not connected GitHub.');
  return best;
}

/** @returns `undefined` when neither the names nor the key's list point to any of the installations */
async function findPointedTo(
  live: InstallationRow[],
  { asked, keyRepositoryIds }: Wanted,
): Promise<InstallationRow | undefined> {
  const named = asked === undefined ? undefined : await findByNames(live, asked, keyRepositoryIds);
  if (named !== undefined || keyRepositoryIds === null) return named;
  const shared = await findRepositories(live.map(toId), keyRepositoryIds);
  const sharing = live.filter((row) => shared.some(({ installation_id }) => installation_id === row.id));
  return pickOne(sharing, 'The repositories of this API key belong to several accounts.');
}

/** Treats a name that the key is not bound to like a name that does not exist. */
async function findByNames(
  live: InstallationRow[],
  asked: readonly (string | number)[],
  keyRepositoryIds: number[] | null,
): Promise<InstallationRow | undefined> {
  const shared = await findRepositories(live.map(toId), asked);
  const find = byNameOrId(
    shared.filter(({ id }) => keyRepositoryIds === null || keyRepositoryIds.includes(Number(id))),
  );
  const shares = (row: InstallationRow, item: string | number) =>
    find(item).some(({ installation_id }) => installation_id === row.id);
  const found = asked.filter((item) => live.some((row) => shares(row, item)));
  if (found.length === 0) return undefined;
  const sharingAll = live.filter((row) => found.every((item) => shares(row, item)));
  if (sharingAll.length > 0)
    return pickOne(sharingAll, 'Several connected accounts share the named repositories.');
  const sharing = live.filter((row) => found.some((item) => shares(row, item)));
  const accounts = sharing.map(({ account_login }) => account_login).join(', ');
  throw ambiguous(
    `The named repositories belong to several accounts: ${accounts}. A token is for one account, so send a request for each.`,
    sharing,
  );
}

const toId = ({ id }: InstallationRow): number => Number(id);

/** Prefers an active installation. A suspended one is the answer only where nothing else shares the same. */
function pickOne(sharing: InstallationRow[], severalAccounts: string): InstallationRow | undefined {
  const active = sharing.filter(({ status }) => status === 'active');
  if (active.length > 1) throw ambiguous(`${severalAccounts} Send "installation_id".`, active);
  return active[0] ?? sharing[0];
}

/**
 * Narrows the token to repositories ⊆ key ⊆ list of the installation, by id.
 *
 * @param keyRepositoryIds ids that the API key is bound to; `null` without a binding
 * @returns `undefined` when the token may read all of the installation
 * @throws {Problem} `repository_not_accessible`, with the same text for a repository that does not exist, is not
 *   shared or is beyond the key
 */
export async function resolveRepositories(
  installationId: number,
  { asked, keyRepositoryIds }: Wanted,
): Promise<ScopedRepository[] | undefined> {
  if (asked === undefined && keyRepositoryIds === null) return undefined;
  const found = await findRepositories([installationId], asked ?? keyRepositoryIds ?? []);
  const allowed = found.filter(
    ({ id }) => keyRepositoryIds === null || keyRepositoryIds.includes(Number(id)),
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
    full_name: fullName(row),
    clone_url: row.clone_url,
    default_branch: row.default_branch,
  }));
}

function findRepositories(
  installationIds: readonly number[],
  wanted: readonly (string | number)[],
): Promise<SharedRepository[]> {
  return findSharedRepositories('mint', sql`${installationIds}::bigint[]`, wanted);
}

function assertAllFound(asked: readonly (string | number)[], allowed: SharedRepository[]): void {
  const find = byNameOrId(allowed);
  const twice = asked.find((item) => find(item).length > 1);
  if (twice !== undefined)
    throw notAccessible(`Two repositories have had the name ${twice}. Ask for one by its id.`);
  const missing = asked.filter((item) => find(item).length === 0);
  if (missing.length === 0) return;
  const more = missing.length > 10 ? ` and ${missing.length - 10} more` : '';
  throw notAccessible(`Not accessible with these credentials: ${missing.slice(0, 10).join(', ')}${more}.`);
}

export function notAccessible(detail: string): Problem {
  return new Problem('repository_not_accessible', detail);
}

/** Refuses a mint of an installation that is suspended or was uninstalled. */
export function notActive(status: 'suspended' | 'deleted', cause?: unknown): Problem {
  return status === 'suspended'
    ? new Problem('installation_suspended', 'The installation is suspended on GitHub. Unsuspend it there.', {
        cause,
      })
    : new Problem('installation_deleted', 'The installation was uninstalled. Connect GitHub again.', {
        cause,
      });
}

/** Refuses a mint of an installation whose end one witness has seen, until the second witness decides. */
export function notShown(cause?: unknown): Problem {
  return new Problem(
    'github_unavailable',
    'GitHub does not show the installation at the moment. We are checking whether it was uninstalled; try again in a few seconds.',
    { cause, retryAfterSeconds: 5 },
  );
}

function ambiguous(detail: string, candidates: InstallationRow[]): Problem {
  return new Problem('installation_ambiguous', detail, {
    errors: candidates.map((row) => ({
      path: 'installation_id',
      message: `${row.id} is the installation of ${row.account_login}`,
      installation_id: Number(row.id),
      account: { login: row.account_login, type: row.account_type },
    })),
  });
}
