import { z } from 'zod';
import { callGitHub, unexpectedAnswer } from './client';
import { keysOf } from './installations';
import { readItems, StorableText } from './odd-items';
import { PER_PAGE, readPages } from './pages';

/** Somebody asked an organization's owners to install the App. It ends with their answer, whatever that is. */
export type InstallationRequest = {
  account: { id: number; login: string };
  requesterId: number;
  createdAt: Date;
};

const Item = z
  .object({
    account: z.object({ id: z.int(), login: StorableText.optional(), slug: StorableText.optional() }),
    requester: z.object({ id: z.int() }),
    created_at: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
  })
  .transform(
    ({ account, requester, created_at }): InstallationRequest => ({
      account: { id: account.id, login: account.login ?? account.slug ?? `account-${account.id}` },
      requesterId: requester.id,
      createdAt: new Date(created_at),
    }),
  );

/**
 * @throws {GitHubError}
 * @see https://docs.github.com/en/rest/apps/apps#list-installation-requests-for-the-authenticated-app
 */
export async function listInstallationRequests(): Promise<InstallationRequest[]> {
  const route = 'GET /app/installation-requests';
  const found: InstallationRequest[] = [];
  await readPages(route, async (page) => {
    const { data, status, headers } = await callGitHub({ as: 'app' }, route, { per_page: PER_PAGE, page });
    if (!Array.isArray(data)) throw unexpectedAnswer(route, status);
    found.push(...readItems(route, data, Item).read);
    return { keys: keysOf(data), link: headers.link };
  });
  return found;
}
