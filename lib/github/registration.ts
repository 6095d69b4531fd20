import { z } from 'zod';
import { callGitHub, unexpectedAnswer } from './client';
import { PER_PAGE, readPages } from './pages';

/** The App's registration, with GitHub's clock. */
export type AppRegistration = {
  id: number;
  slug: string | undefined;
  /** Missing on older GitHub Enterprise Servers. */
  clientId: string | undefined;
  permissions: Record<string, string>;
  events: string[];
  /** Login of the account that owns the App, and whether it is an organization. */
  owner: { login: string; isOrganization: boolean } | undefined;
  /** GitHub's `Date` header; `undefined` if it is missing or unreadable. */
  githubTime: Date | undefined;
  /** Our clock in the middle of the request. */
  ourTime: Date;
};

const Owner = z
  .object({ login: z.string(), type: z.string().optional() })
  .transform(({ login, type }) => ({ login, isOrganization: type === 'Organization' }));

const Answer = z.object({
  id: z.int(),
  slug: z.string().optional(),
  client_id: z.string().optional(),
  permissions: z.record(z.string(), z.string()).default({}),
  events: z.array(z.string()).default([]),
  owner: Owner.optional().catch(undefined),
});

/**
 * Reads the App as GitHub has it now, for the doctor.
 *
 * @throws {GitHubError}
 * @see https://docs.github.com/en/rest/apps/apps#get-the-authenticated-app
 */
export async function readAppRegistration(): Promise<AppRegistration> {
  const began = Date.now();
  const { data, status, headers } = await callGitHub({ as: 'app' }, 'GET /app', {});
  const ourTime = new Date((began + Date.now()) / 2);
  const parsed = Answer.safeParse(data);
  if (!parsed.success) throw unexpectedAnswer('GET /app', status);
  const { id, slug, client_id: clientId, permissions, events, owner } = parsed.data;
  const theirs = Date.parse(headers.date ?? '');
  const githubTime = Number.isNaN(theirs) ? undefined : new Date(theirs);
  return { id, slug, clientId, permissions, events, owner, githubTime, ourTime };
}

const Granted = z.object({ permissions: z.record(z.string(), z.string()).default({}) });

/**
 * Reads the permissions that an account has granted to the App. They differ from the App's while the account has not
 * accepted a change.
 *
 * @throws {GitHubError}
 */
export async function readGrantedPermissions(installationId: number): Promise<Record<string, string>> {
  const route = 'GET /app/installations/{installation_id}';
  const parameters = { installation_id: installationId };
  const { data, status } = await callGitHub({ as: 'app' }, route, parameters, { asksIfExists: true });
  const parsed = Granted.safeParse(data);
  if (!parsed.success) throw unexpectedAnswer(route, status);
  return parsed.data.permissions;
}

const Listed = Granted.extend({
  account: z.object({ login: z.string().optional(), slug: z.string().optional() }).nullish().catch(null),
});

/**
 * Lists the accounts that have not granted all of the permissions. GitHub asks their owners to accept a change.
 *
 * @throws {GitHubError}
 */
export async function listPendingAccounts(permissions: readonly string[]): Promise<string[]> {
  const route = 'GET /app/installations';
  const pending: string[] = [];
  await readPages(route, async (page) => {
    const { data, status, headers } = await callGitHub({ as: 'app' }, route, { per_page: PER_PAGE, page });
    if (!Array.isArray(data)) throw unexpectedAnswer(route, status);
    for (const item of data) {
      const { data: read } = Listed.safeParse(item);
      if (read === undefined || permissions.every((name) => read.permissions[name] !== undefined)) continue;
      pending.push(read.account?.login ?? read.account?.slug ?? 'an unnamed account');
    }
    return { items: data, link: headers.link };
  });
  return pending;
}
