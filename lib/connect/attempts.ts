import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { findWorkspaceForUser } from '../auth/session';
import { getConfig } from '../config';
import { hasRole } from '../contract/members';
import { getDb, type Transaction } from '../db/client';
import type { ConnectAttempt } from '../db/generated/client';
import { execute, sql } from '../db/sql';
import type { GitHubInstallation } from '../github/installations';
import { createOAuthState, type GitHubUser } from '../github/user-oauth';
import type { ConnectOutcome } from './outcomes';

/** How long an attempt is valid. The callback must arrive within this time after the user clicks *Connect*. */
const ATTEMPT_LIFE_MS = 60 * 60 * 1000;
/** How long the user has to choose among the installations that are proven to be theirs. */
const CHOICE_LIFE_MS = 15 * 60 * 1000;

/** Returns the SHA-256 digest of a secret. An attempt's secrets are only ever stored as digests. */
export const digestOf = (secret: string) => new Uint8Array(createHash('sha256').update(secret).digest());

/** The request on GitHub whose approval an attempt awaits. A field is `null` if its value could not be determined. */
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
 * @returns the OAuth state that travels through the browser: 256 random bits, of which the database stores only a hash
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
  const state = createOAuthState();
  await tx.connectAttempt.create({
    data: {
      stateHash: digestOf(state),
      workspaceId,
      userId,
      candidateInstallationId: candidate ?? null,
      // If there is no browser key, store a random digest, which no browser can match.
      browserDigest: digestOf(browser ?? randomBytes(32).toString('base64url')),
      expiresAt: new Date(Date.now() + ATTEMPT_LIFE_MS),
    },
  });
  return state;
}

/**
 * Finds the open attempt for a state. The user must have begun the attempt and must still be an admin.
 *
 * @returns the attempt, or why it is refused. `slug` is set only if this user began the attempt and is still a member
 *   of its workspace
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
  // Check the role at every step, because the user may have lost it while they were on GitHub.
  if (!hasRole(membership.role, 'admin')) return { refused: 'not_admin', slug };
  return { attempt };
}

/**
 * True if this browser began the attempt. If another one did, somebody else may have chosen the workspace, so the user
 * must confirm it. Attempts created before browser keys existed have no digest, so they match no browser.
 */
export function isBegunIn({ browserDigest }: ConnectAttempt, browser: string | null): boolean {
  if (browserDigest === null || browser === null) return false;
  return timingSafeEqual(browserDigest, digestOf(browser));
}

/** Finds the attempt for a state, whatever the attempt's status. */
export function findAttempt(state: string): Promise<OpenAttempt | null> {
  return getDb().connectAttempt.findUnique({
    where: { stateHash: digestOf(state) },
    include: { workspace: { select: { id: true, slug: true } } },
  });
}

/**
 * Stores the installation id from the Setup URL. A browser can send any id, so this one is only a hint: nothing is
 * bound without a proof of ownership.
 */
export async function rememberCandidate(attemptId: string, candidate: number): Promise<void> {
  await getDb().connectAttempt.updateMany({
    where: { id: attemptId, consumedAt: null },
    data: { candidateInstallationId: candidate },
  });
}

/**
 * How long an attempt waits for approval. It's long, because organization owners may take days to respond. Once it has
 * passed, the user must send a new request.
 */
const APPROVAL_LIFE_MS = 30 * 24 * 60 * 60 * 1000;

/** The maximum number of pending approvals per user and workspace. A further one ends the oldest. */
const MOST_AWAITED = 10;

/**
 * Makes the attempt wait for an owner's approval. From then on, its OAuth state can no longer bind an installation, so
 * it takes a new attempt to connect the approved one.
 *
 * @returns `true` if the attempt is now waiting; `false` if it was no longer in its first step, in which case nothing
 *   has changed
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

/**
 * Consumes the attempt, so that its state can't be replayed.
 *
 * @returns `true` for only one of several callbacks with the same state
 */
export async function consumeAttempt(attemptId: string): Promise<boolean> {
  const { count } = await getDb().connectAttempt.updateMany({
    where: { id: attemptId, consumedAt: null, status: 'started', expiresAt: { gt: new Date() } },
    data: { consumedAt: new Date() },
  });
  return count === 1;
}

/** Finishes an attempt, unless it awaits an owner's confirmation. */
export async function finishAttempt(attemptId: string, outcome: ConnectOutcome): Promise<void> {
  await getDb().connectAttempt.updateMany({
    where: { id: attemptId, status: { not: 'awaiting_confirmation' } },
    data: { status: 'finished', outcome },
  });
}

/** Ends all open attempts by a user who is no longer an admin of the workspace. */
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

/**
 * Stores the installations that are proven to be the user's. The user must choose or confirm one of them before the
 * choice expires.
 */
export async function offerChoice(
  attemptId: string,
  provenBy: Pick<GitHubUser, 'id' | 'login'>,
  installationIds: number[],
  outcome: 'choose_installation' | 'confirm_installation' = 'choose_installation',
): Promise<typeof outcome> {
  // Removing a member finishes their attempts. Don't reopen a finished attempt to offer a choice.
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

/** Finds this user's attempt in this workspace if it offers a choice and has not expired. */
export function findChoice(
  attemptId: string,
  workspaceId: string,
  userId: string,
): Promise<ConnectAttempt | null> {
  return getDb().connectAttempt.findFirst({
    where: { id: attemptId, workspaceId, userId, status: 'proven', expiresAt: { gt: new Date() } },
  });
}

/** Ends the workspace's attempts that were waiting for this installation, because the installation is now connected. */
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

/** How long the confirmation link works for an owner of the GitHub account. */
const CONFIRMATION_LIFE_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * Derives a link's token from an id and the app's secret, so the app can show the link again without storing the token.
 * Only the token's digest is stored.
 *
 * @param purpose the kind of link. A token for one kind is unknown to the others
 * @param digest the digest stored for the link. It tells whether the link was made with the secret before a rotation
 */
export function linkToken(
  purpose: 'github-confirmation' | 'invitation',
  id: string,
  digest?: Uint8Array | null,
): string {
  const tokens = getConfig().auth.secrets.map((secret) =>
    createHmac('sha256', secret).update(`${purpose}:${id}`).digest('base64url'),
  );
  const shown = digest && tokens.find((token) => Buffer.from(digest).equals(digestOf(token)));
  return shown ?? tokens[0] ?? '';
}

/**
 * Makes the attempt wait until an owner of the GitHub account confirms the connection through a link. Call this only if
 * GitHub shows the installation to the user, because the link reveals that the installation exists. A user's newest
 * link for an installation replaces earlier ones.
 */
export async function awaitConfirmation(
  attemptId: string,
  user: GitHubUser,
  { id, account }: GitHubInstallation,
): Promise<void> {
  // If the user has been removed in the meantime, the attempt is already finished and must stay finished.
  const [attempt] = await getDb().connectAttempt.updateManyAndReturn({
    where: { id: attemptId, status: { not: 'finished' } },
    data: {
      status: 'awaiting_confirmation',
      outcome: 'not_your_installation',
      confirmationDigest: digestOf(linkToken('github-confirmation', attemptId)),
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

/** True if a callback belongs to an owner's confirmation; false if it belongs to a signed-in user's connect attempt. */
export const isConfirmationState = (state: string | undefined): state is string =>
  state?.startsWith(CONFIRMATION_PREFIX) === true;

/** Returns the OAuth state for an owner who confirms on GitHub. */
export const confirmationState = (nonce: string) => `${CONFIRMATION_PREFIX}${nonce}`;
