import { createHash, createHmac } from 'node:crypto';
import { findWorkspaceForUser } from '../auth/membership';
import { getConfig } from '../config';
import { hasRole } from '../contract/members';
import { getDb } from '../db/client';
import type { GitHubInstallation } from '../github/installations';
import type { GitHubUser } from '../github/user-oauth';

/** The time in which an owner must open the link. */
const CONFIRMATION_LIFE_MS = 7 * 24 * 60 * 60 * 1000;

const digest = (token: string) => new Uint8Array(createHash('sha256').update(token).digest());

/**
 * Derives the token from the attempt and the app's secret, so that the link can be shown again without being
 * stored.
 */
function tokenOf(attemptId: string): string {
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
      confirmationDigest: digest(tokenOf(attemptId)),
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

/** A connection that an owner of the account must confirm, as the workspace's admins see it. */
export type PendingConfirmation = {
  attempt_id: string;
  account_login: string;
  requested_by: string;
  expires_at: string;
  link: string;
};

/** Lists the open confirmations of a workspace, newest first. */
export async function listPendingConfirmations(workspaceId: string): Promise<PendingConfirmation[]> {
  const attempts = await getDb().connectAttempt.findMany({
    where: { workspaceId, status: 'awaiting_confirmation', expiresAt: { gt: new Date() } },
    orderBy: { createdAt: 'desc' },
    take: 20,
  });
  const people = await getDb().user.findMany({
    where: { id: { in: attempts.map(({ userId }) => userId) } },
    select: { id: true, email: true },
  });
  const emails = new Map(people.map(({ id, email }) => [id, email]));
  return attempts.map(({ id, userId, requestedAccountLogin, expiresAt }) => ({
    attempt_id: id,
    account_login: requestedAccountLogin ?? '',
    requested_by: emails.get(userId) ?? '',
    expires_at: expiresAt.toISOString(),
    link: `${getConfig().publicUrl}/connect/github/confirm?${new URLSearchParams({ token: tokenOf(id) })}`,
  }));
}

/** The request that an owner confirms. */
export type OpenConfirmation = {
  attemptId: string;
  installationId: number;
  accountLogin: string;
  workspace: { id: string; name: string; slug: string };
  requester: { id: string; email: string };
};

/** @returns `null` if the link is unknown, used or expired, or if its requester may no longer connect accounts */
export async function findConfirmationByToken(token: string): Promise<OpenConfirmation | null> {
  return findOpen({ confirmationDigest: digest(token) });
}

/** Works like {@link findConfirmationByToken}, with the id from a sealed cookie. */
export async function findConfirmation(attemptId: string): Promise<OpenConfirmation | null> {
  return findOpen({ id: attemptId });
}

async function findOpen(
  where: { id: string } | { confirmationDigest: Uint8Array<ArrayBuffer> },
): Promise<OpenConfirmation | null> {
  const attempt = await getDb().connectAttempt.findFirst({
    where: { ...where, status: 'awaiting_confirmation', expiresAt: { gt: new Date() } },
    include: { workspace: { select: { id: true, name: true, slug: true } } },
  });
  if (attempt === null || attempt.candidateInstallationId === null) return null;
  const requester = await getDb().user.findUnique({
    where: { id: attempt.userId },
    select: { id: true, email: true },
  });
  if (requester === null) return null;
  const membership = await findWorkspaceForUser(attempt.workspace.slug, requester.id);
  if (membership === null || !hasRole(membership.role, 'admin')) return null;
  return {
    attemptId: attempt.id,
    installationId: Number(attempt.candidateInstallationId),
    accountLogin: attempt.requestedAccountLogin ?? '',
    workspace: attempt.workspace,
    requester,
  };
}

/** Consumes the confirmation. Only one of two concurrent calls gets `true`. */
export async function consumeConfirmation(attemptId: string): Promise<boolean> {
  const { count } = await getDb().connectAttempt.updateMany({
    where: { id: attemptId, status: 'awaiting_confirmation', expiresAt: { gt: new Date() } },
    data: { status: 'finished', outcome: 'connected', consumedAt: new Date() },
  });
  return count === 1;
}
