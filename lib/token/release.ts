/** Checks a token before its release, and revokes one that is not released or that its holder hands back. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiKeyActor, RequestOrigin } from '../actor';
import type { NewAuditEvent } from '../audit/record';
import { recordAuditEventNow } from '../audit/record';
import { query, sql } from '../db/sql';
import { GitHubError } from '../github/errors';
import { endToken, hashToken, type InstallationToken, probeInstallationToken } from '../github/tokens';
import { log } from '../observability/log';
import { notFound, Problem } from '../problem';

/** Times of the probes after the mint. For some seconds GitHub may accept a new token on some of its hosts only. */
const PROBE_AT_MS = [0, 200, 600, 1400, 3000, 6000] as const;
const LAST_PROBE_AT_MS = Math.max(...PROBE_AT_MS);

/** The workspace, caller and request for which a token was minted. */
type Minted = Pick<NewAuditEvent, 'workspaceId' | 'actor' | 'origin'>;

/**
 * Returns when GitHub accepts the token, for `verify: true`. Takes at most six seconds and `GITHUB_TIMEOUT_MS`, or
 * `GITHUB_TIMEOUT_MS` alone if GitHub does not answer. Passes a token that only our own address may not use, because
 * of an IP allow list.
 *
 * @throws {Problem} `github_unavailable` if GitHub does not accept it in time; the token is revoked, and an audit row
 *   tells so
 */
export async function waitUntilAccepted(token: InstallationToken, minted: Minted): Promise<void> {
  const { verdict, error } = await probe(token);
  if (verdict === 'accepted') return;
  const revoking = revokeMinted(token, minted, 'GitHub did not accept it in time');
  // A GitHub that hangs would keep the caller waiting for as long again.
  if (verdict === 'refused') await revoking;
  const wait = error?.details.askedToWait === true ? error.retryAfterSeconds : undefined;
  throw new Problem(
    'github_unavailable',
    'GitHub did not accept the new token in time; it is revoked. Try again.',
    { cause: error, retryAfterSeconds: wait ?? 5, ...(error && { githubCause: error.reason }) },
  );
}

type Verdict = { verdict: 'accepted' | 'refused' | 'no_answer'; error?: GitHubError };

/** Refusals that may end once GitHub has distributed the token. All others are final. */
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
      // GitHub applies the allow list to tokens that it accepts. The caller has an address of its own.
      if (error.reason === 'ip_allow_list') return { verdict: 'accepted' };
      if (error.status === null && error.kind === 'unavailable') return { verdict: 'no_answer', error };
      if (!PASSING.has(error.kind)) return { verdict: 'refused', error };
      last = error;
    }
  }
  return { verdict: 'refused', ...(last && { error: last }) };
}

/** Revokes a token whose mint is on record, and records the revocation too. */
export async function revokeMinted(token: InstallationToken, minted: Minted, why: string): Promise<void> {
  if (!(await revokeUnreleased(token, why))) return;
  try {
    await recordAuditEventNow({
      ...minted,
      type: 'github.token_revoked',
      installationId: token.installationId,
      details: { hashed_token: token.hashedToken, was_over: false },
    });
  } catch (err) {
    log.error({ err, requestId: minted.origin.requestId }, 'a revoked token could not be recorded as such');
  }
}

/**
 * Revokes a token that was minted and will not leave this process. If GitHub does not answer, the token expires within
 * its hour and nobody has it. Its hash is in the log, as it is in GitHub's.
 *
 * @returns whether GitHub confirmed the revocation
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

type HandBack = { actor: ApiKeyActor; origin: RequestOrigin; token: string };

type MintRow = { installation_id: bigint; is_fresh: boolean; is_revoked: boolean };

/** Uses `audit_events_hashed_token_idx`. A token that was handed back before has a row for that as well. */
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
 * Revokes a token that its caller no longer needs. Only a token of the caller's workspace is sent to GitHub: the audit
 * log has its hash. Repeating the call changes nothing, and neither does an expired token.
 *
 * @throws {Problem} `not_found`: not a token of this workspace; `audit_unavailable`: revoked, but not recorded, so
 *   that it has to be repeated; {@link GitHubError}
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
      details: { hashed_token: hashedToken, was_over: outcome === 'was_over' },
    });
  } catch (cause) {
    throw new Problem(
      'audit_unavailable',
      'The token was revoked, but that could not be recorded. Repeat the request.',
      { cause },
    );
  }
}
