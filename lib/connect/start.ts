import type { UserActor } from '../actor';
import type { RequestOrigin } from '../audit/event';
import { recordAuditEvent } from '../audit/record';
import { inTransaction } from '../db/client';
import { getAppPageUrl } from '../github/app-page';
import { authorizeUrl } from '../github/user-oauth';
import { createConnectAttempt } from './attempts';

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
