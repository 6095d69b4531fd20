import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { decode, encode } from 'next-auth/jwt';
import { z } from 'zod';
import type { RequestOrigin } from '../audit/event';
import { recordAuditEventNow } from '../audit/record';
import { getConfig } from '../config';
import { causeRow, type GitHubCause } from '../contract/github-causes';
import { getDb } from '../db/client';
import { GitHubError } from '../github/error';
import { authorizeUrl, refusedAuthorization, withGitHubUser } from '../github/user-oauth';
import { log } from '../observability/log';
import { finishAttempt } from './attempts';
import { bindInstallation, refusal } from './bind';
import { findInstallation } from './bind-candidate';
import {
  consumeConfirmation,
  findConfirmation,
  findConfirmationByToken,
  type OpenConfirmation,
} from './confirmation';
import { syncAfterBind } from './first-sync';
import { type OwnershipProof, proveOwnership } from './ownership';

/** The ways in which a confirmation can end without an error of GitHub. */
export type ConfirmEnd = 'confirmed' | 'refused' | 'expired' | 'cancelled' | 'in_use';

/** A way to end, or the cause of an error of GitHub. */
type ConfirmOutcome = ConfirmEnd | GitHubCause;

/** The time for each step: GitHub's page, and then ours. */
const STEP_SECONDS = 15 * 60;

const PROOFS = ['own_account', 'installed_by_user', 'administers_all_repositories'] as const;

/** The sealed cookie in the browser of the owner, who needs no account here. */
const Sealed = z.object({
  attempt: z.uuid(),
  nonce: z.string(),
  proven: z.object({ id: z.int(), login: z.string(), proof: z.enum(PROOFS) }).optional(),
});
type Sealed = z.output<typeof Sealed>;

/** Differs from the session's salt, so that neither token passes for the other. */
const SALT = 'github-confirmation';

const seal = (content: Sealed) =>
  encode({ token: content, secret: getConfig().auth.secret, salt: SALT, maxAge: STEP_SECONDS });

async function unseal(sealed: string | null): Promise<Sealed | null> {
  if (sealed === null) return null;
  try {
    const content = await decode({ token: sealed, secret: getConfig().auth.secret, salt: SALT });
    return Sealed.safeParse(content).data ?? null;
  } catch {
    return null;
  }
}

const STATE_PREFIX = 'confirm.';

/** Returns whether a callback belongs to a confirmation, and not to a connect attempt of a signed-in user. */
export const isConfirmationState = (state: string | undefined): state is string =>
  state?.startsWith(STATE_PREFIX) === true;

const stateOf = (nonce: string) => `${STATE_PREFIX}${nonce}`;

/** The browser's next address and its cookie. `sealed: null` ends the confirmation in that browser. */
export type ConfirmStep = { location: string; sealed: string | null };

const end = (outcome: ConfirmOutcome): ConfirmStep => ({
  location: `/connect/github/confirm?${new URLSearchParams({ notice: outcome })}`,
  sealed: null,
});

/** Begins a confirmation. The browser goes to GitHub, and sees nothing of the request until ownership is proven. */
export async function beginConfirmation(token: string): Promise<ConfirmStep> {
  const confirmation = await findConfirmationByToken(token);
  if (confirmation === null) return end('expired');
  const nonce = randomBytes(32).toString('base64url');
  return {
    location: authorizeUrl(stateOf(nonce)),
    sealed: await seal({ attempt: confirmation.attemptId, nonce }),
  };
}

/** Handles GitHub's callback: proves that the user owns the account now. Nothing is bound yet. */
export async function proveConfirmation(
  callback: { code: string | undefined; state: string; error: string | undefined },
  sealed: string | null,
  origin: RequestOrigin,
): Promise<ConfirmStep> {
  const kept = await unseal(sealed);
  if (kept === null || !isSame(stateOf(kept.nonce), callback.state)) return end('expired');
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

/** Ends with GitHub's cause. A rejected App credential is for the operator to fix, and logged as an alarm. */
function refusedAtGitHub(error: GitHubError, { requestId }: RequestOrigin): ConfirmStep {
  log[causeRow(error.reason).level](
    { err: error, cause: error.reason, words: error.details.words, requestId },
    'a confirmation failed at GitHub',
  );
  return end(error.reason === 'authorization_denied' ? 'cancelled' : error.reason);
}

function isSame(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}

function prove(
  code: string,
  state: string,
  { installationId, workspace, requester }: OpenConfirmation,
  origin: RequestOrigin,
): Promise<{ id: number; login: string; proof: OwnershipProof } | null> {
  return withGitHubUser(code, state, async (user) => {
    const stored = await getDb().installation.findUnique({ where: { id: installationId } });
    const found = await findInstallation(installationId);
    const installation = stored?.status === 'deleted' ? null : found;
    const owner = stored?.workspaceId ?? null;
    const claimed = { id: installationId, installation };
    const attempt = { workspaceId: workspace.id, origin };
    const { proof } = await proveOwnership(user, claimed, attempt, { mayMint: owner === null });
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

/** Returns the request that a proven owner may see, and `null` for anybody else. */
export async function readProvenConfirmation(
  sealed: string | null,
): Promise<(OpenConfirmation & { githubLogin: string }) | null> {
  const kept = await unseal(sealed);
  if (kept?.proven === undefined) return null;
  const confirmation = await findConfirmation(kept.attempt);
  return confirmation && { ...confirmation, githubLogin: kept.proven.login };
}

/** Binds once, on behalf of the requester, who must still be an admin of the workspace. */
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
