import type { UserActor } from '../actor';
import type { RequestOrigin } from '../audit/event';
import { recordAuditEvent } from '../audit/record';
import { isAdmin } from '../auth/membership';
import { inTransaction } from '../db/client';
import type { GitHubInstallation } from '../github/installations';
import type { GitHubUser } from '../github/user-oauth';
import { endPendingApprovals } from './approvals';
import type { ConnectOutcome } from './outcomes';
import type { OwnershipProof } from './ownership';

export type Bind = {
  workspaceId: string;
  actor: UserActor;
  origin: RequestOrigin;
  installation: GitHubInstallation;
  proof: OwnershipProof | 'chosen_from_proven';
  /** The GitHub user who proved ownership. */
  provenBy: Pick<GitHubUser, 'id' | 'login'>;
  /** Whether that user confirmed, by a link, a request of the actor. */
  isConfirmed?: boolean;
};

type Owner = { workspace_id: string | null; status: string };

/**
 * Attaches a proven installation to a workspace. One statement in the database decides whether it is free, so
 * exactly one of two concurrent binds wins.
 *
 * @returns the outcome; `connected` and `already_connected_here` mean that the installation is this workspace's now
 */
export function bindInstallation(bind: Bind): Promise<ConnectOutcome> {
  const { workspaceId, actor, origin, installation, proof, provenBy } = bind;
  const { id, account, repositorySelection, suspendedAt } = installation;
  const status = suspendedAt === null ? 'active' : 'suspended';
  return inTransaction(async (tx) => {
    if (!(await isAdmin(tx, workspaceId, actor.id))) {
      await recordAuditEvent(tx, refusal(bind, 'not_admin', { installation_id: id }));
      return 'not_admin';
    }
    const bound = await tx.$queryRaw<{ id: bigint }[]>`
      INSERT INTO installations (id, workspace_id, account_id, account_login, account_type, repository_selection,
        status, suspended_at, bound_by, bound_at, sync_requested_at)
      VALUES (${id}, ${workspaceId}::uuid, ${account.id}, ${account.login}, ${account.type},
        ${repositorySelection}, ${status}::installation_status, ${suspendedAt}, ${actor.id}::uuid, now(), now())
      ON CONFLICT (id) DO UPDATE SET workspace_id = excluded.workspace_id, bound_by = excluded.bound_by,
        bound_at = excluded.bound_at,
        status = CASE WHEN excluded.status = 'suspended' THEN excluded.status ELSE installations.status END,
        suspended_at = coalesce(excluded.suspended_at, installations.suspended_at), sync_requested_at = now(), revision = installations.revision + 1
        WHERE installations.workspace_id IS NULL AND installations.status <> 'deleted'
      RETURNING id`;
    if (bound.length === 1) {
      await endPendingApprovals(tx, installation, { workspaceId, userId: actor.id });
      await recordAuditEvent(tx, {
        workspaceId,
        type: 'github.installation_bound',
        actor,
        origin,
        installationId: id,
        details: {
          account: account.login,
          proof,
          github_user: { id: provenBy.id, login: provenBy.login },
          ...(bind.isConfirmed === true ? { confirmed_by_link: true } : {}),
          repository_selection: repositorySelection,
        },
      });
      return 'connected';
    }
    const [owner] = await tx.$queryRaw<Owner[]>`
      SELECT workspace_id, status::text AS status FROM installations WHERE id = ${id}`;
    if (owner?.workspace_id === workspaceId && owner.status !== 'deleted') return 'already_connected_here';
    const outcome = owner?.status === 'deleted' ? 'installation_not_found' : 'already_connected_elsewhere';
    await recordAuditEvent(tx, refusal(bind, outcome));
    return outcome;
  });
}

/** Returns the audit event of a refused bind, for the workspace that tried. */
export function refusal(
  { workspaceId, actor, origin }: Pick<Bind, 'workspaceId' | 'actor' | 'origin'>,
  reason: ConnectOutcome,
  details: { installation_id?: number; github_login?: string } = {},
) {
  return {
    workspaceId,
    type: 'github.bind_refused',
    actor,
    origin,
    details: { reason, ...details },
  } as const;
}
