import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { log } from '../observability/log';
import { callGitHub, type Purpose, unexpectedAnswer } from './client';
import { GitHubError, githubNowMs } from './errors';

export type InstallationToken = {
  installationId: number;
  token: string;
  /** Base64 of SHA-256, as in GitHub's audit log. */
  hashedToken: string;
  /** RFC 3339, about one hour from now. */
  expiresAt: string;
  /** The time until `expiresAt` by GitHub's clock. */
  lifetimeMs: number;
  permissions: Record<string, string>;
  /** `undefined` if GitHub omits the field, which its description allows. */
  repositorySelection: 'all' | 'selected' | undefined;
  /** Only for a token that is narrowed to repositories. */
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
 * The response to a sync, which only reads names and revokes its token. A missing or unreadable field does not stop it,
 * because nothing is compared with the request.
 */
const SyncAnswer = Answer.extend({
  permissions: Answer.shape.permissions.optional().catch(undefined),
  repository_selection: Answer.shape.repository_selection.catch(undefined),
  repositories: Answer.shape.repositories.catch(undefined),
});

/** Returns base64(SHA-256(token)), the `hashed_token` of GitHub's audit log. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

/**
 * Mints an installation token in one attempt, because a blind retry would mint twice. Neither this code nor Octokit caches it.
 *
 * @param scope.permissions always stated, because GitHub's default is every permission of the App
 * @param scope.repositoryIds at most 500; without them, the token reads every repository of the installation
 * @param purpose by default a mint for which a caller waits; `tenant` is the workspace
 * @throws {GitHubError} `not_found` uninstalled, `suspended`, `invalid` not granted
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

/** Revokes the token in an unreadable response, because no token may live on without its audit row. */
async function revokeUnread(data: unknown): Promise<void> {
  const parsed = Answer.pick({ token: true }).safeParse(data);
  if (!parsed.success) return;
  const { token } = parsed.data;
  log.warn({ hashedToken: hashToken(token) }, 'GitHub answered with a token in a form that cannot be read');
  await revokeInstallationToken(token).catch(() => {});
}

/** Revokes a token. @throws {GitHubError} `unauthorized`: it is invalid already */
export async function revokeInstallationToken(token: string): Promise<void> {
  await callGitHub({ as: 'installation', token }, 'DELETE /installation/token', {});
}

/** Reads from GitHub with the token. @throws {GitHubError} while GitHub does not accept the token */
export async function probeInstallationToken({ token, installationId }: InstallationToken): Promise<void> {
  const credential = { as: 'installation', token, installationId } as const;
  const parameters = { per_page: 1 };
  await callGitHub(credential, 'GET /installation/repositories', parameters, { routeClass: 'verify' });
}

/** The pauses before further attempts, while a fresh token is not valid everywhere at GitHub. */
const AGAIN_AFTER_MS = [200, 400, 800, 1600] as const;

const NOT_KNOWN_YET: ReadonlySet<string> = new Set(['unauthorized', 'forbidden', 'not_found']);

/** Returns whether the token has expired. A proxy's 401, without GitHub's message, proves nothing. */
const isOver = (error: GitHubError) => error.reason === 'token_refused';

/**
 * Ends a token before its hour is over, with a few attempts for a fresh one.
 *
 * @param isFresh minted seconds ago. A 401 may then mean that the token is not valid everywhere yet, and a token that
 *   counts as ended would live on
 * @returns `was_over` if the token had expired before
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
