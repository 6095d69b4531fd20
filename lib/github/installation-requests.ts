import { z } from 'zod';
import { callGitHub, unexpectedAnswer } from './client';

/** Somebody asked an organization's owners to install the App. It ends with their answer, whatever that is. */
export type InstallationRequest = {
  account: { id: number; login: string };
  requesterId: number;
  createdAt: Date;
};

const Item = z.object({
  account: z.object({ id: z.int(), login: z.string().optional() }),
  requester: z.object({ id: z.int() }),
  created_at: z.string(),
});

const PER_PAGE = 100;

/**
 * @throws {GitHubError}
 * @see https://docs.github.com/en/rest/apps/apps#list-installation-requests-for-the-authenticated-app
 */
export async function listInstallationRequests(): Promise<InstallationRequest[]> {
  const route = 'GET /app/installation-requests';
  const found: InstallationRequest[] = [];
  for (let page = 1; ; page++) {
    const { data, status, headers } = await callGitHub({ as: 'app' }, route, { per_page: PER_PAGE, page });
    const parsed = z.array(Item).safeParse(data);
    if (!parsed.success) throw unexpectedAnswer(route, status);
    for (const { account, requester, created_at } of parsed.data)
      found.push({
        account: { id: account.id, login: account.login ?? `account-${account.id}` },
        requesterId: requester.id,
        createdAt: new Date(created_at),
      });
    if (!headers.link?.includes('rel="next"')) return found;
  }
}
