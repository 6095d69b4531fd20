import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { findWorkspaceForUser } from '../auth/session';
import { getConfig } from '../config';
import { hasRole } from '../contract/members';
import { getDb, type Transaction } from '../db/client';
import type { ConnectAttempt } from '../db/generated/client';
import { execute, sql } from '../db/sql';
import type { GitHubInstallation } from '../github/installations';
import type { GitHubUser } from '../github/user-oauth';
import type { ConnectOutcome } from './outcomes';

/** The life of an attempt, from the button to the callback. */
const ATTEMPT_LIFE_MS = 60 * 60 * 1000;
/** The time in which a user must choose among proven installations. */
const CHOICE_LIFE_MS = 15 * 60 * 1000;

/** Returns the SHA-256 digest, the only form in which secrets of attempts are stored. */
export const digestOf = (secret: string) => new Uint8Array(createHash('sha256').update(secret).digest());

/** The request in GitHub's list that an attempt waits for. A field is null when GitHub's list leaves it open. */
export type RequestedInstallation = {
  requesterGithubId: number | null;
  accountId: number | null;
  accountLogin: string | null;
};

/** An open attempt with its workspace. */
export type OpenAttempt = ConnectAttempt & { workspace: { id: string; slug: string } };

/**
 * Creates a connect attempt by this user for this workspace.
 *
 * @returns the state that travels through the browser: 256 random bits, stored only as a hash
 */
export async function createConnectAttempt(
  tx: Transaction,
  begun: {
    workspaceId: string;
    userId: string;
    candidateInstallationId: number | undefined;
    browser: string | null;
  },
): Promise<string> {
  const { workspaceId, userId, candidateInstallationId: candidate, browser } = begun;
  const state = randomBytes(32).toString('base64url');
  await tx.connectAttempt.create({
    data: {
      stateHash: digestOf(state),
      workspaceId,
      userId,
      candidateInstallationId: candidate ?? null,
      // Without a browser key, no browser matches the one that began.
      browserDigest: digestOf(browser ?? randomBytes(32).toString('base64url')),
      expiresAt: new Date(Date.now() + ATTEMPT_LIFE_MS),
    },
  });
  return state;
}

/**
 * Finds the open attempt of a state for this user, who must still be an admin.
 *
 * @returns the attempt, or why it is refused; `slug` only for the user who began it and is still in that workspace
 */
export async function findOpenAttempt(
  state: string,
  userId: string,
): Promise<{ attempt: OpenAttempt } | { refused: ConnectOutcome; slug?: string }> {
  const attempt = await findAttempt(state);
  if (attempt === null) return { refused: 'unknown_attempt' };
  if (attempt.userId !== userId) return { refused: 'other_user' };
  const { slug } = attempt.workspace;
  const membership = await findWorkspaceForUser(slug, userId);
  if (membership === null) return { refused: 'not_admin' };
  if (attempt.consumedAt !== null || attempt.status === 'finished') return { refused: 'already_used', slug };
  if (attempt.expiresAt.getTime() <= Date.now()) return { refused: 'expired', slug };
  // The role is checked at each step, because it may have been revoked while the browser was at GitHub.
  if (!hasRole(membership.role, 'admin')) return { refused: 'not_admin', slug };
  return { attempt };
}

/**
 * Returns whether this browser began the attempt. In another browser, somebody else may have chosen the workspace.
 * An attempt without a digest predates browser keys, and matches no browser.
 */
export function isBegunIn({ browserDigest }: ConnectAttempt, browser: string | null): boolean {
  if (browserDigest === null || browser === null) return false;
  return timingSafeEqual(browserDigest, digestOf(browser));
}

/** Finds an attempt in any status. */
export function findAttempt(state: string): Promise<OpenAttempt | null> {
  return getDb().connectAttempt.findUnique({
    where: { stateHash: digestOf(state) },
    include: { workspace: { select: { id: true, slug: true } } },
  });
}

/** Stores a hint from the browser. The ownership proof decides whether it is true. */
export async function rememberCandidate(attemptId: string, candidate: number): Promise<void> {
  await getDb().connectAttempt.updateMany({
    where: { id: attemptId, consumedAt: null },
    data: { candidateInstallationId: candidate },
  });
}

/** An owner may take days to approve. An older request has to be made again. */
const APPROVAL_LIFE_MS = 30 * 24 * 60 * 60 * 1000;

/** Pending approvals per user and workspace. A new one ends the oldest. */
const MOST_AWAITED = 10;

/**
 * Makes the attempt wait for an owner's approval. Its state is invalid from here on; a new attempt finishes the
 * approval.
 *
 * @returns whether the attempt started to wait now
 */
export async function awaitApproval(
  tx: Transaction,
  attemptId: string,
  requested: RequestedInstallation,
): Promise<boolean> {
  const { count } = await tx.connectAttempt.updateMany({
    where: { id: attemptId, consumedAt: null, status: 'started' },
    data: {
      status: 'awaiting_approval',
      outcome: 'awaiting_approval',
      expiresAt: new Date(Date.now() + APPROVAL_LIFE_MS),
      requesterGithubId: requested.requesterGithubId,
      requestedAccountId: requested.accountId,
      requestedAccountLogin: requested.accountLogin,
    },
  });
  if (count === 1) await endOldestAwaited(tx, attemptId);
  return count === 1;
}

