/**
 * The connect flow: from our page to GitHub's install page, back through the Setup URL, then to the OAuth callback,
 * which binds the installation.
 */
import type { RequestOrigin, UserActor } from '../actor';
import { recordAuditEvent } from '../audit/record';
import { causeRow } from '../contract/github-causes';
import { getDb, inTransaction } from '../db/client';
import { getAppPageUrl } from '../github/app-info';
import { GitHubError } from '../github/errors';
import { authorizeUrl, type GitHubUser, refusedAuthorization, withGitHubUser } from '../github/user-oauth';
import { log } from '../observability/log';
import { findRequested } from './approvals';
import {
  awaitApproval,
  awaitConfirmation,
  consumeAttempt,
  createConnectAttempt,
  findAttempt,
  findOpenAttempt,
  finishAttempt,
  isBegunIn,
  type OpenAttempt,
  offerChoice,
  rememberCandidate,
} from './attempts';
import {
  type Binder,
  bindInstallation,
  proveOwnership,
  readClaimed,
  refuse,
  type Stored,
  syncAfterBind,
} from './bind';
import { bindOneOfTheirs } from './link';
import type { ConnectOutcome } from './outcomes';

type StartConnect = {
  workspaceId: string;
  actor: UserActor;
  origin: RequestOrigin;
  /**
   * `install` sends the browser to GitHub's install page. `link` is for an installation that already exists, so it goes
   * straight to GitHub's authorize page.
   */
  intent: 'install' | 'link';
  /** The installation id from GitHub's redirect, if the redirect had no state. */
  candidateInstallationId?: number | undefined;
  /**
   * The key of the browser that starts the attempt. The user must confirm the bind if the callback arrives in another
   * browser, or if there is no key.
   */
  browser: string | null;
};

/**
 * Starts a connect attempt.
 *
 * @returns the URL of the next page, which is on GitHub
 */
export async function startConnect(input: StartConnect): Promise<string> {
  const { workspaceId, actor, origin, intent, candidateInstallationId, browser } = input;
  const state = await inTransaction(async (tx) => {
    await recordAuditEvent(tx, {
      workspaceId,
      type: 'github.connect_started',
      actor,
      origin,
      details: { intent },
    });
    return createConnectAttempt(tx, { workspaceId, userId: actor.id, candidateInstallationId, browser });
  });
  return intent === 'link' ? authorizeUrl(state) : installUrl(state);
}

/** Returns the URL of GitHub's install page, which passes `state` on to the Setup URL. */
async function installUrl(state: string): Promise<string> {
  return `${await getAppPageUrl()}/installations/new?${new URLSearchParams({ state })}`;
}

type SetupRedirect = {
  installationId: number | undefined;
  setupAction: 'install' | 'update' | 'request' | undefined;
  state: string | undefined;
};

/**
 * Handles the App's Setup URL, where GitHub redirects the browser after an install, an update or a request for
 * approval. The URL's parameters are not trusted: they only decide which page comes next.
 *
 * @returns where to redirect the browser
 */
export async function handleSetup(
  redirect: SetupRedirect,
  actor: UserActor,
  origin: RequestOrigin,
  browser: string | null,
): Promise<string> {
  const { installationId, setupAction, state } = redirect;
  // If the user installed or approved the App on GitHub without coming from our page, there is no state, so the user
  // must choose a workspace.
  if (state === undefined) return (await ownSettingsPage(redirect, actor)) ?? connectPage({ installationId });

  const found = await findOpenAttempt(state, actor.id);
  if ('refused' in found) {
    const updated = setupAction === 'update' && found.refused === 'already_used';
    return settingsPage(found.slug, updated ? 'updated' : found.refused);
  }

  const { attempt } = found;
  if (setupAction === 'request') {
    await waitForApproval(attempt, actor, origin);
    return settingsPage(attempt.workspace.slug, 'awaiting_approval');
  }
  // The user went back and installed the App on another account. Start a new attempt for that account, and leave the
  // pending attempt waiting.
  if (attempt.status === 'awaiting_approval')
    return startConnect({
      workspaceId: attempt.workspaceId,
      actor,
      origin,
      intent: 'link',
      candidateInstallationId: installationId,
      // Pass on the browser key only if this browser began the old attempt. Anyone who knows the state can send someone
      // else's browser here. Without the key, that user must confirm before anything is bound.
      browser: isBegunIn(attempt, browser) ? browser : null,
    });
  if (installationId !== undefined) await rememberCandidate(attempt.id, installationId);
  return authorizeUrl(state);
}

async function waitForApproval(attempt: OpenAttempt, actor: UserActor, origin: RequestOrigin): Promise<void> {
  if (attempt.status !== 'started') return;
  const requested = await findRequested(attempt);
  await inTransaction(async (tx) => {
    if (!(await awaitApproval(tx, attempt.id, requested))) return;
    const { workspaceId } = attempt;
    await recordAuditEvent(tx, { workspaceId, type: 'github.approval_requested', actor, origin });
  });
}

