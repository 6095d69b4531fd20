import { z } from 'zod';
import { callGitHub, unexpectedAnswer } from './client';
import { GitHubError } from './error';
import { type GitHubInstallation, InstallationAnswer, keysOf } from './installations';
import { readItems } from './odd-items';
import { PER_PAGE, readPages } from './pages';

type Listed = {
  installations: GitHubInstallation[];
  /** GitHub left organizations out into which the user has to sign in first (SAML). */
  isPartial: boolean;
};

/** @see https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api */
const PARTIAL = /^\s*partial-results\b/i;

/** @returns `undefined` for a body that holds no such list, or is none at all */
function listed(data: unknown, field: 'installations' | 'repositories'): unknown[] | undefined {
  return z.object({ [field]: z.array(z.unknown()) }).safeParse(data).data?.[field];
}

/** Lists whatever the user can read: by itself no proof of anything (C21). @throws {GitHubError} */
export async function listUserInstallations(token: string): Promise<Listed> {
  const route = 'GET /user/installations';
  const byId = new Map<number, GitHubInstallation>();
  let isPartial = false;
  await readPages(route, async (page) => {
    const answer = await callGitHub({ as: 'user', token }, route, { per_page: PER_PAGE, page });
    if (PARTIAL.test(String(answer.headers['x-github-sso'] ?? ''))) isPartial = true;
    const items = listed(answer.data, 'installations');
    if (items === undefined) throw unexpectedAnswer(route, answer.status);
    for (const installation of readItems(route, items, InstallationAnswer).read)
      byId.set(installation.id, installation);
    return { keys: keysOf(items), link: answer.headers.link };
  });
  return { installations: [...byId.values()], isPartial };
}

/** The one thing that proves: an item that does not say it, in this form, is one that the user does not administer. */
const Administered = z.object({ id: z.int(), permissions: z.object({ admin: z.literal(true) }) });

/** What GitHub shows a user of an installation now. */
export type UserAccess = {
  /** Whether GitHub shows the installation to the user at all. */
  sees: boolean;
  /** Every repository of the installation that the user sees; `null` unless the user administers each of them. */
  administered: ReadonlySet<number> | null;
};

const UNSEEN: UserAccess = { sees: false, administered: null };

/**
 * Reads the user's own list, up to the first repository that the user does not administer. A list that does not end
 * proves nothing.
 *
 * @throws {GitHubError}
 */
export async function readUserAccess(token: string, installationId: number): Promise<UserAccess> {
  const route = 'GET /user/installations/{installation_id}/repositories';
  const ids = new Set<number>();
  let access: UserAccess = { sees: true, administered: ids };
  const isWhole = await readPages(route, async (page) => {
    const answer = await callGitHub({ as: 'user', token }, route, {
      installation_id: installationId,
      per_page: PER_PAGE,
      page,
    }).catch((error: unknown) => {
      if (error instanceof GitHubError && ['not_found', 'forbidden', 'suspended'].includes(error.kind))
        return null;
      throw error;
    });
    if (answer === null) {
      access = UNSEEN;
      return 'stop';
    }
    const items = listed(answer.data, 'repositories');
    if (items === undefined) throw unexpectedAnswer(route, answer.status);
    for (const item of items) {
      const parsed = Administered.safeParse(item);
      if (!parsed.success) {
        access = { sees: true, administered: null };
        return 'stop';
      }
      ids.add(parsed.data.id);
    }
    return { keys: keysOf(items), link: answer.headers.link };
  });
  return isWhole ? access : { sees: access.sees, administered: null };
}
