import type { RequestOrigin } from '../audit/event';
import type { UserActor } from '../auth/actor';
import { getDb, inTransaction } from '../db/client';
import { GitHubError } from '../github/error';
import { deleteInstallation } from '../github/installations';
import { markDeleted } from '../installation/transitions';
import { log } from '../observability/log';
import { notFound } from '../problem';

export type Disconnect = {
  workspaceId: string;
  installationId: number;
  actor: UserActor;
  origin: RequestOrigin;
};

/**
 * Disconnects from our side. No token is minted from the moment of the commit, whether GitHub can be reached or not;
 * the uninstall at GitHub follows, and reconcile repeats it until it worked.
 *
 * @throws {Problem} `not_found`: no such installation in this workspace
 */
export async function disconnectInstallation({
  workspaceId,
  installationId,
  actor,
  origin,
}: Disconnect): Promise<void> {
  await inTransaction(async (tx) => {
    const { count } = await tx.installation.updateMany({
      where: { id: BigInt(installationId), workspaceId },
      data: { uninstallRequestedAt: new Date() },
    });
    if (count === 0) throw notFound();
    await markDeleted(tx, installationId, { actor, origin, noticedBy: 'disconnect' });
  });
  await uninstallAtGitHub(installationId);
}

/** @returns whether GitHub has uninstalled it; if not, it stays requested */
export async function uninstallAtGitHub(installationId: number): Promise<boolean> {
  try {
    await deleteInstallation(installationId);
  } catch (error) {
    const wasGone = error instanceof GitHubError && error.kind === 'not_found';
    if (!wasGone) {
      log.warn({ err: error, installationId }, 'GitHub did not uninstall; reconcile tries again');
      return false;
    }
  }
  await getDb().installation.update({
    where: { id: BigInt(installationId) },
    data: { uninstallRequestedAt: null },
  });
  return true;
}
