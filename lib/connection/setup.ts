import type { RequestOrigin } from '../audit/event';
import { recordAuditEvent } from '../audit/record';
import type { UserActor } from '../auth/actor';
import { inTransaction } from '../db/client';
import { authorizeUrl } from '../github/user-oauth';
import { awaitApproval, findOpenAttempt, rememberCandidate } from './connect-attempt';
import { connectPage, settingsPage } from './pages';

export type SetupRedirect = {
  installationId: number | undefined;
  setupAction: 'install' | 'update' | 'request' | undefined;
  state: string | undefined;
};

/**
 * The App's Setup URL: GitHub sends the browser here after an install, an update or a request. Nothing that it says
 * is believed; it only decides which page comes next.
 *
 * @returns where to send the browser
 */
export async function handleSetup(
  redirect: SetupRedirect,
  actor: UserActor,
  origin: RequestOrigin,
): Promise<string> {
  const { installationId, setupAction, state } = redirect;
  // Installed or approved from GitHub's own pages: there is no state, so the user says which workspace is meant.
  if (state === undefined) return connectPage({ installationId });

  const found = await findOpenAttempt(state, actor.id);
  if ('refused' in found) {
    const updated = setupAction === 'update' && found.refused === 'already_used';
    return settingsPage(found.slug, updated ? 'updated' : found.refused);
  }

  const { attempt } = found;
  if (setupAction === 'request') {
    await inTransaction(async (tx) => {
      if (!(await awaitApproval(tx, attempt.id))) return;
      const { workspaceId } = attempt;
      await recordAuditEvent(tx, { workspaceId, type: 'github.approval_requested', actor, origin });
    });
    return settingsPage(attempt.workspace.slug, 'awaiting_approval');
  }
  if (installationId !== undefined) await rememberCandidate(attempt.id, installationId);
  return authorizeUrl(state);
}
