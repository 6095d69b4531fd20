import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestOrigin } from '../actor';
import { getDb } from '../db/client';
import { query, sql } from '../db/sql';
import type { GitHubInstallation } from '../github/installations';
import { type GitHubUser, readUserAccess, type UserAccess } from '../github/user-oauth';
import { EndedMeanwhile, readRepositories } from '../sync/snapshot';

/** The proof that held, as the audit row of the bind stores it. */
export type OwnershipProof = 'own_account' | 'installed_by_user' | 'administers_all_repositories';

export type Verdict = {
  proof: OwnershipProof | null;
  /** Whether GitHub shows the installation to the user. Only then may the user learn that it exists. */
  sees: boolean;
};

/** The claimed installation, with GitHub's description for the App; `null` if GitHub has none. */
export type Claimed = { id: number; installation: GitHubInstallation | null };

/**
 * Proves that this GitHub user may attach this installation now. Being listed in `/user/installations` proves
 * nothing, because GitHub lists read-only members too. Past acts prove nothing either, because roles are lost. Each
 * of these proofs is enough:
 *
 * 1. The account is the user's own.
 * 2. Within the last hour, the signed `installation.created` delivery named the user as its sender. The user must
 *    also be admin of every repository of the installation that GitHub shows to them now.
 * 3. The user administers every repository that the installation shares, and it shares at least one.
 *
 * An id that does not exist causes the same calls and waits as one that GitHub does not show to the user. So
 * response times reveal nothing about it.
 *
 * @param options.isPatient whether to wait briefly for a delivery that the browser may have overtaken
 * @param options.mayMint whether the third proof may mint a token for the installation. Never for another
 *   workspace's installation, whose log would not show that mint
 * @throws {GitHubError}
 */
export async function proveOwnership(
  user: GitHubUser,
  { id, installation }: Claimed,
  attempt: { workspaceId: string; origin: RequestOrigin },
  { isPatient = true, mayMint }: { isPatient?: boolean; mayMint: boolean },
): Promise<Verdict> {
  const account = installation?.account;
  const isOwnAccount = account?.isNamed === true && account.type === 'User' && account.id === user.id;
  if (isOwnAccount) return { proof: 'own_account', sees: true };
  const access = await readUserAccess(user.token, id);
  const { sees } = access;
  const early = await readInstaller(user.id, id, installation);
  if (installation === null) return { proof: null, sees };
  const isTheirs = (each: Installer) => each.isFreshInstaller && access.administered !== null;
  if (isTheirs(early)) return { proof: 'installed_by_user', sees };
  if (mayMint && (await administersAll(access, installation, attempt)))
    return { proof: 'administers_all_repositories', sees };
  if (!sees || early.delivered || !isPatient) return { proof: null, sees };
  const late = await waitForWebhook(user.id, id, installation);
  return { proof: isTheirs(late) ? 'installed_by_user' : null, sees };
}

/** The age up to which GitHub's report of an install proves that the installer may attach it. */
const FRESH_SECONDS = 60 * 60;

type Installer = {
  /** Whether the delivery that names the installer has arrived. */
  delivered: boolean;
  isFreshInstaller: boolean;
};

/**
 * Reads the installer. Two times must be fresh: the arrival by the database's clock, and GitHub's own time of the
 * install. A replayed old delivery cannot renew the latter.
 */
async function readInstaller(
  userId: number,
  installationId: number,
  installation: GitHubInstallation | null,
): Promise<Installer> {
  const [row] = await query(
    getDb(),
    sql<{ installer: bigint | null; is_fresh: boolean | null }>`
      SELECT installed_by_github_id AS installer, created_at > since AND ${installation?.createdAt ?? null}::timestamptz > since AS is_fresh
      FROM installations, LATERAL (SELECT now() - make_interval(secs => ${FRESH_SECONDS}::int)) AS hour(since)
      WHERE id = ${installationId}`,
  );
  const installer = row?.installer ?? null;
  return {
    delivered: installer !== null,
    isFreshInstaller: installer !== null && Number(installer) === userId && row?.is_fresh === true,
  };
}

/** Waits for the delivery, which may be slower than the installer's browser. */
const WEBHOOK_WAITS_MS = [250, 500, 1000, 1500] as const;

async function waitForWebhook(
  userId: number,
  installationId: number,
  installation: GitHubInstallation,
): Promise<Installer> {
  for (const wait of WEBHOOK_WAITS_MS) {
    await sleep(wait);
    const installer = await readInstaller(userId, installationId, installation);
    if (installer.delivered) return installer;
  }
  return { delivered: false, isFreshInstaller: false };
}

/**
 * Returns whether the user administers the whole installation. The user's own list comes first, because reading it
 * needs no mint. The App's list follows only if the user administers everything in theirs, and shows hidden
 * repositories.
 */
async function administersAll(
  { administered }: UserAccess,
  installation: GitHubInstallation,
  { workspaceId, origin }: { workspaceId: string; origin: RequestOrigin },
): Promise<boolean> {
  if (installation.suspendedAt !== null) return false;
  if (administered === null || administered.size === 0) return false;
  try {
    const { repositories, odd, isWhole } = await readRepositories(installation.id, workspaceId, origin);
    // An unreadable repository, or one that the list may omit, counts as not administered.
    if (!isWhole || odd.length > 0 || repositories.length === 0) return false;
    return repositories.every(({ id }) => administered.has(id));
  } catch (error) {
    if (error instanceof EndedMeanwhile) return false;
    throw error;
  }
}