/**
 * Returns the settings page of the user's workspace that this installation is already connected to; `null` if there is
 * none.
 */
async function ownSettingsPage(
  { installationId, setupAction }: SetupRedirect,
  actor: UserActor,
): Promise<string | null> {
  if (installationId === undefined) return null;
  const installation = await getDb().installation.findFirst({
    where: {
      id: installationId,
      status: { not: 'deleted' },
      workspace: { memberships: { some: { userId: actor.id } } },
    },
    select: { workspace: { select: { slug: true } } },
  });
  if (!installation?.workspace) return null;
  const outcome = setupAction === 'update' ? 'updated' : 'already_connected_here';
  return settingsPage(installation.workspace.slug, outcome);
}

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
 * Handles the App's OAuth callback: consumes the attempt, identifies the GitHub user, checks ownership, and binds.
 *
 * @returns where to redirect the browser
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
  // The attempt is still waiting for an owner on GitHub. Only a new attempt can finish the approval (`approvals.ts`).
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
 * Binds the installation named by the Setup URL if it's proven to be the user's. If the installation belongs to another
 * workspace, the check mints no token, because that workspace's audit log would not show the mint.
 *
 * An id that does not exist leads to the same response, calls and waits as an id that GitHub hides from the user. So
 * neither the response nor its timing reveals which ids exist.
 */
async function bindCandidate(user: GitHubUser, candidate: number, binder: Binder): Promise<ConnectOutcome> {
  const { installation, stored, mayMint } = await readClaimed(candidate);
  // No proof is needed, because the workspace's admins already see this installation on the settings page.
  if (installation !== null && stored?.workspaceId === binder.workspaceId) return 'already_connected_here';
  const { proof, sees } = await proveOwnership(user, { id: candidate, installation }, binder, { mayMint });
  if (installation === null && wasTheirs(user, stored))
    return refuse(user, candidate, binder, 'installation_not_found');
  if (proof === null && sees && installation !== null)
    await awaitConfirmation(binder.attemptId, user, installation);
  if (installation === null || proof === null)
    return refuse(user, candidate, binder, 'not_your_installation');
  if (binder.asksFirst) return offerChoice(binder.attemptId, user, [candidate], 'confirm_installation');
  const { workspaceId, actor, origin } = binder;
  const bound = await bindInstallation({ workspaceId, actor, origin, installation, proof, provenBy: user });
  return syncAfterBind(installation, bound);
}

/**
 * True if the user may learn that an installation has ended: the account is theirs, or they installed the App. Other
 * users must not learn whether the id ever existed.
 */
function wasTheirs({ id }: GitHubUser, stored: Stored | null): boolean {
  if (stored === null) return false;
  return [stored.accountId, stored.installedByGithubId].includes(BigInt(id));
}

/**
 * Maps an error from GitHub to an outcome. If GitHub rejected the App's own credentials, the error is logged as an
 * alarm, because only the operator can fix that.
 */
function refusedAtGitHub(error: GitHubError, { requestId }: RequestOrigin): Ended {
  const { level, outcome } = causeRow(error.reason);
  log[level](
    { err: error, cause: error.reason, words: error.details.words, requestId },
    'a connect attempt failed at GitHub',
  );
  return { outcome, ssoPath: error.details.ssoPath };
}

/**
 * Returns the URL of the settings page that shows this outcome. Without a workspace, returns the URL of a page that any
 * signed-in user may see.
 */
export function settingsPage(
  slug: string | undefined,
  outcome: ConnectOutcome,
  attemptId?: string,
  ssoPath?: string,
): string {
  if (slug === undefined) return connectPage({ outcome });
  const query = new URLSearchParams({
    notice: outcome,
    ...(attemptId === undefined ? {} : { attempt: attemptId }),
    ...(ssoPath === undefined ? {} : { sso: ssoPath }),
  });
  return `/w/${slug}/settings/github?${query}`;
}

/** Returns the URL of the page where the user chooses a workspace for the installation. */
export function connectPage(query: {
  installationId?: number | undefined;
  outcome?: ConnectOutcome;
}): string {
  const parameters = new URLSearchParams();
  if (query.installationId !== undefined) parameters.set('installation_id', String(query.installationId));
  if (query.outcome !== undefined) parameters.set('notice', query.outcome);
  return `/connect/github?${parameters}`;
}

/**
 * Returns the URL of the page where a user continues after signing in again, because their session ended while they
 * were on GitHub.
 */
export async function signedOutPage(state: string | undefined): Promise<string> {
  const attempt = state === undefined ? null : await findAttempt(state);
  return settingsPage(attempt?.workspace.slug, attempt === null ? 'unknown_attempt' : 'signed_out');
}
