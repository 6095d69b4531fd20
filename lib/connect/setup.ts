import type { UserActor } from '../actor';
import type { RequestOrigin } from '../audit/event';
import { recordAuditEvent } from '../audit/record';
import { getDb, inTransaction } from '../db/client';
import { authorizeUrl } from '../github/user-oauth';
import { findRequested } from './approvals';
import { awaitApproval, findOpenAttempt, isBegunIn, type OpenAttempt, rememberCandidate } from './attempts';
import { connectPage, settingsPage } from './destinations';
import { startConnect } from './start';

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