async function endOldestAwaited(tx: Transaction, attemptId: string): Promise<void> {
  await execute(
    tx,
    sql`
      UPDATE connect_attempts SET status = 'finished', outcome = 'expired' WHERE id IN (
        SELECT a.id FROM connect_attempts a JOIN connect_attempts newest ON newest.id = ${attemptId}::uuid
        WHERE a.workspace_id = newest.workspace_id AND a.user_id = newest.user_id AND a.status = 'awaiting_approval'
        ORDER BY a.created_at DESC OFFSET ${MOST_AWAITED})`,
  );
}

/** Consumes the attempt. Only one of two callbacks with the same state gets `true`. */
export async function consumeAttempt(attemptId: string): Promise<boolean> {
  const { count } = await getDb().connectAttempt.updateMany({
    where: { id: attemptId, consumedAt: null, status: 'started', expiresAt: { gt: new Date() } },
    data: { consumedAt: new Date() },
  });
  return count === 1;
}

/** Finishes an attempt, unless it waits for an owner's confirmation. */
export async function finishAttempt(attemptId: string, outcome: ConnectOutcome): Promise<void> {
  await getDb().connectAttempt.updateMany({
    where: { id: attemptId, status: { not: 'awaiting_confirmation' } },
    data: { status: 'finished', outcome },
  });
}

/** Ends the open attempts of a user who is no longer an admin of the workspace. */
export async function endConnectAttemptsOf(
  tx: Transaction,
  workspaceId: string,
  userId: string,
): Promise<void> {
  const outcome: ConnectOutcome = 'not_admin';
  await tx.connectAttempt.updateMany({
    where: { workspaceId, userId, status: { not: 'finished' } },
    data: { status: 'finished', outcome },
  });
}

/** Stores the installations that the user proved to own, of which the user must soon choose one. */
export async function offerChoice(
  attemptId: string,
  provenBy: Pick<GitHubUser, 'id' | 'login'>,
  installationIds: number[],
  outcome: 'choose_installation' | 'confirm_installation' = 'choose_installation',
): Promise<typeof outcome> {
  // An attempt that a removal has finished meanwhile stays finished, and offers no choice.
  await getDb().connectAttempt.updateMany({
    where: { id: attemptId, status: { not: 'finished' } },
    data: {
      status: 'proven',
      outcome,
      provenInstallationIds: installationIds.map(BigInt),
      provenByGithubId: provenBy.id,
      provenByGithubLogin: provenBy.login,
      expiresAt: new Date(Date.now() + CHOICE_LIFE_MS),
    },
  });
  return outcome;
}

/** Finds this user's newest open choice in this workspace. */
export function findChoice(
  attemptId: string,
  workspaceId: string,
  userId: string,
): Promise<ConnectAttempt | null> {
  return getDb().connectAttempt.findFirst({
    where: { id: attemptId, workspaceId, userId, status: 'proven', expiresAt: { gt: new Date() } },
  });
}

/** Ends the workspace's attempts that waited for this installation, because it is connected now. */
export async function endPendingApprovals(
  tx: Transaction,
  { account, id }: GitHubInstallation,
  { workspaceId, userId }: { workspaceId: string; userId: string },
): Promise<void> {
  await execute(
    tx,
    sql`
      UPDATE connect_attempts SET status = 'finished', outcome = 'connected'
      WHERE workspace_id = ${workspaceId}::uuid AND status IN ('awaiting_approval', 'awaiting_confirmation') AND (
        requested_account_id = ${account.id}
        OR (requested_account_id IS NULL AND (user_id = ${userId}::uuid
          OR requester_github_id = (SELECT requested_by_github_id FROM installations WHERE id = ${id}))))`,
  );
}

/** The time in which an owner must open the link. */
const CONFIRMATION_LIFE_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * Derives the token from the attempt and the app's secret, so that the link can be shown again without being
 * stored.
 */
export function confirmationToken(attemptId: string): string {
  return createHmac('sha256', getConfig().auth.secret)
    .update(`github-confirmation:${attemptId}`)
    .digest('base64url');
}

/**
 * Makes the attempt wait for an owner of the account, who confirms by a link. Only a user to whom GitHub shows the
 * installation is offered one. A user's newest link for an installation replaces earlier ones.
 */
export async function awaitConfirmation(
  attemptId: string,
  user: GitHubUser,
  { id, account }: GitHubInstallation,
): Promise<void> {
  // An attempt that a removal has finished meanwhile stays finished.
  const [attempt] = await getDb().connectAttempt.updateManyAndReturn({
    where: { id: attemptId, status: { not: 'finished' } },
    data: {
      status: 'awaiting_confirmation',
      outcome: 'not_your_installation',
      confirmationDigest: digestOf(confirmationToken(attemptId)),
      candidateInstallationId: id,
      requesterGithubId: user.id,
      requestedAccountId: account.id,
      requestedAccountLogin: account.login,
      expiresAt: new Date(Date.now() + CONFIRMATION_LIFE_MS),
    },
  });
  if (attempt === undefined) return;
  const { workspaceId, userId } = attempt;
  await getDb().connectAttempt.updateMany({
    where: {
      workspaceId,
      userId,
      candidateInstallationId: id,
      status: 'awaiting_confirmation',
      id: { not: attemptId },
    },
    data: { status: 'finished', outcome: 'expired' },
  });
}

const CONFIRMATION_PREFIX = 'confirm.';

/** Returns whether a callback belongs to a confirmation, and not to a connect attempt of a signed-in user. */
export const isConfirmationState = (state: string | undefined): state is string =>
  state?.startsWith(CONFIRMATION_PREFIX) === true;

/** Returns the state with which the browser of a confirming owner goes to GitHub. */
export const confirmationState = (nonce: string) => `${CONFIRMATION_PREFIX}${nonce}`;
