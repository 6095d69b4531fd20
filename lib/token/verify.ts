import { setTimeout as sleep } from 'node:timers/promises';
import type { NewAuditEvent } from '../audit/event';
import { recordAuditEventNow } from '../audit/record';
import { GitHubError } from '../github/error';
import type { InstallationToken } from '../github/installation-token';
import { probeInstallationToken } from '../github/installation-token';
import { log } from '../observability/log';
import { Problem } from '../problem';
import { revokeUnreleased } from './revoke';

/**
 * When GitHub is asked, in milliseconds from the first time. Right after a mint it may not know a token everywhere for
 * some seconds; callers that clone at once ask for `verify: true`.
 */
const PROBE_AT_MS = [0, 200, 600, 1400, 3000, 6000] as const;
const LAST_PROBE_AT_MS = Math.max(...PROBE_AT_MS);

type Minted = Pick<NewAuditEvent, 'workspaceId' | 'actor' | 'origin'>;

/**
 * Returns when GitHub accepts the token: within six seconds and `GITHUB_TIMEOUT_MS`, and within `GITHUB_TIMEOUT_MS` alone
 * from a GitHub that does not answer. An IP allow list that keeps only our own address out says nothing against the
 * token: the caller gets it.
 *
 * @param minted on whose behalf; the token's row says that it was minted, so another one has to say that it was revoked
 * @throws {Problem} `github_unavailable` if it does not by then; the token is revoked
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

/** GitHub may take a moment to know a token; other refusals stay as they are. */
const NOT_KNOWN_YET: ReadonlySet<string> = new Set(['unauthorized', 'forbidden', 'not_found', 'unavailable']);

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
      // The caller calls from an address of its own, and GitHub knew the token well enough to apply the rule.
      if (error.reason === 'ip_allow_list') return { verdict: 'accepted' };
      if (error.status === null && error.kind === 'unavailable') return { verdict: 'no_answer', error };
      if (!NOT_KNOWN_YET.has(error.kind)) return { verdict: 'refused', error };
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
