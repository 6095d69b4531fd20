import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { log } from '../observability/log';
import { callGitHub, type Purpose, unexpectedAnswer } from './client';
import { GitHubError, githubNowMs } from './errors';

export type InstallationToken = {
  installationId: number;
  token: string;
  /** The token's SHA-256 in base64, as in GitHub's audit log. */
  hashedToken: string;
  /** When the token expires, about one hour after it was minted (RFC 3339). */
  expiresAt: string;
  /** The time from the mint until `expiresAt`, by GitHub's clock. */
  lifetimeMs: number;
  permissions: Record<string, string>;
  /** `undefined` if GitHub omits the field, which is optional in GitHub's OpenAPI description. */
  repositorySelection: 'all' | 'selected' | undefined;
  /** Present only if the token is limited to certain repositories. */
  repositoryIds: number[] | undefined;
};

const Answer = z.object({
  token: z.string().min(1),
  expires_at: z.iso.datetime({ offset: true }),
  permissions: z.record(z.string(), z.string()),
  repository_selection: z.enum(['all', 'selected']).optional(),
  repositories: z.array(z.object({ id: z.int() })).optional(),
});

/**
 * The response to a mint for a sync. A sync only lists repositories and then revokes the token, so it doesn't compare
 * these fields with its request. It must not fail just because one of them is missing or unreadable.
 */
const SyncAnswer = Answer.extend({
  permissions: Answer.shape.permissions.optional().catch(undefined),
  repository_selection: Answer.shape.repository_selection.catch(undefined),
  repositories: Answer.shape.repositories.catch(undefined),
});

/** Returns base64(SHA-256(token)), which GitHub's audit log calls `hashed_token`. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

/**
 * Mints an installation token, which is cached neither here nor in Octokit. A failed mint isn't retried, because a
 * retry could mint a second token.
 *
 * @param scope.permissions required, because GitHub would otherwise grant every permission of the App
 * @param scope.repositoryIds at most 500; if absent, the token can read every repository of the installation
 * @param purpose by default, a mint for a caller who is waiting for the token
 * @throws {GitHubError} `not_found` if the App is uninstalled, `suspended`, or `invalid` if the scope isn't granted
 * @see https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
 */
export async function createInstallationToken(
  installationId: number,
  scope: { permissions: Record<string, 'read'>; repositoryIds?: number[] | undefined },
  purpose: Purpose = {},
): Promise<InstallationToken> {
  const route = 'POST /app/installations/{installation_id}/access_tokens';
  const { data, status, headers } = await callGitHub(
    { as: 'app' },
    route,
    {
      installation_id: installationId,
      permissions: scope.permissions,
      ...(scope.repositoryIds === undefined ? {} : { repository_ids: scope.repositoryIds }),
    },
    { routeClass: 'mint', ...purpose },
  );
  const parsed = (purpose.routeClass === 'sync' ? SyncAnswer : Answer).safeParse(data);
  if (!parsed.success) {
    await revokeUnread(data);
    throw unexpectedAnswer(route, status);
  }
  const answer = parsed.data;
  return {
    installationId,
    token: answer.token,
    hashedToken: hashToken(answer.token),
    expiresAt: new Date(answer.expires_at).toISOString(),
    lifetimeMs: Date.parse(answer.expires_at) - githubNowMs(headers),
    permissions: answer.permissions ?? scope.permissions,
    repositorySelection: answer.repository_selection,
    repositoryIds: answer.repositories?.map((repository) => repository.id),
  };
}

/**
 * Revokes the token from a response that we otherwise can't parse. A token without an audit row must not stay valid.
 */
async function revokeUnread(data: unknown): Promise<void> {
  const parsed = Answer.pick({ token: true }).safeParse(data);
  if (!parsed.success) return;
  const { token } = parsed.data;
  log.warn({ hashedToken: hashToken(token) }, 'GitHub answered with a token in a form that cannot be read');
  await revokeInstallationToken(token).catch(() => {});
}

/**
 * Revokes a token.
 *
 * @throws {GitHubError} `unauthorized` if the token is already invalid
 */
export async function revokeInstallationToken(token: string): Promise<void> {
  await callGitHub({ as: 'installation', token }, 'DELETE /installation/token', {});
}

/**
 * Makes one request with the token, to check whether GitHub accepts it.
 *
 * @throws {GitHubError} if GitHub rejects the token
 */
export async function probeInstallationToken({ token, installationId }: InstallationToken): Promise<void> {
  const credential = { as: 'installation', token, installationId } as const;
  const parameters = { per_page: 1 };
  await callGitHub(credential, 'GET /installation/repositories', parameters, { routeClass: 'verify' });
}

/** Pauses before each retry of a revocation. Some of GitHub's servers don't accept a new token immediately. */
const AGAIN_AFTER_MS = [200, 400, 800, 1600] as const;

const NOT_KNOWN_YET: ReadonlySet<string> = new Set(['unauthorized', 'forbidden', 'not_found']);

/**
 * True if GitHub itself rejected the token as invalid. A 401 without GitHub's message may come from a proxy, so it
 * proves nothing.
 */
const isOver = (error: GitHubError) => error.reason === 'token_refused';

/**
 * Revokes a token before it expires. Retries several times if the token is fresh.
 *
 * @param isFresh true if the token was minted seconds ago. A 401 may then only mean that the token hasn't reached all
 *   of GitHub's servers, so it counts as invalid only after the last retry
 * @returns `revoked`, or `was_over` if the token was already invalid
 * @throws {GitHubError}
 */
export async function endToken(token: string, isFresh: boolean): Promise<'revoked' | 'was_over'> {
  const waits = isFresh ? [...AGAIN_AFTER_MS] : [];
  for (;;) {
    try {
      await revokeInstallationToken(token);
      return 'revoked';
    } catch (error) {
      if (!(error instanceof GitHubError && NOT_KNOWN_YET.has(error.kind))) throw error;
      const wait = waits.shift();
      if (wait !== undefined) await sleep(wait);
      else if (isOver(error)) return 'was_over';
      else throw error;
    }
  }
}
