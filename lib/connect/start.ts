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
  /** `install`: GitHub's install page. `link`: the App is installed already, so straight to the authorization. */
  intent: 'install' | 'link';
  /** Known when somebody comes from GitHub without a state. */
  candidateInstallationId?: number | undefined;
  /** The key of the browser that begins; in any other one, and always without a key, the bind asks first. */
  browser: string | null;
};

/** Starts a connect attempt. @returns GitHub's page to send the browser to */
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

/** GitHub's install page hands `state` back to the Setup URL. */
async function installUrl(state: string): Promise<string> {
  return `${await getAppPageUrl()}/installations/new?${new URLSearchParams({ state })}`;
}
