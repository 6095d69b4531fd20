import type { MintRequest } from '../contract/mint';
import { getPool } from '../db/pool';
import { confirmEndSoon } from '../installation/end-checks';
import { notFound, Problem } from '../problem';
import { findRepositories, type MintableInstallation, notAccessible, notActive, notShown } from './scope';

type Row = {
  id: string;
  account_id: string;
  account_login: string;
  account_type: string;
  status: 'active' | 'suspended' | 'deleted';
  list_version: string;
  list_count: number;
  is_end_seen: boolean;
  /** Long enough ago that the second witness should have told: the process that was to ask may have died. */
  is_end_overdue: boolean;
};

type Wanted = {
  asked: MintRequest['repositories'];
  /** The repositories that the API key is bound to; `null` where it is bound to none in particular. */
  keyRepositoryIds: number[] | null;
};

const INSTALLATIONS = `SELECT id, account_id, account_login, account_type, status::text AS status,
    repository_list_version::text AS list_version, repository_count AS list_count,
    end_seen_at IS NOT NULL AS is_end_seen,
    coalesce(end_seen_at < now() - interval '10 seconds', false) AS is_end_overdue
  FROM installations WHERE workspace_id = $1::uuid ORDER BY id`;

/** Reads the database at every mint, so that the effect of a webhook is there immediately. */
async function readInstallations(workspaceId: string): Promise<Row[]> {
  const { rows } = await getPool('mint').query<Row>(INSTALLATIONS, [workspaceId]);
  return rows;
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
 * Returns the installation that a mint without `installation_id` is for: the one that shares the repositories that
 * are named, or else those that the key is bound to, or else the workspace's only active one. So a workspace that
 * connects another account breaks no caller that names repositories or whose key is bound.
 *
 * @throws {Problem} `not_connected`, `installation_suspended`, `installation_deleted`; `installation_ambiguous` with
 *   the candidates in `errors`; `repository_not_accessible` for a bound key of whose repositories none is shared
 */
export async function chooseInstallation(workspaceId: string, wanted: Wanted): Promise<MintableInstallation> {
  const rows = await readInstallations(workspaceId);
  const live = withoutReplaced(rows.filter(({ status }) => status !== 'deleted'));
  const active = live.filter(({ status }) => status === 'active');
  // One installation leaves nothing to choose: the hot path then asks for repositories once.
  const pointed = live.length > 1 && active.length > 0 ? await findPointedTo(live, wanted) : undefined;
  return toMintable(pointed ?? onlyActive(live.length > 0 ? live : rows, active, wanted));
}

/**
 * GitHub has one installation of an App for an account at most, and a reinstall gives a higher id: what has a lower one
 * ended, though its end was not noticed yet.
 */
function withoutReplaced(live: Row[]): Row[] {
  const newest = new Map(live.map((row) => [row.account_id, row.id]));
  return live.filter(({ account_id, id }) => newest.get(account_id) === id);
}

function toMintable(row: Row): MintableInstallation {
  if (row.is_end_overdue && row.status !== 'deleted') confirmEndSoon(Number(row.id));
  if (row.status !== 'active') throw notActive(row.status);
  if (row.is_end_seen) throw notShown();
  return {
    id: Number(row.id),
    account: { login: row.account_login, type: row.account_type },
    list: { version: Number(row.list_version), count: row.list_count },
  };
}

function onlyActive(rows: Row[], active: Row[], { asked, keyRepositoryIds }: Wanted): Row {
  if (active.length > 1) {
    // Another installation would not help a bound key, and it need not learn of accounts beyond its repositories.
    if (keyRepositoryIds !== null) throw noneOfKey();
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

function noneOfKey(): Problem {
  return notAccessible('None of the repositories of this API key is shared by a connected account.');
}

function ambiguous(detail: string, candidates: Row[]): Problem {
  return new Problem('installation_ambiguous', detail, {
    errors: candidates.map((row) => ({
      path: 'installation_id',
      message: `${row.id} is the installation of ${row.account_login}`,
      installation_id: Number(row.id),
      account: { login: row.account_login, type: row.account_type },
    })),
  });
}

/** @returns `undefined` when neither the names nor the key's list point to any of the installations */
async function findPointedTo(live: Row[], { asked, keyRepositoryIds }: Wanted): Promise<Row | undefined> {
  const named = asked === undefined ? undefined : await findByNames(live, asked, keyRepositoryIds);
  if (named !== undefined || keyRepositoryIds === null) return named;
  const shared = await findRepositories(live.map(toId), keyRepositoryIds);
  const sharing = live.filter((row) => shared.some(({ installation_id }) => installation_id === row.id));
  return pickOne(sharing, 'The repositories of this API key belong to several accounts.');
}

/** A name that the key is not bound to points nowhere, like one that does not exist. */
async function findByNames(
  live: Row[],
  asked: readonly (string | number)[],
  keyRepositoryIds: number[] | null,
): Promise<Row | undefined> {
  const holders = new Map<string | number, Set<string>>();
  for (const { id, owner, name, installation_id } of await findRepositories(live.map(toId), asked)) {
    if (keyRepositoryIds !== null && !keyRepositoryIds.includes(Number(id))) continue;
    for (const key of [Number(id), `${owner}/${name}`.toLowerCase()])
      holders.set(key, (holders.get(key) ?? new Set()).add(installation_id));
  }
  const shares = (row: Row, item: string | number) =>
    holders.get(typeof item === 'string' ? item.toLowerCase() : item)?.has(row.id) === true;
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

const toId = ({ id }: Row): number => Number(id);

/** Prefers what is active: a suspended installation answers only where nothing else shares the same. */
function pickOne(sharing: Row[], severalAccounts: string): Row | undefined {
  const active = sharing.filter(({ status }) => status === 'active');
  if (active.length > 1) throw ambiguous(`${severalAccounts} Send "installation_id".`, active);
  return active[0] ?? sharing[0];
}
