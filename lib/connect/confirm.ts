/**
 * Lets an owner of a GitHub account confirm a connection requested by a workspace. The owner needs no account in this
 * app.
 */
import { timingSafeEqual } from 'node:crypto';
import { encode } from 'next-auth/jwt';
import { z } from 'zod';
import type { RequestOrigin } from '../actor';
import { recordAuditEventNow } from '../audit/record';
import { decrypt, findWorkspaceForUser } from '../auth/session';
import { getConfig } from '../config';
import { causeRow, type GitHubCause } from '../contract/github-causes';
import { hasRole } from '../contract/members';
import { getDb } from '../db/client';
import { GitHubError } from '../github/errors';
import { authorizeUrl, createOAuthState, refusedAuthorization, withGitHubUser } from '../github/user-oauth';
import { log } from '../observability/log';
import { confirmationState, digestOf, finishAttempt } from './attempts';
import {
  bindInstallation,
  findInstallation,
  type OwnershipProof,
  proveOwnership,
  readClaimed,
  refusal,
  syncAfterBind,
} from './bind';

/** How a confirmation can end without an error from GitHub. */
export type ConfirmEnd = 'confirmed' | 'refused' | 'expired' | 'cancelled' | 'in_use';

/** How a confirmation can end, including errors from GitHub. */
type ConfirmOutcome = ConfirmEnd | GitHubCause;

/** How long the owner may take for each of two steps: first on GitHub's page, then on ours. */
const STEP_SECONDS = 15 * 60;

const PROOFS = ['own_account', 'installed_by_user', 'administers_all_repositories'] as const;

/**
 * The content of the encrypted cookie in the owner's browser. It stands in for a session, because the owner needs no
 * account here.
 */
const Sealed = z.object({
  attempt: z.uuid(),
  nonce: z.string(),
  proven: z.object({ id: z.int(), login: z.string(), proof: z.enum(PROOFS) }).optional(),
});
type Sealed = z.output<typeof Sealed>;

/** Differs from the session's salt, so that a session token cannot be used as a confirmation cookie or vice versa. */
const SALT = 'github-confirmation';

const seal = (content: Sealed) =>
  encode({ token: content, secret: getConfig().auth.secret, salt: SALT, maxAge: STEP_SECONDS });

async function unseal(sealed: string | null): Promise<Sealed | null> {
  if (sealed === null) return null;
  try {
    const content = await decrypt({ token: sealed, salt: SALT });
    return Sealed.safeParse(content).data ?? null;
  } catch {
    return null;
  }
}

/**
 * Where to redirect the browser, and the cookie to set. `sealed: null` deletes the cookie, which ends the confirmation.
 */
export type ConfirmStep = { location: string; sealed: string | null };

const end = (outcome: ConfirmOutcome): ConfirmStep => ({
  location: `/connect/github/confirm?${new URLSearchParams({ notice: outcome })}`,
  sealed: null,
});

/**
 * Starts a confirmation by sending the browser to GitHub. The user learns nothing about the request until they have
 * proven ownership.
 */
export async function beginConfirmation(token: string): Promise<ConfirmStep> {
  const confirmation = await findConfirmationByToken(token);
  if (confirmation === null) return end('expired');
  const nonce = createOAuthState();
  return {
    location: authorizeUrl(confirmationState(nonce)),
    sealed: await seal({ attempt: confirmation.attemptId, nonce }),
  };
}

/**
 * Handles GitHub's callback and checks that the user owns the account now. Nothing is bound until the owner confirms.
 */
export async function proveConfirmation(
  callback: { code: string | undefined; state: string; error: string | undefined },
  sealed: string | null,
  origin: RequestOrigin,
): Promise<ConfirmStep> {
  const kept = await unseal(sealed);
  if (kept === null || !isStateOf(kept, callback.state)) return end('expired');
  if (callback.error !== undefined) return refusedAtGitHub(refusedAuthorization(callback.error), origin);
  if (callback.code === undefined) return end('cancelled');
  const confirmation = await findConfirmation(kept.attempt);
  if (confirmation === null) return end('expired');
  try {
    const proven = await prove(callback.code, callback.state, confirmation, origin);
    if (proven === null) return end('refused');
    return { location: '/connect/github/confirm', sealed: await seal({ ...kept, proven }) };
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    return refusedAtGitHub(error, origin);
  }
}

