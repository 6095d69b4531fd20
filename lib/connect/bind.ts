/** Proves that a GitHub user owns an installation, and binds it to a workspace. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestOrigin, UserActor } from '../actor';
import { waitAtMost } from '../async';
import { recordAuditEvent, recordAuditEventNow } from '../audit/record';
import { isAdmin } from '../auth/session';
import { getDb, inTransaction } from '../db/client';
import type { Installation } from '../db/generated/client';
import { query, sql } from '../db/sql';
import { GitHubError } from '../github/errors';
import { type GitHubInstallation, getInstallation } from '../github/installations';
import { type GitHubUser, readUserAccess, type UserAccess } from '../github/user-oauth';
import { endCheck } from '../installation/confirm-end';
import { EndedMeanwhile, readRepositories } from '../sync/snapshot';
import { syncInstallation } from '../sync/sync';
import { endPendingApprovals } from './attempts';
import type { ConnectOutcome } from './outcomes';

/**
 * The actor, workspace and attempt of a bind. If `asksFirst` is set, the user must confirm before anything is bound.
 */
export type Binder = Pick<Bind, 'workspaceId' | 'actor' | 'origin'> & {
  attemptId: string;
  asksFirst: boolean;
};

/** Fetches an installation from GitHub; returns `null` if GitHub answers 404. */
export async function findInstallation(id: number): Promise<GitHubInstallation | null> {
  return getInstallation(id).catch((error: unknown) => {
    if (error instanceof GitHubError && error.kind === 'not_found') return null;
    throw error;
  });
}

export type Stored = Pick<Installation, 'workspaceId' | 'status' | 'accountId' | 'installedByGithubId'>;

/**
 * Reads a claimed installation's stored row, then fetches the installation from GitHub. If the stored row says that the
 * installation has ended, `installation` is `null` even if GitHub still returns one.
 *
 * @returns the installation, the stored row, and whether a proof of ownership may mint a token (`mayMint`). If a
 *   workspace already has the installation, it must not, because that workspace's audit log wouldn't show the mint
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

/** The proof that succeeded, as stored in the bind's audit row. */
export type OwnershipProof = 'own_account' | 'installed_by_user' | 'administers_all_repositories';

export type Verdict = {
  proof: OwnershipProof | null;
  /** True if GitHub shows the installation to the user; false if the user must not learn that it exists. */
  sees: boolean;
};

/** The claimed installation. `installation` is what GitHub returned for it; `null` if it doesn't exist. */
export type Claimed = { id: number; installation: GitHubInstallation | null };

/**
 * Decides whether this GitHub user may attach this installation now. A listing in `/user/installations` proves nothing,
 * because GitHub lists installations for read-only members too. Past actions aren't enough either, because people lose
 * their roles. Any one of these proofs is enough:
 *
 * - The account is the user's own.
 * - A signed `installation.created` webhook within the last hour named the user as its sender. The user must also be an
 *   admin of every repository in the installation that GitHub shows them now.
 * - The installation shares at least one repository, and the user is an admin of every repository that it shares.
 *
 * An id that does not exist causes the same calls and waits as an id that GitHub hides from the user. So response times
 * don't reveal which ids exist.
 *
 * @param options.isPatient whether to wait briefly for the webhook, which may arrive after the user's browser
 * @param options.mayMint whether the last proof may mint a token for the installation. Pass `false` for another
 *   workspace's installation, because that workspace's audit log would not show the mint
 * @throws {GitHubError}
 */
export async function proveOwnership(
  user: GitHubUser,
  { id, installation }: Claimed,
  attempt: { workspaceId: string; origin: RequestOrigin },
  { isPatient = true, mayMint }: { isPatient?: boolean; mayMint: boolean },
): Promise<Verdict> {
  const account = installation?.account;
  const isOwnAccount = account?.isNamed === true && account.type === 'User' && account.id === user.id;
  if (isOwnAccount) return { proof: 'own_account', sees: true };
  const access = await readUserAccess(user.token, id);
  const { sees } = access;
  const early = await readInstaller(user.id, id, installation);
  if (installation === null) return { proof: null, sees };
  const isTheirs = (each: Installer) => each.isFreshInstaller && access.administered !== null;
  if (isTheirs(early)) return { proof: 'installed_by_user', sees };
  if (mayMint && (await administersAll(access, installation, attempt)))
    return { proof: 'administers_all_repositories', sees };
  if (!sees || early.delivered || !isPatient) return { proof: null, sees };
  const late = await waitForWebhook(user.id, id, installation);
  return { proof: isTheirs(late) ? 'installed_by_user' : null, sees };
}

