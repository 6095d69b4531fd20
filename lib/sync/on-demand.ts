import type { UserActor } from '../actor';
import { requireAdmin, requireMembership } from '../auth/session';
import { causeRow, isGitHubCause } from '../contract/github-causes';
import type { Installation } from '../contract/installation';
import { inTransaction } from '../db/client';
import { listInstallations, toInstallationAnswer } from '../installation/list';
import { requestSyncOnce } from '../installation/transitions';
import { notFound, Problem } from '../problem';
import { syncInstallation } from './sync';

/**
 * Syncs an installation immediately, on behalf of an admin. A second request while the sync is running does not restart
 * it.
 *
 * We check the admin's role when the sync begins, and again before returning the result, because GitHub may take
 * minutes. If the admin loses the role in between, the sync still runs to its end. That is safe, because it only stores
 * GitHub's state.
 *
 * @returns the installation after the sync
 * @throws {Problem} `not_found` if this workspace has no such installation; `forbidden` if the actor is not an admin
 * @throws {Problem} the problem for the stored cause if the sync failed; `github_unavailable` if the cause is unknown
 */
export async function syncOnDemand(
  workspaceId: string,
  installationId: number,
  actor: UserActor,
): Promise<Installation> {
  const find = async () => (await listInstallations(workspaceId)).find(({ id }) => id === installationId);
  const before = await find();
  if (before === undefined) throw notFound();
  if (before.status !== 'deleted') {
    await inTransaction(async (tx) => {
      await requireAdmin(tx, workspaceId, actor);
      await requestSyncOnce(tx, installationId);
    });
    const outcome = await syncInstallation(installationId);
    await requireMembership(workspaceId, actor.id, 'admin');
    if (outcome === 'failed') throw syncFailed((await find())?.sync_error);
  }
  return toInstallationAnswer((await find()) ?? before);
}

/** Converts a failed sync's stored cause to a problem. */
function syncFailed(code: string | null | undefined): Problem {
  if (code && isGitHubCause(code)) {
    const { code: problem, sentence, nextStep, retryAfterSeconds } = causeRow(code);
    return new Problem(problem, `${sentence} ${nextStep} What is shown may be out of date.`, {
      githubCause: code,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
  }
  if (code === 'minting_stopped')
    return new Problem(
      'minting_stopped',
      'The operator has stopped issuing tokens, so GitHub could not be read. What is shown may be out of date.',
    );
  return new Problem('github_unavailable', 'GitHub could not be asked. What is shown may be out of date.', {
    retryAfterSeconds: 5,
  });
}
