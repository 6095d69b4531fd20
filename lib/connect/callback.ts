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
  /** Whether the user must confirm before the bind, because the workspace was chosen in another browser. */
  asksFirst: boolean;
};

/**
 * Handles the App's OAuth callback: consumes the attempt, identifies the GitHub user, proves ownership, binds.
 *
 * @returns the browser's next address
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
  // The attempt waits for an owner on GitHub. A new attempt finishes the approval (`approvals.ts`).
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

/**
 * Maps an error of GitHub to an outcome. A rejected App credential is for the operator to fix, and logged as an
 * alarm.
 */
function refusedAtGitHub(error: GitHubError, { requestId }: RequestOrigin): Ended {
  const { level, outcome } = causeRow(error.reason);
  log[level](
    { err: error, cause: error.reason, words: error.details.words, requestId },
    'a connect attempt failed at GitHub',
  );
  return { outcome, ssoPath: error.details.ssoPath };
}