/**
 * How old an `installation.created` webhook may be to still prove that its sender is allowed to attach the
 * installation.
 */
const FRESH_SECONDS = 60 * 60;

type Installer = {
  /** Whether the webhook naming the installer has arrived. */
  delivered: boolean;
  isFreshInstaller: boolean;
};

/**
 * Reads who installed the App, and whether the installation is recent. Two times must be recent: when the webhook
 * arrived, by the database's clock, and when the App was installed, according to GitHub. Replaying an old webhook
 * renews only the first, so it proves nothing.
 */
async function readInstaller(
  userId: number,
  installationId: number,
  installation: GitHubInstallation | null,
): Promise<Installer> {
  const [row] = await query(
    getDb(),
    sql<{ installer: bigint | null; is_fresh: boolean | null }>`
      SELECT installed_by_github_id AS installer, created_at > since AND ${installation?.createdAt ?? null}::timestamptz > since AS is_fresh
      FROM installations, LATERAL (SELECT now() - make_interval(secs => ${FRESH_SECONDS}::int)) AS hour(since)
      WHERE id = ${installationId}`,
  );
  const installer = row?.installer ?? null;
  return {
    delivered: installer !== null,
    isFreshInstaller: installer !== null && Number(installer) === userId && row?.is_fresh === true,
  };
}

/** The pause before each check for the webhook, which may arrive after the installer's browser. */
const WEBHOOK_WAITS_MS = [250, 500, 1000, 1500] as const;

async function waitForWebhook(
  userId: number,
  installationId: number,
  installation: GitHubInstallation,
): Promise<Installer> {
  for (const wait of WEBHOOK_WAITS_MS) {
    await sleep(wait);
    const installer = await readInstaller(userId, installationId, installation);
    if (installer.delivered) return installer;
  }
  return { delivered: false, isFreshInstaller: false };
}

/**
 * True if the user is an admin of every repository in the installation. We check the user's own list first, because
 * that needs no mint. Then we check the App's list, because the user's list lacks repositories that GitHub hides from
 * them.
 */
async function administersAll(
  { administered }: UserAccess,
  installation: GitHubInstallation,
  { workspaceId, origin }: { workspaceId: string; origin: RequestOrigin },
): Promise<boolean> {
  if (installation.suspendedAt !== null) return false;
  if (administered === null || administered.size === 0) return false;
  try {
    const { repositories, odd, isWhole } = await readRepositories(installation.id, workspaceId, origin);
    // The user might not administer a repository that could not be parsed or that is missing from an incomplete list.
    if (!isWhole || odd.length > 0 || repositories.length === 0) return false;
    return repositories.every(({ id }) => administered.has(id));
  } catch (error) {
    if (error instanceof EndedMeanwhile) return false;
    throw error;
  }
}

/**
 * Records the refusal in the audit log of the workspace that tried to connect.
 *
 * @returns the reason
 */
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
  /** True if the GitHub user confirmed the actor's request through a link. */
  isConfirmed?: boolean;
};

type Owner = { workspace_id: string | null; status: string };

/**
 * Attaches an installation to a workspace after ownership was proven. A single SQL statement checks that the
 * installation is free and claims it, so exactly one of several concurrent binds wins.
 *
 * @returns the outcome. After `connected` and `already_connected_here`, the installation belongs to this workspace
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

/** Returns the audit event about a refused bind, for the log of the workspace that tried to connect. */
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

/**
 * How long to wait for the first sync. Most syncs finish within this time. A longer sync continues in the background,
 * and the page shows its progress.
 */
const WAIT_FOR_SYNC_MS = 2500;

/** Starts the first sync and briefly waits for it, so that the next page usually shows the repositories. */
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
 * Waits, then syncs again. The first sync got a 404, which means an uninstall or a temporary fault at GitHub. Only a
 * second 404 after this pause proves the uninstall.
 */
async function syncAfterSecondWitness(installationId: number) {
  const spareMs = 100;
  await sleep(endCheck.apartMs + spareMs);
  return syncInstallation(installationId);
}
