import { z } from 'zod';
import { callGitHub, unexpectedAnswer } from './client';

/** An installation as GitHub describes it to the App: the only description that we believe (C21). */
export type GitHubInstallation = {
  id: number;
  account: { id: number; login: string; type: string };
  repositorySelection: 'all' | 'selected';
  suspendedAt: Date | null;
  /** By GitHub's clock; `null` if GitHub does not tell. */
  createdAt: Date | null;
};

/** An enterprise account has a `slug` where others have a `login`. */
const Account = z.object({
  id: z.int(),
  login: z.string().optional(),
  slug: z.string().optional(),
  type: z.string().default('Enterprise'),
});

const Answer = z.object({
  id: z.int(),
  account: Account,
  repository_selection: z.enum(['all', 'selected']),
  suspended_at: z.string().nullish(),
  created_at: z.iso.datetime({ offset: true }).nullish().catch(null),
});

export function parseInstallation(value: unknown): GitHubInstallation | undefined {
  const { success, data } = Answer.safeParse(value);
  if (!success) return undefined;
  const { account } = data;
  return {
    id: data.id,
    account: {
      id: account.id,
      login: account.login ?? account.slug ?? `account-${account.id}`,
      type: account.type,
    },
    repositorySelection: data.repository_selection,
    suspendedAt: data.suspended_at ? new Date(data.suspended_at) : null,
    createdAt: data.created_at ? new Date(data.created_at) : null,
  };
}

/** @throws {GitHubError} `not_found`: uninstalled, or another App's */
export async function getInstallation(id: number): Promise<GitHubInstallation> {
  const route = 'GET /app/installations/{installation_id}';
  const { data, status } = await callGitHub({ as: 'app' }, route, { installation_id: id });
  const installation = parseInstallation(data);
  if (!installation || installation.id !== id) throw unexpectedAnswer(route, status);
  return installation;
}

/** Every installation of the App, page by page. @throws {GitHubError} */
export async function* listInstallations(): AsyncGenerator<GitHubInstallation> {
  const route = 'GET /app/installations';
  for (let page = 1; ; page++) {
    const { data, status, headers } = await callGitHub({ as: 'app' }, route, { per_page: 100, page });
    if (!Array.isArray(data)) throw unexpectedAnswer(route, status);
    for (const item of data) {
      const installation = parseInstallation(item);
      if (installation) yield installation;
    }
    if (!headers.link?.includes('rel="next"')) return;
  }
}

/** Uninstalls the App from the account. @throws {GitHubError} `not_found`: it was uninstalled already */
export async function deleteInstallation(id: number): Promise<void> {
  await callGitHub({ as: 'app' }, 'DELETE /app/installations/{installation_id}', { installation_id: id });
}
