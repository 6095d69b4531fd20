/** Leads a browser through a connect flow: from our page to GitHub, over the Setup URL, to the callback that binds. */
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
   * `install` leads to GitHub's install page. `link` goes straight to the authorization of an existing
   * installation.
   */
  intent: 'install' | 'link';
  /** Set when the user comes from GitHub without a state. */
  candidateInstallationId?: number | undefined;
  /** The key of the browser that begins. The bind requires confirmation in any other browser, and without a key. */
  browser: string | null;
};

/** Starts a connect attempt. @returns GitHub's page for the browser */
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

/** Returns GitHub's install page, which passes `state` to the Setup URL. */
async function installUrl(state: string): Promise<string> {
  return `${await getAppPageUrl()}/installations/new?${new URLSearchParams({ state })}`;
}

type SetupRedirect = {
  installationId: number | undefined;
  setupAction: 'install' | 'update' | 'request' | undefined;
  state: string | undefined;
};

/**
 * Handles the App's Setup URL, where GitHub sends the browser after an install, an update or a request. Its
 * parameters are not trusted; they only decide which page comes next.
 *
 * @returns the browser's next address
 */
export async function handleSetup(
  redirect: SetupRedirect,
  actor: UserActor,
  origin: RequestOrigin,
  browser: string | null,
): Promise<string> {
  const { installationId, setupAction, state } = redirect;
  // An install or approval on GitHub's own pages has no state, so the user chooses the workspace.
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
  // The user went back and installed on another account. A new attempt begins, and the pending one keeps waiting.
  if (attempt.status === 'awaiting_approval')
    return startConnect({
      workspaceId: attempt.workspaceId,
      actor,
      origin,
      intent: 'link',
      candidateInstallationId: installationId,
      // Arriving from GitHub does not choose a workspace, because anyone with the state can send any browser here.
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

/** Returns the settings page of the user's workspace that has connected this installation already. */
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
 * Binds the installation that the Setup URL named, if the user proves to own it. An installation that has ended
 * here or belongs to another workspace is proven without a token, because its owners' log would not show that mint.
 *
 * The response, the calls and the waits are the same for an id that does not exist and for one that GitHub does not
 * show to the user.
 */
async function bindCandidate(user: GitHubUser, candidate: number, binder: Binder): Promise<ConnectOutcome> {
  const { installation, stored, mayMint } = await readClaimed(candidate);
  // Admins already see this installation on their page, so no proof is needed.
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
 * Returns whether the user may learn that an installation has ended. Nobody else learns whether that id ever
 * existed.
 */
function wasTheirs({ id }: GitHubUser, stored: Stored | null): boolean {
  if (stored === null) return false;
  return [stored.accountId, stored.installedByGithubId].includes(BigInt(id));
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

/** Returns the settings page with the outcome. Without a workspace, returns a page that any signed-in user may see. */
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

/** Returns the page where the user chooses the workspace of an installation. */
export function connectPage(query: {
  installationId?: number | undefined;
  outcome?: ConnectOutcome;
}): string {
  const parameters = new URLSearchParams();
  if (query.installationId !== undefined) parameters.set('installation_id', String(query.installationId));
  if (query.outcome !== undefined) parameters.set('notice', query.outcome);
  return `/connect/github?${parameters}`;
}

/** Returns where a user continues after signing in again, if the session ended during the visit to GitHub. */
export async function signedOutPage(state: string | undefined): Promise<string> {
  const attempt = state === undefined ? null : await findAttempt(state);
  return settingsPage(attempt?.workspace.slug, attempt === null ? 'unknown_attempt' : 'signed_out');
}
