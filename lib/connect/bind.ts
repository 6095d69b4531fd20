import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestOrigin, UserActor } from '../actor';
import { waitAtMost } from '../async';
import { recordAuditEvent, recordAuditEventNow } from '../audit/record';
import { isAdmin } from '../auth/membership';
import { getDb, inTransaction } from '../db/client';
import type { Installation } from '../db/generated/client';
import { query, sql } from '../db/sql';
import { GitHubError } from '../github/errors';
import { type GitHubInstallation, getInstallation } from '../github/installations';
import type { GitHubUser } from '../github/user-oauth';
import { endCheck } from '../installation/confirm-end';
import { syncInstallation } from '../sync/sync';
import { awaitConfirmation, endPendingApprovals, offerChoice } from './attempts';
import type { ConnectOutcome } from './outcomes';
import { type OwnershipProof, proveOwnership } from './ownership';

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

type Stored = Pick<Installation, 'workspaceId' | 'status' | 'accountId' | 'installedByGithubId'>;

/**
 * Reads what is stored of a claimed installation, and then GitHub's description of it. An installation that has ended
 * here counts as one that GitHub does not have.
 *
 * @returns `mayMint`, whether a proof may mint a token: its owners' log would not show a mint of another workspace
 */
export async function readClaimed(
  id: number,
): Promise<{ installation: GitHubInstallation | null; stored: Stored | null; mayMint: boolean }> {
  const stored = await getDb().installation.findUnique({
    where: { id },
    select: { workspaceId: true, status: true, accountId: true, installedByGithubId: true },
  });
  const found = await findInstallation(id);
  const installation = stored?.status === 'deleted' ? null : found;
  return { installation, stored, mayMint: (stored?.workspaceId ?? null) === null };
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
    const bound = await query(
      tx,
      sql<{ id: bigint }>`
        INSERT INTO installations (id, workspace_id, account_id, account_login, account_type, repository_selection,
          status, suspended_at, bound_by, bound_at, sync_requested_at)
        VALUES (${id}, ${workspaceId}::uuid, ${account.id}, ${account.login}, ${account.type},
          ${repositorySelection}, ${status}::installation_status, ${suspendedAt}, ${actor.id}::uuid, now(), now())
        ON CONFLICT (id) DO UPDATE SET workspace_id = excluded.workspace_id, bound_by = excluded.bound_by,
          bound_at = excluded.bound_at,
          status = CASE WHEN excluded.status = 'suspended' THEN excluded.status ELSE installations.status END,
          suspended_at = coalesce(excluded.suspended_at, installations.suspended_at), sync_requested_at = now(), revision = installations.revision + 1
          WHERE installations.workspace_id IS NULL AND installations.status <> 'deleted'
        RETURNING id`,
    );
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
    const [owner] = await query(
      tx,
      sql<Owner>`SELECT workspace_id, status::text AS status FROM installations WHERE id = ${id}`,
    );
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

/** Most first syncs finish within this time. A longer one continues, and the page follows it. */
const WAIT_FOR_SYNC_MS = 2500;

/** Starts the first sync, so that the next page already shows the repositories. */
export async function syncAfterBind(
  installation: GitHubInstallation,
  outcome: ConnectOutcome,
): Promise<ConnectOutcome> {
  if (outcome !== 'connected') return outcome;
  const first = await waitAtMost(syncInstallation(installation.id), WAIT_FOR_SYNC_MS);
  const synced = first === 'ending' ? await syncAfterSecondWitness(installation.id) : first;
  if (synced === 'gone') return 'installation_not_found';
  return installation.suspendedAt === null ? 'connected' : 'suspended';
}

/**
 * Waits until a second witness can count, because the installation was uninstalled or GitHub answered a passing
 * 404.
 */
async function syncAfterSecondWitness(installationId: number) {
  const spareMs = 100;
  await sleep(endCheck.apartMs + spareMs);
  return syncInstallation(installationId);
}
