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
 * Syncs now, on behalf of an admin. A sync that is under way is not started again.
 *
 * The admin's role is checked when the sync begins, and again before its outcome is returned: GitHub may take
 * minutes. A sync that has begun continues, because it only stores GitHub's state.
 *
 * @returns the installation after the sync
 * @throws {Problem} `not_found`: no such installation in this workspace; `forbidden`; `github_unavailable`
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

/** Returns the stored cause as a problem. */
function syncFailed(code: string | null | undefined): Problem {
  if (code && isGitHubCause(code)) {
    const { code: problem, sentence, nextStep, retryAfterSeconds } = causeRow(code);
    return new Problem(problem, `${sentence} ${nextStep} What is shown may be out of date.`, {
      githubCause: code,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
  }
  return new Problem('github_unavailable', 'GitHub could not be asked. What is shown may be out of date.', {
    retryAfterSeconds: 5,
  });
}
