import type { Actor, RequestOrigin } from '../actor';
import { requireAdmin } from '../auth/session';
import { getDb, inTransaction } from '../db/client';
import { identifyApp, isInstallationShown } from '../github/app-info';
import { GitHubError } from '../github/errors';
import { deleteInstallation } from '../github/installations';
import { log } from '../observability/log';
import { notFound } from '../problem';
import { markDeleted } from './mark-deleted';

type Disconnect = {
  workspaceId: string;
  installationId: number;
  actor: Actor;
  origin: RequestOrigin;
};

/**
 * Disconnects an installation. Once the transaction has committed, no token is minted for it, even if GitHub is
 * unreachable. Then the App is uninstalled on GitHub. If that fails, reconcile retries until the uninstall succeeds.
 *
 * @throws {Problem} `not_found` if the workspace has no such installation; `forbidden`
 */
export async function disconnectInstallation({
  workspaceId,
  installationId,
  actor,
  origin,
}: Disconnect): Promise<void> {
  await inTransaction(async (tx) => {
    await requireAdmin(tx, workspaceId, actor);
    const { count } = await tx.installation.updateMany({
      where: { id: BigInt(installationId), workspaceId },
      data: { uninstallRequestedAt: new Date() },
    });
    if (count === 0) throw notFound();
    await markDeleted(tx, installationId, { actor, origin, noticedBy: 'disconnect' });
  });
  await uninstallAtGitHub(installationId);
}

/**
 * Uninstalls the App on GitHub.
 *
 * @returns `undefined` on success; GitHub's error if the uninstall failed, in which case it stays requested and
 *   reconcile retries
 */
async function uninstallAtGitHub(installationId: number): Promise<GitHubError | undefined> {
  try {
    await deleteInstallation(installationId);
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    if (error.kind !== 'not_found' || !(await isUninstalled(installationId))) {
      log.warn({ err: error, installationId }, 'GitHub did not uninstall; reconcile tries again');
      return error;
    }
  }
  await getDb().installation.update({
    where: { id: BigInt(installationId) },
    data: { uninstallRequestedAt: null },
  });
  return undefined;
}

/**
 * Checks that GitHub recognises this App and also answers 404 for the installation itself. A 404 for the uninstall
 * request alone may be temporary.
 */
async function isUninstalled(installationId: number): Promise<boolean> {
  try {
    return (await identifyApp()) === 'ours' && !(await isInstallationShown(installationId));
  } catch (error) {
    if (error instanceof GitHubError) return false;
    throw error;
  }
}

/**
 * Retries uninstalls that failed before. Stops as soon as GitHub is unavailable or a rate limit is reached.
 *
 * @param workspaceId only those of this workspace; by default, all of them
 * @returns the number of successful uninstalls
 */
export async function repeatUninstalls(workspaceId?: string): Promise<number> {
  const rows = await getDb().installation.findMany({
    where: { uninstallRequestedAt: { not: null }, ...(workspaceId !== undefined && { workspaceId }) },
    orderBy: { uninstallRequestedAt: 'asc' },
    select: { id: true },
  });
  let done = 0;
  for (const { id } of rows) {
    const failure = await uninstallAtGitHub(Number(id));
    if (failure?.kind === 'unavailable' || failure?.kind === 'rate_limited') break;
    if (failure === undefined) done++;
  }
  return done;
}
