/** Checks tokens before their release, and revokes those that aren't released or that their holders no longer need. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestOrigin, ServiceActor } from '../actor';
import type { NewAuditEvent } from '../audit/record';
import { recordAuditEventNow, workloadDetails } from '../audit/record';
import { query, sql } from '../db/sql';
import { GitHubError } from '../github/errors';
import { endToken, hashToken, type InstallationToken, probeInstallationToken } from '../github/tokens';
import { log } from '../observability/log';
import { notFound, Problem } from '../problem';

/**
 * When to probe a new token, in milliseconds after the first probe. Some of GitHub's servers may reject a new token for
 * a few seconds.
 */
const PROBE_AT_MS = [0, 200, 600, 1400, 3000, 6000] as const;
const LAST_PROBE_AT_MS = Math.max(...PROBE_AT_MS);

/** The workspace, caller and request that a token was minted for. */
type Minted = Pick<NewAuditEvent, 'workspaceId' | 'actor' | 'origin'>;

/**
 * Waits until GitHub accepts the token, for `verify: true`. This takes at most six seconds plus `GITHUB_TIMEOUT_MS`, or
 * only `GITHUB_TIMEOUT_MS` if GitHub does not respond. The token also passes if GitHub rejects our own IP address
 * because of an IP allow list.
 *
 * @throws {Problem} `github_unavailable` if GitHub does not accept the token in time, in which case the token is
 *   revoked, and an audit row records the revocation
 */
export async function waitUntilAccepted(token: InstallationToken, minted: Minted): Promise<void> {
  const { verdict, error } = await probe(token);
  if (verdict === 'accepted') return;
  const revoking = revokeMinted(token, minted, 'GitHub did not accept it in time');
  // If GitHub hangs, do not make the caller wait for a second timeout.
  if (verdict === 'refused') await revoking;
  const wait = error?.details.askedToWait === true ? error.retryAfterSeconds : undefined;
  throw new Problem(
    'github_unavailable',
    'GitHub did not accept the new token in time; it is revoked. Try again.',
    { cause: error, retryAfterSeconds: wait ?? 5, ...(error && { githubCause: error.reason }) },
  );
}

type Verdict = { verdict: 'accepted' | 'refused' | 'no_answer'; error?: GitHubError };

/**
 * Rejections that may stop once GitHub has distributed the token to all its servers. All other rejections are final.
 */
const PASSING: ReadonlySet<string> = new Set(['unauthorized', 'forbidden', 'not_found', 'unavailable']);

async function probe(token: InstallationToken): Promise<Verdict> {
  let last: GitHubError | undefined;
  const started = performance.now();
  for (const at of PROBE_AT_MS) {
    const elapsed = performance.now() - started;
    if (elapsed > LAST_PROBE_AT_MS) break;
    await sleep(Math.max(0, at - elapsed));
    try {
      await probeInstallationToken(token);
      return { verdict: 'accepted' };
    } catch (error) {
      if (!(error instanceof GitHubError)) throw error;
      // GitHub checks the allow list only for a valid token, so the token itself is accepted. The caller will use it
      // from a different IP address than ours.
      if (error.reason === 'ip_allow_list') return { verdict: 'accepted' };
      if (error.status === null && error.kind === 'unavailable') return { verdict: 'no_answer', error };
      if (!PASSING.has(error.kind)) return { verdict: 'refused', error };
      last = error;
    }
  }
  return { verdict: 'refused', ...(last && { error: last }) };
}

/** Revokes a token whose mint is already in the audit log, and records the revocation. */
export async function revokeMinted(token: InstallationToken, minted: Minted, why: string): Promise<void> {
  if (!(await revokeUnreleased(token, why))) return;
  try {
    await recordAuditEventNow({
      ...minted,
      type: 'github.token_revoked',
      installationId: token.installationId,
      details: { hashed_token: token.hashedToken, was_over: false, ...workloadDetails(minted.actor) },
    });
  } catch (err) {
    log.error({ err, requestId: minted.origin.requestId }, 'a revoked token could not be recorded as such');
  }
}

/**
 * Revokes a token that won't be released. If GitHub doesn't respond, the token stays valid for up to an hour, but
 * nobody holds it. Its hash is logged, so that it can be found in GitHub's log.
 *
 * @returns `true` if GitHub confirmed the revocation
 */
export async function revokeUnreleased(
  { token, hashedToken }: Pick<InstallationToken, 'token' | 'hashedToken'>,
  why: string,
): Promise<boolean> {
  try {
    const outcome = await endToken(token, true);
    log.warn({ why, outcome, hashedToken }, 'a token was revoked before release');
    return outcome === 'revoked';
  } catch (error) {
    log.error({ err: error, why, hashedToken }, 'a token that was not released could not be revoked');
    return false;
  }
}

type HandBack = { actor: ServiceActor; origin: RequestOrigin; token: string };

type MintRow = { installation_id: bigint; is_fresh: boolean; is_revoked: boolean };

/**
 * Finds a token's mint in the audit log by the token's hash, using `audit_events_hashed_token_idx`. Also reads whether
 * the token was already revoked.
 */
async function findMint(workspaceId: string, hashedToken: string): Promise<MintRow | undefined> {
  const [mint] = await query(
    'work',
    sql<MintRow>`SELECT m.installation_id, m.occurred_at > now() - interval '30 seconds' AS is_fresh,
        EXISTS (SELECT FROM audit_events r WHERE r.workspace_id = m.workspace_id
          AND r.type = 'github.token_revoked' AND r.details ->> 'hashed_token' = ${hashedToken}) AS is_revoked
      FROM audit_events m
      WHERE m.workspace_id = ${workspaceId}::uuid AND m.type = 'github.token_minted'
        AND m.details ->> 'hashed_token' = ${hashedToken}
      LIMIT 1`,
  );
  return mint;
}

/**
 * Revokes a token that its holder no longer needs. We send the token to GitHub only if its hash is in the workspace's
 * audit log, so a workspace can revoke only its own tokens. Handing back a revoked or expired token isn't an error.
 *
 * @throws {Problem} `not_found` if the token was not minted for this workspace. `audit_unavailable` if the token was
 *   revoked but the revocation was not recorded, in which case the caller must repeat the request
 * @throws {GitHubError} if GitHub could not revoke the token
 */
export async function handBackToken({ actor, origin, token }: HandBack): Promise<void> {
  const hashedToken = hashToken(token);
  const mint = await findMint(actor.workspace.id, hashedToken);
  if (mint === undefined) throw notFound();
  if (mint.is_revoked) return;
  const outcome = await endToken(token, mint.is_fresh);
  try {
    await recordAuditEventNow({
      workspaceId: actor.workspace.id,
      type: 'github.token_revoked',
      actor,
      origin,
      installationId: Number(mint.installation_id),
      details: {
        hashed_token: hashedToken,
        was_over: outcome === 'was_over',
        ...workloadDetails(actor),
      },
    });
  } catch (cause) {
    throw new Problem(
      'audit_unavailable',
      'The token was revoked, but that could not be recorded. Repeat the request.',
      { cause },
    );
  }
}
