import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { findWorkspaceForUser } from '../auth/membership';
import { hasRole } from '../contract/members';
import { getDb, type Transaction } from '../db/client';
import type { ConnectAttempt } from '../db/generated/client';
import type { GitHubUser } from '../github/user-oauth';
import type { RequestedInstallation } from './approvals';
import type { ConnectOutcome } from './outcomes';

/** An attempt may take this long, from the button to the callback. */
const ATTEMPT_LIFE_MS = 60 * 60 * 1000;
/** Somebody who has to choose among proven installations has this long. */
const CHOICE_LIFE_MS = 15 * 60 * 1000;

const hashState = (state: string) => new Uint8Array(createHash('sha256').update(state).digest());

/** An attempt that may go on, with its workspace. */
export type OpenAttempt = ConnectAttempt & { workspace: { id: string; slug: string } };

/**
 * A new attempt of this user for this workspace.
 *
 * @returns the state that travels through the browser and back: 256 random bits, of which we keep the hash
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
      stateHash: hashState(state),
      workspaceId,
      userId,
      candidateInstallationId: candidate ?? null,
      // Without a browser's key no browser counts as the one that began.
      browserDigest: hashState(browser ?? randomBytes(32).toString('base64url')),
      expiresAt: new Date(Date.now() + ATTEMPT_LIFE_MS),
    },
  });
  return state;
}

/**
 * The attempt that a state belongs to, if it may go on for this user, who has to be an admin still.
 *
 * @returns the attempt, or why not; `slug` only for the person who began it and is in that workspace still
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
  // Asked at each step: the role may have been taken away while the browser was at GitHub.
  if (!hasRole(membership.role, 'admin')) return { refused: 'not_admin', slug };
  return { attempt };
}

/**
 * Whether this browser began the attempt. In any other one somebody else may have chosen the workspace. An attempt
 * without a digest was begun before browsers had keys, and may be anybody's.
 */
export function isBegunIn({ browserDigest }: ConnectAttempt, browser: string | null): boolean {
  if (browserDigest === null || browser === null) return false;
  return timingSafeEqual(browserDigest, hashState(browser));
}

/** Whatever became of it. */
export function findAttempt(state: string): Promise<OpenAttempt | null> {
  return getDb().connectAttempt.findUnique({
    where: { stateHash: hashState(state) },
    include: { workspace: { select: { id: true, slug: true } } },
  });
}

/** A hint from the browser (C21): it is believed only after the proof. */
export async function rememberCandidate(attemptId: string, candidate: number): Promise<void> {
  await getDb().connectAttempt.updateMany({
    where: { id: attemptId, consumedAt: null },
    data: { candidateInstallationId: candidate },
  });
}

/** An owner has to approve first, which takes days at times; what nobody has approved by then is asked for again. */
const APPROVAL_LIFE_MS = 30 * 24 * 60 * 60 * 1000;

/** Of one person in one workspace: who asks for more has given up the oldest. */
const MOST_AWAITED = 10;

/**
 * From here on the state of this attempt leads nowhere any more: the approval is finished by an attempt of its own.
 *
 * @returns whether it began to wait now
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
  await tx.$executeRaw`
    UPDATE connect_attempts SET status = 'finished', outcome = 'expired' WHERE id IN (
      SELECT a.id FROM connect_attempts a JOIN connect_attempts newest ON newest.id = ${attemptId}::uuid
      WHERE a.workspace_id = newest.workspace_id AND a.user_id = newest.user_id AND a.status = 'awaiting_approval'
      ORDER BY a.created_at DESC OFFSET ${MOST_AWAITED})`;
}

/** Takes the attempt: of two callbacks with one state, one gets `true`. */
export async function consumeAttempt(attemptId: string): Promise<boolean> {
  const { count } = await getDb().connectAttempt.updateMany({
    where: { id: attemptId, consumedAt: null, status: 'started', expiresAt: { gt: new Date() } },
    data: { consumedAt: new Date() },
  });
  return count === 1;
}

/** An attempt that waits for an owner's confirmation goes on waiting. */
export async function finishAttempt(attemptId: string, outcome: ConnectOutcome): Promise<void> {
  await getDb().connectAttempt.updateMany({
    where: { id: attemptId, status: { not: 'awaiting_confirmation' } },
    data: { status: 'finished', outcome },
  });
}

/** Somebody who is no longer an admin of the workspace has nothing left to finish there. */
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

/** Ownership of several is proven: the user picks one of them, soon. */
export async function offerChoice(
  attemptId: string,
  provenBy: Pick<GitHubUser, 'id' | 'login'>,
  installationIds: number[],
  outcome: 'choose_installation' | 'confirm_installation' = 'choose_installation',
): Promise<typeof outcome> {
  // One that a removal has finished meanwhile stays finished, and is then no choice to be found.
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

/** The open choice of this user in this workspace, newest first. */
export function findChoice(
  attemptId: string,
  workspaceId: string,
  userId: string,
): Promise<ConnectAttempt | null> {
  return getDb().connectAttempt.findFirst({
    where: { id: attemptId, workspaceId, userId, status: 'proven', expiresAt: { gt: new Date() } },
  });
}
