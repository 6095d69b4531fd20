import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestOrigin } from '../audit/event';
import { getDb } from '../db/client';
import type { GitHubInstallation } from '../github/installations';
import { readUserAccess, type UserAccess } from '../github/user-installations';
import type { GitHubUser } from '../github/user-oauth';
import { EndedMeanwhile, readRepositories } from '../sync/snapshot';

/** Which of the three proofs held; it is written into the audit row of the bind. */
export type OwnershipProof = 'own_account' | 'installed_by_user' | 'administers_all_repositories';

export type Verdict = {
  proof: OwnershipProof | null;
  /** Whether GitHub shows the installation to the user: only then may the user learn that it exists. */
  sees: boolean;
};

/** The installation that is claimed, and how GitHub describes it to the App; `null` if GitHub has none. */
export type Claimed = { id: number; installation: GitHubInstallation | null };

/**
 * Whether this GitHub user may attach this installation now (C21). A place in `/user/installations` proves nothing:
 * GitHub lists read-only members too. A past act proves nothing either: people leave and are demoted. Any one of
 * these does:
 *
 * 1. the account is the user's own;
 * 2. within the hour the signed `installation.created` delivery named the user as its sender, and of all that GitHub
 *    shows the user in it now the user is admin: an owner who was demoted or removed since is not;
 * 3. the user administers every repository that the installation shares, and there is at least one.
 *
 * An id that does not exist takes the same calls and waits as one that GitHub does not show to the user. So the time
 * of the answer tells nothing about it.
 *
 * @param options.isPatient whether to wait a moment for a delivery that the browser may have overtaken
 * @param options.mayMint whether the third may be tried, which mints a token for the installation. Never for another
 *   workspace's, whose log would not have it
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

/** For so long GitHub's word that somebody installed it proves that they may attach it. */
const FRESH_SECONDS = 60 * 60;

type Installer = {
  /** Whether the delivery that names the installer has come. */
  delivered: boolean;
  isFreshInstaller: boolean;
};

/**
 * Reads who installed it. Both times have to be fresh: ours by the database's clock, and GitHub's own, which an old
 * delivery that somebody sends again cannot renew.
 */
async function readInstaller(
  userId: number,
  installationId: number,
  installation: GitHubInstallation | null,
): Promise<Installer> {
  const [row] = await getDb().$queryRaw<{ installer: bigint | null; is_fresh: boolean | null }[]>`
    SELECT installed_by_github_id AS installer, created_at > since AND ${installation?.createdAt ?? null}::timestamptz > since AS is_fresh
    FROM installations, LATERAL (SELECT now() - make_interval(secs => ${FRESH_SECONDS}::int)) AS hour(since)
    WHERE id = ${installationId}`;
  const installer = row?.installer ?? null;
  return {
    delivered: installer !== null,
    isFreshInstaller: installer !== null && Number(installer) === userId && row?.is_fresh === true,
  };
}

/** The browser may be faster than the delivery: somebody who installed it just now waits for it a moment. */
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
 * The user's own list comes first and costs the account nothing. Only when the user administers all of it, the
 * installation's whole list is read, which shows repositories that are hidden from the user.
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
    // A repository that cannot be read, or may be missing from the list, is one that the user may not administer.
    if (!isWhole || odd.length > 0 || repositories.length === 0) return false;
    return repositories.every(({ id }) => administered.has(id));
  } catch (error) {
    if (error instanceof EndedMeanwhile) return false;
    throw error;
  }
}
