import { recordAuditEventNow } from '../audit/record';
import { getDb } from '../db/client';
import type { Installation } from '../db/generated/client';
import { GitHubError } from '../github/error';
import { type GitHubInstallation, getInstallation } from '../github/installations';
import type { GitHubUser } from '../github/user-oauth';
import { offerChoice } from './attempts';
import { type Bind, bindInstallation, refusal } from './bind';
import { awaitConfirmation } from './confirmation';
import { syncAfterBind } from './first-sync';
import type { ConnectOutcome } from './outcomes';
import { proveOwnership } from './ownership';

/** The actor and the workspace of a bind, its attempt, and whether the user must confirm before the bind. */
export type Binder = Pick<Bind, 'workspaceId' | 'actor' | 'origin'> & {
  attemptId: string;
  asksFirst: boolean;
};

/** Returns the installation as GitHub describes it to the App, or `null` for a 404. */
export async function findInstallation(id: number): Promise<GitHubInstallation | null> {
  return getInstallation(id).catch((error: unknown) => {
    if (error instanceof GitHubError && error.kind === 'not_found') return null;
    throw error;
  });
}

/**
 * Binds the installation that the Setup URL named, if the user proves to own it. An installation that has ended
 * here or belongs to another workspace is proven without a token, because its owners' log would not show that mint.
 *
 * The response, the calls and the waits are the same for an id that does not exist and for one that GitHub does not
 * show to the user.
 */
export async function bindCandidate(
  user: GitHubUser,
  candidate: number,
  binder: Binder,
): Promise<ConnectOutcome> {
  const stored = await getDb().installation.findUnique({
    where: { id: candidate },
    select: { workspaceId: true, status: true, accountId: true, installedByGithubId: true },
  });
  const found = await findInstallation(candidate);
  const installation = stored?.status === 'deleted' ? null : found;
  const owner = stored?.workspaceId ?? null;
  // Admins already see this installation on their page, so no proof is needed.
  if (installation !== null && owner === binder.workspaceId) return 'already_connected_here';
  const mayMint = owner === null;
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
function wasTheirs(
  { id }: GitHubUser,
  stored: Pick<Installation, 'accountId' | 'installedByGithubId'> | null,
): boolean {
  if (stored === null) return false;
  return [stored.accountId, stored.installedByGithubId].includes(BigInt(id));
}

/** Records the refusal in the workspace that tried, and in no other. */
export async function refuse(
  { login }: GitHubUser,
  installationId: number,
  binder: Binder,
  reason: ConnectOutcome,
): Promise<ConnectOutcome> {
  await recordAuditEventNow(
    refusal(binder, reason, { installation_id: installationId, github_login: login }),
  );
  return reason;
}
