import { recordAuditEventNow } from '../audit/record';
import { getDb } from '../db/client';
import type { Installation } from '../db/generated/client';
import { GitHubError } from '../github/error';
import { type GitHubInstallation, getInstallation } from '../github/installations';
import type { GitHubUser } from '../github/user-oauth';
import { type Bind, bindInstallation, refusal } from './bind';
import type { ConnectOutcome } from './outcomes';
import { proveOwnership } from './prove-ownership';
import { syncAfterBind } from './sync-after-bind';

/** Who attaches something, and where to. */
export type Binder = Pick<Bind, 'workspaceId' | 'actor' | 'origin'>;

/** As GitHub describes it to the App. @returns `null`: it does not exist, or not any more */
export async function findInstallation(id: number): Promise<GitHubInstallation | null> {
  return getInstallation(id).catch((error: unknown) => {
    if (error instanceof GitHubError && error.kind === 'not_found') return null;
    throw error;
  });
}

/**
 * The installation that the Setup URL named, if GitHub knows it and the user proves to own it; else the answer is the
 * same, whether it is somebody else's or none. Of one that has ended
 * here or belongs to another workspace no proof is worth a token: neither would be in the log of its owners.
 */
export async function bindCandidate(
  user: GitHubUser,
  candidate: number,
  binder: Binder,
): Promise<ConnectOutcome> {
  const stored = await getDb().installation.findUnique({
    where: { id: candidate },
    select: {
      workspaceId: true,
      status: true,
      accountId: true,
      installedByGithubId: true,
      requestedByGithubId: true,
    },
  });
  const installation = stored?.status === 'deleted' ? null : await findInstallation(candidate);
  if (installation === null)
    return refuse(
      user,
      candidate,
      binder,
      wasTheirs(user, stored) ? 'installation_not_found' : 'not_your_installation',
    );
  const owner = stored?.workspaceId ?? null;
  const mayMint = owner === null || owner === binder.workspaceId;
  const proof = await proveOwnership(user, installation, binder, { mayMint });
  if (proof === null) return refuse(user, candidate, binder, 'not_your_installation');
  return syncAfterBind(installation, await bindInstallation({ ...binder, installation, proof }));
}

/**
 * Whether the user may know that an installation has ended: nobody else learns from us whether there is or was one
 * with that id.
 */
function wasTheirs(
  { id }: GitHubUser,
  stored: Pick<Installation, 'accountId' | 'installedByGithubId' | 'requestedByGithubId'> | null,
): boolean {
  if (stored === null) return false;
  return [stored.accountId, stored.installedByGithubId, stored.requestedByGithubId].includes(BigInt(id));
}

/** Tells the workspace that tried, and no other. */
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