const isStateOf = ({ nonce }: Sealed, state: string) =>
  timingSafeEqual(digestOf(confirmationState(nonce)), digestOf(state));

/**
 * Ends the confirmation with the cause of GitHub's error. If GitHub rejected the App's own credentials, the error is
 * logged as an alarm, because only the operator can fix that.
 */
function refusedAtGitHub(error: GitHubError, { requestId }: RequestOrigin): ConfirmStep {
  log[causeRow(error.reason).level](
    { err: error, cause: error.reason, words: error.details.words, requestId },
    'a confirmation failed at GitHub',
  );
  return end(error.reason === 'authorization_denied' ? 'cancelled' : error.reason);
}

function prove(
  code: string,
  state: string,
  { installationId, workspace, requester }: OpenConfirmation,
  origin: RequestOrigin,
): Promise<{ id: number; login: string; proof: OwnershipProof } | null> {
  return withGitHubUser(code, state, async (user) => {
    const { installation, mayMint } = await readClaimed(installationId);
    const claimed = { id: installationId, installation };
    const { proof } = await proveOwnership(user, claimed, { workspaceId: workspace.id, origin }, { mayMint });
    if (proof !== null) return { id: user.id, login: user.login, proof };
    const actor = { type: 'user', id: requester.id, label: requester.email } as const;
    await recordAuditEventNow(
      refusal({ workspaceId: workspace.id, actor, origin }, 'not_your_installation', {
        installation_id: installationId,
      }),
    );
    return null;
  });
}

/** Returns the request if the cookie proves ownership of the account, and `null` otherwise. */
export async function readProvenConfirmation(
  sealed: string | null,
): Promise<(OpenConfirmation & { githubLogin: string }) | null> {
  const kept = await unseal(sealed);
  if (kept?.proven === undefined) return null;
  const confirmation = await findConfirmation(kept.attempt);
  return confirmation && { ...confirmation, githubLogin: kept.proven.login };
}

/**
 * Binds the installation on behalf of the requester, who must still be an admin of the workspace. A confirmation works
 * only once.
 */
export async function acceptConfirmation(sealed: string | null, origin: RequestOrigin): Promise<ConfirmStep> {
  const kept = await unseal(sealed);
  const confirmation = kept?.proven === undefined ? null : await findConfirmation(kept.attempt);
  if (kept?.proven === undefined || confirmation === null) return end('expired');
  const { attemptId, installationId, workspace, requester } = confirmation;
  const { proof, ...provenBy } = kept.proven;
  try {
    const installation = await findInstallation(installationId);
    if (installation === null || !(await consumeConfirmation(attemptId))) return end('expired');
    const bound = await bindInstallation({
      workspaceId: workspace.id,
      actor: { type: 'user', id: requester.id, label: requester.email },
      origin,
      installation,
      proof,
      provenBy,
      isConfirmed: true,
    });
    const outcome = await syncAfterBind(installation, bound);
    await finishAttempt(attemptId, outcome);
    if (outcome === 'already_connected_elsewhere') return end('in_use');
    return end(
      ['connected', 'suspended', 'already_connected_here'].includes(outcome) ? 'confirmed' : 'expired',
    );
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    return refusedAtGitHub(error, origin);
  }
}

/** A connect request that is awaiting an owner's confirmation. */
export type OpenConfirmation = {
  attemptId: string;
  installationId: number;
  accountLogin: string;
  workspace: { id: string; name: string; slug: string };
  requester: { id: string; email: string };
};

/**
 * Finds the request behind a link.
 *
 * @returns the request; `null` if the link is unknown, used or expired, or if its requester may no longer connect
 *   accounts
 */
export async function findConfirmationByToken(token: string): Promise<OpenConfirmation | null> {
  return findOpen({ confirmationDigest: digestOf(token) });
}

/** Works like {@link findConfirmationByToken}, but takes the attempt's id from a sealed cookie. */
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

/**
 * Consumes the confirmation, so that it can't be used again.
 *
 * @returns `true` for only one of several concurrent calls
 */
export async function consumeConfirmation(attemptId: string): Promise<boolean> {
  const { count } = await getDb().connectAttempt.updateMany({
    where: { id: attemptId, status: 'awaiting_confirmation', expiresAt: { gt: new Date() } },
    data: { status: 'finished', outcome: 'connected', consumedAt: new Date() },
  });
  return count === 1;
}
