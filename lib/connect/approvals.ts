import type { RequestOrigin, UserActor } from '../actor';
import { recordAuditEvent } from '../audit/record';
import { requireAdmin } from '../auth/session';
import { getConfig } from '../config';
import { getDb, inTransaction } from '../db/client';
import { query, sql } from '../db/sql';
import { isUuid } from '../db/uuid';
import { GitHubError } from '../github/errors';
import { type InstallationRequest, listInstallationRequests } from '../github/installations';
import { log } from '../observability/log';
import { linkToken, type OpenAttempt, type RequestedInstallation } from './attempts';

/** A pending request from a member of this workspace to an organization's owners, who must approve the App. */
export type PendingApproval = {
  attempt_id: string;
  /**
   * Set only if the requester signs in to this app with GitHub. Otherwise, the request on GitHub may be somebody
   * else's.
   */
  account_login: string | null;
  requested_by: string;
  requested_at: string;
  /**
   * Set once an owner has approved the request. The page's "Finish" button then starts a connect attempt ("Link it")
   * for this installation.
   */
  approved_installation_id: number | null;
};

const UNKNOWN: RequestedInstallation = { requesterGithubId: null, accountId: null, accountLogin: null };
/** Allows for clock skew between GitHub and the database, and for GitHub rounding times to whole seconds. */
const CLOCK_SPARE_MS = 60_000;

/**
 * Finds the request that the user has just sent on GitHub, because GitHub's redirect does not identify the request. A
 * requester who signs in to this app with GitHub is identified by that account. Otherwise, if only one request has been
 * sent since the attempt began, we use it as a hint. It may be somebody else's, so we don't show its account.
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

/** Cap on the listed requests, newest first. There is a cap because the page shows the whole list. */
const MOST_SHOWN = 20;

type Row = {
  id: string;
  requested_account_login: string | null;
  requested_by: string;
  created_at: Date;
  approved_installation_id: bigint | null;
};

/**
 * Lists the pending requests. A request counts as approved once a signed `installation.created` webhook names its
 * requester. If that webhook was lost, a later installation on the requested account counts instead. An installation
 * that is already connected never counts.
 */
export async function listPendingApprovals(workspaceId: string): Promise<PendingApproval[]> {
  const rows = await query(
    'work',
    sql<Row>`
      SELECT a.id, a.requested_account_login, u.email AS requested_by, a.created_at, (
        SELECT i.id FROM installations i
        WHERE i.workspace_id IS NULL AND i.status <> 'deleted' AND i.created_at >= a.created_at
          AND (a.requested_account_id IS NULL OR i.account_id = a.requested_account_id)
          AND (i.requested_by_github_id = a.requester_github_id
            OR (i.requested_by_github_id IS NULL AND i.account_id = a.requested_account_id))
        ORDER BY i.created_at DESC LIMIT 1) AS approved_installation_id
      FROM connect_attempts a JOIN users u ON u.id = a.user_id
      WHERE a.workspace_id = ${workspaceId}::uuid AND a.status = 'awaiting_approval' AND a.expires_at > now()
      ORDER BY a.created_at DESC LIMIT ${MOST_SHOWN}::int`,
  );
  return rows.map((row) => ({
    attempt_id: row.id,
    account_login: row.requested_account_login,
    requested_by: row.requested_by,
    requested_at: row.created_at.toISOString(),
    approved_installation_id:
      row.approved_installation_id === null ? null : Number(row.approved_installation_id),
  }));
}

/**
 * Dismisses a request on behalf of an admin. Admins need this because GitHub does not report when a request is denied
 * or withdrawn. Nothing changes on GitHub, and an installation that is approved later can still be linked.
 *
 * @returns `true` if the request was dismissed; `false` if the workspace has no such request
 * @throws {Problem} `forbidden` if the actor is not an admin
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
      ? await query(
          tx,
          sql<{ requested_account_login: string | null }>`
            UPDATE connect_attempts SET status = 'finished', outcome = 'approval_dismissed'
            WHERE id = ${attemptId}::uuid AND workspace_id = ${workspaceId}::uuid
              AND status IN ('awaiting_approval', 'awaiting_confirmation')
            RETURNING requested_account_login`,
        )
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

/** A connection awaiting confirmation by an owner of the GitHub account, as shown to the workspace's admins. */
export type PendingConfirmation = {
  attempt_id: string;
  account_login: string;
  requested_by: string;
  expires_at: string;
  link: string;
};

/** Lists a workspace's connections that are awaiting confirmation, newest first. */
export async function listPendingConfirmations(workspaceId: string): Promise<PendingConfirmation[]> {
  const attempts = await query(
    'work',
    sql<{
      id: string;
      account_login: string | null;
      requested_by: string | null;
      expires_at: Date;
      digest: Buffer | null;
    }>`
      SELECT a.id, a.requested_account_login AS account_login, u.email AS requested_by, a.expires_at,
        a.confirmation_digest AS digest
      FROM connect_attempts a LEFT JOIN users u ON u.id = a.user_id
      WHERE a.workspace_id = ${workspaceId}::uuid AND a.status = 'awaiting_confirmation'
        AND a.expires_at > ${new Date()}::timestamptz
      ORDER BY a.created_at DESC LIMIT ${MOST_SHOWN}::int`,
  );
  return attempts.map(({ id, account_login, requested_by, expires_at, digest }) => ({
    attempt_id: id,
    account_login: account_login ?? '',
    requested_by: requested_by ?? '',
    expires_at: expires_at.toISOString(),
    link: `${getConfig().publicUrl}/connect/github/confirm?${new URLSearchParams({ token: linkToken('github-confirmation', id, digest) })}`,
  }));
}
