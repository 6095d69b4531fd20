import type { UserActor } from '../actor';
import type { RequestOrigin } from '../audit/event';
import { recordAuditEvent } from '../audit/record';
import { requireAdmin } from '../auth/membership';
import { getDb, inTransaction, type Transaction } from '../db/client';
import { isUuid } from '../db/uuid';
import { GitHubError } from '../github/error';
import { type InstallationRequest, listInstallationRequests } from '../github/installation-requests';
import type { GitHubInstallation } from '../github/installations';
import { log } from '../observability/log';
import type { OpenAttempt } from './attempts';

/** A request to an organization's owners that somebody of this workspace made and nobody has finished here. */
export type PendingApproval = {
  attempt_id: string;
  /** Known only if the requester signs in here with GitHub: anybody else's request could be meant otherwise. */
  account_login: string | null;
  requested_by: string;
  requested_at: string;
  /** Set once an owner has approved it: "finish" then begins a connect attempt ("Link it") with this candidate. */
  approved_installation_id: number | null;
};

/** What GitHub's list says of the request that an attempt waits for; each is missing if it cannot be told. */
export type RequestedInstallation = {
  requesterGithubId: number | null;
  accountId: number | null;
  accountLogin: string | null;
};

const UNKNOWN: RequestedInstallation = { requesterGithubId: null, accountId: null, accountLogin: null };
/** GitHub's clock and ours differ, and its times are whole seconds. */
const CLOCK_SPARE_MS = 60_000;

/**
 * Finds the request that this attempt has just led to. GitHub's redirect does not say: somebody who signs in here
 * with GitHub is looked up by that account. Of anybody else the only request that was made since the attempt began is
 * taken, as a hint that is believed no more than a candidate is (C21), and whose account is not shown.
 */
export async function findRequested(attempt: OpenAttempt): Promise<RequestedInstallation> {
  const identity = await getDb().identity.findFirst({
    where: { userId: attempt.userId, provider: 'github' },
    select: { providerAccountId: true },
  });
  const requests = await listInstallationRequests().catch((error: unknown): InstallationRequest[] => {
    if (!(error instanceof GitHubError)) throw error;
    log.warn({ err: error }, 'the requests for installations could not be read');
    return [];
  });
  if (identity !== null) {
    const requesterGithubId = Number(identity.providerAccountId);
    const own = requests.filter(({ requesterId }) => requesterId === requesterGithubId);
    const newest = own.sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())[0];
    return {
      requesterGithubId,
      accountId: newest?.account.id ?? null,
      accountLogin: newest?.account.login ?? null,
    };
  }
  const since = attempt.createdAt.getTime() - CLOCK_SPARE_MS;
  const [only, ...others] = requests.filter(({ createdAt }) => createdAt.getTime() >= since);
  if (only === undefined || others.length > 0) return UNKNOWN;
  return { requesterGithubId: only.requesterId, accountId: only.account.id, accountLogin: null };
}

/** The newest; a page shows them all at once. */
const MOST_SHOWN = 20;

type Row = {
  id: string;
  requested_account_login: string | null;
  requested_by: string;
  created_at: Date;
  approved_installation_id: bigint | null;
};

/**
 * Approved is what the signed `installation.created` delivery names the requester of, or, where that was lost, what
 * is installed on the requested account since; as long as nobody has connected it.
 */
export async function listPendingApprovals(workspaceId: string): Promise<PendingApproval[]> {
  const rows = await getDb().$queryRaw<Row[]>`
    SELECT a.id, a.requested_account_login, u.email AS requested_by, a.created_at, (
      SELECT i.id FROM installations i
      WHERE i.workspace_id IS NULL AND i.status <> 'deleted' AND i.created_at >= a.created_at
        AND (a.requested_account_id IS NULL OR i.account_id = a.requested_account_id)
        AND (i.requested_by_github_id = a.requester_github_id
          OR (i.requested_by_github_id IS NULL AND i.account_id = a.requested_account_id))
      ORDER BY i.created_at DESC LIMIT 1) AS approved_installation_id
    FROM connect_attempts a JOIN users u ON u.id = a.user_id
    WHERE a.workspace_id = ${workspaceId}::uuid AND a.status = 'awaiting_approval' AND a.expires_at > now()
    ORDER BY a.created_at DESC LIMIT ${MOST_SHOWN}`;
  return rows.map((row) => ({
    attempt_id: row.id,
    account_login: row.requested_account_login,
    requested_by: row.requested_by,
    requested_at: row.created_at.toISOString(),
    approved_installation_id:
      row.approved_installation_id === null ? null : Number(row.approved_installation_id),
  }));
}

/** What was waited for is connected: of the workspace's attempts those that waited for it wait no longer. */
export async function endPendingApprovals(
  tx: Transaction,
  { account, id }: GitHubInstallation,
  { workspaceId, userId }: { workspaceId: string; userId: string },
): Promise<void> {
  await tx.$executeRaw`
    UPDATE connect_attempts SET status = 'finished', outcome = 'connected'
    WHERE workspace_id = ${workspaceId}::uuid AND status IN ('awaiting_approval', 'awaiting_confirmation') AND (
      requested_account_id = ${account.id}
      OR (requested_account_id IS NULL AND (user_id = ${userId}::uuid
        OR requester_github_id = (SELECT requested_by_github_id FROM installations WHERE id = ${id}))))`;
}

/**
 * GitHub tells nobody of a request that was denied or withdrawn: an admin says so. On GitHub nothing changes, and what
 * an owner approves later can be linked all the same.
 *
 * @returns `false`: this workspace waits for no such request
 * @throws {Problem} `forbidden`
 */
export function dismissApproval(dismiss: {
  workspaceId: string;
  attemptId: string;
  actor: UserActor;
  origin: RequestOrigin;
}): Promise<boolean> {
  const { workspaceId, attemptId, actor, origin } = dismiss;
  return inTransaction(async (tx) => {
    await requireAdmin(tx, workspaceId, actor);
    const [attempt] = isUuid(attemptId)
      ? await tx.$queryRaw<{ requested_account_login: string | null }[]>`
          UPDATE connect_attempts SET status = 'finished', outcome = 'approval_dismissed'
          WHERE id = ${attemptId}::uuid AND workspace_id = ${workspaceId}::uuid
            AND status IN ('awaiting_approval', 'awaiting_confirmation')
          RETURNING requested_account_login`
      : [];
    if (attempt === undefined) return false;
    const { requested_account_login: account } = attempt;
    await recordAuditEvent(tx, {
      workspaceId,
      type: 'github.approval_dismissed',
      actor,
      origin,
      details: account === null ? {} : { account },
    });
    return true;
  });
}
