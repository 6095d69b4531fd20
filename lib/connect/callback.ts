import type { UserActor } from '../actor';
import type { RequestOrigin } from '../audit/event';
import { causeRow } from '../contract/github-causes';
import { GitHubError } from '../github/error';
import { refusedAuthorization, withGitHubUser } from '../github/user-oauth';
import { log } from '../observability/log';
import { consumeAttempt, findOpenAttempt, finishAttempt, isBegunIn, type OpenAttempt } from './attempts';
import { bindCandidate } from './bind-candidate';
import { bindOneOfTheirs } from './bind-one-of-theirs';
import { settingsPage } from './destinations';
import type { ConnectOutcome } from './outcomes';

type OAuthCallback = {
  code: string | undefined;
  state: string | undefined;
  error: string | undefined;
};

type Attempt = {
  attempt: OpenAttempt;
  actor: UserActor;
  origin: RequestOrigin;
  /** Whether the person is asked before anything is bound: another browser chose the workspace. */
  asksFirst: boolean;
};

/**
 * The App's OAuth callback: takes the attempt, learns who the GitHub user is, proves ownership, binds.
 *
 * @returns where to send the browser
 */
export async function handleCallback(
  callback: OAuthCallback,
  actor: UserActor,
  origin: RequestOrigin,
  browser: string | null,
): Promise<string> {
  if (callback.state === undefined) return settingsPage(undefined, 'unknown_attempt');
  const found = await findOpenAttempt(callback.state, actor.id);
  if ('refused' in found) return settingsPage(found.slug, found.refused);
  const { attempt } = found;
  // It waits for an owner on GitHub, and is finished by an attempt of its own (`approvals.ts`).
  if (attempt.status === 'awaiting_approval')
    return settingsPage(attempt.workspace.slug, 'awaiting_approval');
  if (!(await consumeAttempt(attempt.id))) return settingsPage(attempt.workspace.slug, 'already_used');

  const asksFirst = !isBegunIn(attempt, browser);
  const { outcome, ssoPath } = await complete(callback, callback.state, {
    attempt,
    actor,
    origin,
    asksFirst,
  });
  if (outcome === 'choose_installation' || outcome === 'confirm_installation')
    return settingsPage(attempt.workspace.slug, outcome, attempt.id);
  await finishAttempt(attempt.id, outcome);
  return settingsPage(attempt.workspace.slug, outcome, undefined, ssoPath);
}

type Ended = { outcome: ConnectOutcome; ssoPath?: string | undefined };

async function complete(callback: OAuthCallback, state: string, input: Attempt): Promise<Ended> {
  const { attempt, actor, origin, asksFirst } = input;
  if (callback.error !== undefined) return refusedAtGitHub(refusedAuthorization(callback.error), origin);
  if (callback.code === undefined) return { outcome: 'authorization_failed' };
  const binder = { workspaceId: attempt.workspaceId, actor, origin, attemptId: attempt.id, asksFirst };
  try {
    const outcome = await withGitHubUser(callback.code, state, (user) =>
      attempt.candidateInstallationId === null
        ? bindOneOfTheirs(user, binder)
        : bindCandidate(user, Number(attempt.candidateInstallationId), binder),
    );
    return { outcome };
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    return refusedAtGitHub(error, origin);
  }
}

/** How it ends when GitHub refuses. A refusal of the App is the operator's to mend, and an alarm. */
function refusedAtGitHub(error: GitHubError, { requestId }: RequestOrigin): Ended {
  const { level, outcome } = causeRow(error.reason);
  log[level](
    { err: error, cause: error.reason, words: error.details.words, requestId },
    'a connect attempt failed at GitHub',
  );
  return { outcome, ssoPath: error.details.ssoPath };
}
