import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestOrigin } from '../audit/event';
import { getDb } from '../db/client';
import type { GitHubInstallation } from '../github/installations';
import { listAdministeredRepositories, seesInstallation } from '../github/user-installations';
import type { GitHubUser } from '../github/user-oauth';
import { EndedMeanwhile, readRepositories } from './snapshot';

/** Which of the three proofs held; it is written into the audit row of the bind. */
export type OwnershipProof =
  | 'own_account'
  | 'installed_by_user'
  | 'requested_by_user'
  | 'administers_all_repositories'
  /** Proven by one of the others a few minutes before, in the same attempt. */
  | 'chosen_from_proven';

/**
 * Whether this GitHub user may attach this installation (C21). Being listed in `/user/installations` proves nothing:
 * a read-only member is listed too. Any one of these does:
 *
 * 1. the account is the user's own;
 * 2. the signed `installation.created` delivery names the user as sender, or as the requester whom an owner approved;
 *    after an hour GitHub has to show the user the installation still: people leave organizations;
 * 3. the user administers every repository that the installation shares, and there is at least one.
 *
 * @param installation as GitHub describes it to the App, never as the browser does
 * @param options.isPatient whether to wait a moment for a delivery that the browser may have overtaken
 * @param options.mayMint whether the third may be tried, which mints a token for the installation: not if it is another
 *   workspace's, whose log would not have it
 * @throws {GitHubError}
 */
export async function proveOwnership(
  user: GitHubUser,
  installation: GitHubInstallation,
  attempt: { workspaceId: string; origin: RequestOrigin },
  { isPatient = true, mayMint }: { isPatient?: boolean; mayMint: boolean },
): Promise<OwnershipProof | null> {
  if (installation.account.type === 'User' && installation.account.id === user.id) return 'own_account';
  const early = await proofByWebhook(user.id, installation.id);
  if (early.proof !== null && (early.isRecent || (await seesInstallation(user.token, installation.id))))
    return early.proof;
  if (mayMint && (await administersAll(user, installation, attempt))) return 'administers_all_repositories';
  return early.delivered || !isPatient ? null : waitForWebhook(user.id, installation.id);
}

/** So long a delivery is believed without asking whether its person is still there. */
const RECENT_MS = 60 * 60 * 1000;

async function proofByWebhook(
  userId: number,
  installationId: number,
): Promise<{ proof: OwnershipProof | null; delivered: boolean; isRecent: boolean }> {
  const row = await getDb().installation.findUnique({
    where: { id: installationId },
    select: { installedByGithubId: true, requestedByGithubId: true, createdAt: true },
  });
  const names = (id: bigint | null | undefined) => id !== null && id !== undefined && Number(id) === userId;
  const delivered = row !== null && row.installedByGithubId !== null;
  const isRecent = row !== null && row.createdAt.getTime() > Date.now() - RECENT_MS;
  if (names(row?.installedByGithubId)) return { proof: 'installed_by_user', delivered, isRecent };
  if (names(row?.requestedByGithubId)) return { proof: 'requested_by_user', delivered, isRecent };
  return { proof: null, delivered, isRecent };
}

/** The browser may be faster than the delivery: somebody who installed it just now waits for it a moment. */
const WEBHOOK_WAITS_MS = [250, 500, 1000, 1500] as const;

async function waitForWebhook(userId: number, installationId: number): Promise<OwnershipProof | null> {
  for (const wait of WEBHOOK_WAITS_MS) {
    await sleep(wait);
    const { proof, delivered } = await proofByWebhook(userId, installationId);
    if (delivered) return proof;
  }
  return null;
}

/**
 * The user's own list is asked first, and costs the account nothing. Only when the user administers all of it is the
 * installation's whole list read, to see that none is hidden from the user.
 */
async function administersAll(
  user: GitHubUser,
  installation: GitHubInstallation,
  { workspaceId, origin }: { workspaceId: string; origin: RequestOrigin },
): Promise<boolean> {
  if (installation.suspendedAt !== null) return false;
  const administered = await listAdministeredRepositories(user.token, installation.id);
  if (administered === null || administered.size === 0) return false;
  try {
    const all = await readRepositories(installation.id, workspaceId, origin);
    return all.length > 0 && all.every((repository) => administered.has(repository.id));
  } catch (error) {
    if (error instanceof EndedMeanwhile) return false;
    throw error;
  }
}
