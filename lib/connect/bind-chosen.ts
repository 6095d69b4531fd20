import type { UserActor } from '../actor';
import type { RequestOrigin } from '../audit/event';
import { causeRow } from '../contract/github-causes';
import { isUuid } from '../db/uuid';
import { GitHubError } from '../github/error';
import { getInstallation } from '../github/installations';
import { findChoice, finishAttempt } from './attempts';
import { bindInstallation } from './bind';
import { syncAfterBind } from './first-sync';
import type { ConnectOutcome } from './outcomes';

type Choice = {
  attemptId: string;
  installationId: number;
  workspaceId: string;
  actor: UserActor;
  origin: RequestOrigin;
};

/** Binds one of the installations that the same user proved to own a few minutes ago, in the same attempt. */
export async function bindChosenInstallation(choice: Choice): Promise<ConnectOutcome> {
  const { attemptId, installationId, workspaceId, actor, origin } = choice;
  const attempt = isUuid(attemptId) ? await findChoice(attemptId, workspaceId, actor.id) : null;
  if (attempt === null) return 'expired';
  const { provenByGithubId, provenByGithubLogin } = attempt;
  if (provenByGithubId === null || provenByGithubLogin === null) return 'expired';
  if (!attempt.provenInstallationIds.includes(BigInt(installationId))) return 'not_your_installation';
  try {
    const installation = await getInstallation(installationId);
    const bound = await bindInstallation({
      workspaceId,
      actor,
      origin,
      installation,
      proof: 'chosen_from_proven',
      provenBy: { id: Number(provenByGithubId), login: provenByGithubLogin },
    });
    const outcome = await syncAfterBind(installation, bound);
    await finishAttempt(attempt.id, outcome);
    return outcome;
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    return causeRow(error.reason).outcome;
  }
}
