/** Chooses the installation and the repositories that a token is for. */
import { MAX_REPOSITORIES_PER_TOKEN, type MintRequest } from '../contract/mint';
import { sql } from '../db/sql';
import { confirmEndSoon } from '../installation/confirm-end';
import {
  byNameOrId,
  findSharedRepositories,
  fullName,
  type SharedRepository,
} from '../installation/shared-repositories';
import {
  type Minter,
  readInstallations,
  type StoredInstallation,
  type StoredInstallations,
} from '../installation/stored';
import { mintingStopped, notFound, Problem } from '../problem';

export type MintableInstallation = {
  id: number;
  account: { login: string; type: string };
  /** Version and length of the list of shared repositories. A token for all repositories is recorded with both. */
  list: { version: number; count: number };
};

export type ScopedRepository = { id: number; full_name: string; clone_url: string; default_branch: string };

type Wanted = {
  asked: MintRequest['repositories'];
  /** Ids of the repositories that the API key is bound to; `null` if the key is not bound. */
  keyRepositoryIds: number[] | null;
};

/**
 * Installations are read together with the API key, before the request's body. If a slow body makes that read older
 * than this, they're read again.
 */
const FRESH_MS = 1000;

/**
 * Returns the workspace's installations: those read with the API key if they are still fresh, or else a new read.
 *
 * @throws {Problem} `minting_stopped`
 */
async function currentInstallations(
  minter: Minter,
  known: StoredInstallations | undefined,
): Promise<StoredInstallation[]> {
  const isFresh = known !== undefined && performance.now() - known.readAt < FRESH_MS;
  const { rows, stop } = isFresh ? known : await readInstallations(minter);
  if (stop !== null) throw mintingStopped(stop);
  return rows;
}

/**
 * Returns the installation with this id if it is active and belongs to the workspace.
 *
 * @throws {Problem} `not_found`, `installation_suspended`, `installation_deleted`, `minting_stopped`;
 *   `github_unavailable` while a reported uninstall awaits confirmation
 */
export async function findMintableInstallation(
  minter: Minter,
  installationId: number,
  known?: StoredInstallations,
): Promise<MintableInstallation> {
  const rows = await currentInstallations(minter, known);
  const row = rows.find(({ id }) => id === installationId);
  if (row === undefined) throw notFound();
  return toMintable(row);
}

/**
 * Chooses the installation for a mint without `installation_id`: the one that shares the named repositories. Failing
 * that, the one that shares the API key's repositories, or else the workspace's only active installation.
 *
 * That way, mints that name repositories or use a bound key keep working after a customer connects another account.
 *
 * @throws {Problem} `not_connected`, `installation_suspended`, `installation_deleted`, `minting_stopped`;
 *   `installation_ambiguous` with the candidates in `errors`; `repository_not_accessible` if no connected account shares a repository of the bound
 *   key
 */
export async function chooseInstallation(
  minter: Minter,
  wanted: Wanted,
  known?: StoredInstallations,
): Promise<MintableInstallation> {
  const rows = await currentInstallations(minter, known);
  const live = withoutReplaced(rows.filter(({ status }) => status !== 'deleted'));
  const active = live.filter(({ status }) => status === 'active');
  // With a single installation there's nothing to choose, so save the hot path a second query for repositories.
  const pointed = live.length > 1 && active.length > 0 ? await findPointedTo(live, wanted) : undefined;
  return toMintable(pointed ?? onlyActive(live.length > 0 ? live : rows, active, wanted));
}

/**
 * Keeps only the newest installation of each account. GitHub allows one installation per account and App, and a
 * reinstall gets a higher id. So an older installation has ended, even if no webhook reported the uninstall.
 */
function withoutReplaced(live: StoredInstallation[]): StoredInstallation[] {
  const newest = new Map(live.map((row) => [row.account_id, row.id]));
  return live.filter(({ account_id, id }) => newest.get(account_id) === id);
}

function toMintable(row: StoredInstallation): MintableInstallation {
  if (row.is_end_overdue && row.status !== 'deleted') confirmEndSoon(row.id);
  if (row.status !== 'active') throw notActive(row.status);
  if (row.is_end_seen) throw notShown();
  return {
    id: row.id,
    account: { login: row.account_login, type: row.account_type },
    list: { version: row.list_version, count: row.list_count },
  };
}

