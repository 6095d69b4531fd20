import { z } from 'zod';
import { callGitHub, unexpectedAnswer } from './client';
import { GitHubError } from './error';
import { type GitHubInstallation, parseInstallation } from './installations';

const PER_PAGE = 100;

type Listed = {
  installations: GitHubInstallation[];
  /** GitHub left organizations out into which the user has to sign in first (SAML). */
  isPartial: boolean;
};

/** @see https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api */
const PARTIAL = /^\s*partial-results\b/i;

/** Lists whatever the user can read: by itself no proof of anything (C21). @throws {GitHubError} */
export async function listUserInstallations(token: string): Promise<Listed> {
  const route = 'GET /user/installations';
  const installations: GitHubInstallation[] = [];
  let isPartial = false;
  for (let page = 1; ; page++) {
    const answer = await callGitHub({ as: 'user', token }, route, { per_page: PER_PAGE, page });
    const { data, status } = answer;
    if (PARTIAL.test(String(answer.headers['x-github-sso'] ?? ''))) isPartial = true;
    if (!Array.isArray(data.installations)) throw unexpectedAnswer(route, status);
    for (const item of data.installations) {
      const installation = parseInstallation(item);
      if (installation) installations.push(installation);
    }
    if (data.installations.length < PER_PAGE) return { installations, isPartial };
  }
}

const RepositoriesPage = z.object({
  repositories: z.array(z.object({ id: z.int(), permissions: z.object({ admin: z.boolean() }).optional() })),
});

/** What GitHub shows a user of an installation now. */
export type UserAccess = {
  /** Whether GitHub shows the installation to the user at all. */
  sees: boolean;
  /** Every repository of the installation that the user sees; `null` unless the user administers each of them. */
  administered: ReadonlySet<number> | null;
};

const UNSEEN: UserAccess = { sees: false, administered: null };

/** Reads the user's own list, up to the first repository that the user does not administer. @throws {GitHubError} */
export async function readUserAccess(token: string, installationId: number): Promise<UserAccess> {
  const route = 'GET /user/installations/{installation_id}/repositories';
  const ids = new Set<number>();
  for (let page = 1; ; page++) {
    const answer = await callGitHub({ as: 'user', token }, route, {
      installation_id: installationId,
      per_page: PER_PAGE,
      page,
    }).catch((error: unknown) => {
      if (error instanceof GitHubError && ['not_found', 'forbidden', 'suspended'].includes(error.kind))
        return null;
      throw error;
    });
    if (answer === null) return UNSEEN;
    const { data, status } = answer;
    const parsed = RepositoriesPage.safeParse(data);
    if (!parsed.success) throw unexpectedAnswer(route, status);
    for (const repository of parsed.data.repositories) {
      if (repository.permissions?.admin !== true) return { sees: true, administered: null };
      ids.add(repository.id);
    }
    if (parsed.data.repositories.length < PER_PAGE) return { sees: true, administered: ids };
  }
}
