import { createHash } from 'node:crypto';
import { z } from 'zod';
import { log } from '../observability/log';
import { callGitHub, type Purpose, unexpectedAnswer } from './client';
import { githubNowMs } from './error';

export type InstallationToken = {
  installationId: number;
  token: string;
  /** As GitHub's audit log has it: base64 of SHA-256 (C16). */
  hashedToken: string;
  /** RFC 3339, about one hour from now. */
  expiresAt: string;
  /** Until then, by GitHub's clock. Milliseconds. */
  lifetimeMs: number;
  permissions: Record<string, string>;
  /** `undefined` where GitHub leaves the field out, which its description allows. */
  repositorySelection: 'all' | 'selected' | undefined;
  /** Ids; only when the token is narrowed to repositories. */
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
 * A sync compares nothing with what it asked for: it reads names and revokes its token. So a field that GitHub leaves
 * out, which its description allows, or one that cannot be read stops no sync.
 */
const SyncAnswer = Answer.extend({
  permissions: Answer.shape.permissions.optional().catch(undefined),
  repository_selection: Answer.shape.repository_selection.catch(undefined),
  repositories: Answer.shape.repositories.catch(undefined),
});

/** base64(SHA-256(token)), as GitHub's audit log writes `hashed_token`. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

/**
 * Mints an installation token. One attempt: a blind retry would mint twice. Nothing is cached, here or in Octokit.
 *
 * @param scope.permissions always stated: GitHub's default is everything that the App was granted
 * @param scope.repositoryIds at most 500; left out, the token reads every repository of the installation
 * @param purpose a mint that a caller waits for, unless said otherwise; `tenant` is the workspace
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

/** An answer that we cannot read may hold a token all the same: it must not live on without a row. */
async function revokeUnread(data: unknown): Promise<void> {
  const parsed = Answer.pick({ token: true }).safeParse(data);
  if (!parsed.success) return;
  const { token } = parsed.data;
  log.warn({ hashedToken: hashToken(token) }, 'GitHub answered with a token in a form that cannot be read');
  await revokeInstallationToken(token).catch(() => {});
}

/** Ends a token before its hour is over. @throws {GitHubError} `unauthorized`: it was not valid any more */
export async function revokeInstallationToken(token: string): Promise<void> {
  await callGitHub({ as: 'installation', token }, 'DELETE /installation/token', {});
}

/** Asks GitHub for something that every token of ours may read. @throws {GitHubError} while it is not accepted */
export async function probeInstallationToken({ token, installationId }: InstallationToken): Promise<void> {
  const credential = { as: 'installation', token, installationId } as const;
  const parameters = { per_page: 1 };
  await callGitHub(credential, 'GET /installation/repositories', parameters, { routeClass: 'verify' });
}