function onlyActive(
  rows: StoredInstallation[],
  active: StoredInstallation[],
  { asked, keyRepositoryIds }: Wanted,
): StoredInstallation {
  if (active.length > 1) {
    // The holder of a bound key must not learn which other accounts are connected. Naming them wouldn't help anyway:
    // none of them shares the key's repositories.
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

/**
 * Finds the installation that shares the named repositories or the key's repositories.
 *
 * @returns `undefined` if no installation shares any of them
 */
async function findPointedTo(
  live: StoredInstallation[],
  { asked, keyRepositoryIds }: Wanted,
): Promise<StoredInstallation | undefined> {
  const named = asked === undefined ? undefined : await findByNames(live, asked, keyRepositoryIds);
  if (named !== undefined || keyRepositoryIds === null) return named;
  const shared = await findRepositories(live.map(toId), keyRepositoryIds);
  const sharing = live.filter((row) =>
    shared.some(({ installation_id }) => Number(installation_id) === row.id),
  );
  return pickOne(sharing, 'The repositories of this API key belong to several accounts.');
}

/**
 * Finds the installation that shares the named repositories. A name outside the key's binding is treated as if it did
 * not exist.
 *
 * @throws {Problem} `installation_ambiguous` if several installations match
 */
async function findByNames(
  live: StoredInstallation[],
  asked: readonly (string | number)[],
  keyRepositoryIds: number[] | null,
): Promise<StoredInstallation | undefined> {
  const shared = await findRepositories(live.map(toId), asked);
  const find = byNameOrId(
    shared.filter(({ id }) => keyRepositoryIds === null || keyRepositoryIds.includes(Number(id))),
  );
  const shares = (row: StoredInstallation, item: string | number) =>
    find(item).some(({ installation_id }) => Number(installation_id) === row.id);
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

const toId = ({ id }: StoredInstallation): number => id;

/**
 * Picks the active installation. If none is active, picks a suspended one, so the caller learns that it is suspended.
 *
 * @throws {Problem} `installation_ambiguous` if several are active
 */
function pickOne(sharing: StoredInstallation[], severalAccounts: string): StoredInstallation | undefined {
  const active = sharing.filter(({ status }) => status === 'active');
  if (active.length > 1) throw ambiguous(`${severalAccounts} Send "installation_id".`, active);
  return active[0] ?? sharing[0];
}

/**
 * Returns the repositories that a token is limited to. They must be within the API key's binding and shared by the
 * installation. Both checks compare ids.
 *
 * @param wanted.keyRepositoryIds ids that the API key is bound to; `null` if the key is not bound
 * @returns `undefined` if the token may read everything that the installation shares
 * @throws {Problem} `repository_not_accessible`; the message is the same whether a repository does not exist, is not
 *   shared, or is outside the key's binding
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

/** Returns the problem for a mint with a suspended or uninstalled installation. */
export function notActive(status: 'suspended' | 'deleted', cause?: unknown): Problem {
  return status === 'suspended'
    ? new Problem('installation_suspended', 'The installation is suspended on GitHub. Unsuspend it there.', {
        cause,
      })
    : new Problem('installation_deleted', 'The installation was uninstalled. Connect GitHub again.', {
        cause,
      });
}

/**
 * Returns the problem for a mint with an installation that seems to be uninstalled, while a second check is still
 * pending.
 */
export function notShown(cause?: unknown): Problem {
  return new Problem(
    'github_unavailable',
    'GitHub does not show the installation at the moment. We are checking whether it was uninstalled; try again in a few seconds.',
    { cause, retryAfterSeconds: 5 },
  );
}

function ambiguous(detail: string, candidates: StoredInstallation[]): Problem {
  return new Problem('installation_ambiguous', detail, {
    errors: candidates.map((row) => ({
      path: 'installation_id',
      message: `${row.id} is the installation of ${row.account_login}`,
      installation_id: row.id,
      account: { login: row.account_login, type: row.account_type },
    })),
  });
}
