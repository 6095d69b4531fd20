import { z } from 'zod';
import { callGitHub, unexpectedAnswer } from './client';
import { GitHubError } from './error';
import { type GitHubInstallation, parseInstallation } from './installations';

const PER_PAGE = 100;

/** Lists whatever the user can read: by itself no proof of anything (C21). @throws {GitHubError} */
export async function listUserInstallations(token: string): Promise<GitHubInstallation[]> {
  const route = 'GET /user/installations';
  const found: GitHubInstallation[] = [];
  for (let page = 1; ; page++) {
    const { data, status } = await callGitHub({ as: 'user', token }, route, { per_page: PER_PAGE, page });
    if (!Array.isArray(data.installations)) throw unexpectedAnswer(route, status);
    for (const item of data.installations) {
      const installation = parseInstallation(item);
      if (installation) found.push(installation);
    }
    if (data.installations.length < PER_PAGE) return found;
  }
}

const RepositoriesPage = z.object({
  repositories: z.array(z.object({ id: z.int(), permissions: z.object({ admin: z.boolean() }).optional() })),
});

/**
 * The ids of the installation's repositories that the user sees, if the user administers each of them; stops at
 * the first that the user does not.
 *
 * @returns `null` if there is one that the user does not administer, or if the user does not see the installation
 * @throws {GitHubError}
 */
export async function listAdministeredRepositories(
  token: string,
  installationId: number,
): Promise<Set<number> | null> {
  const route = 'GET /user/installations/{installation_id}/repositories';
  const ids = new Set<number>();
  for (let page = 1; ; page++) {
    const answer = await callGitHub({ as: 'user', token }, route, {
      installation_id: installationId,
      per_page: PER_PAGE,
      page,
    }).catch((error: unknown) => {
      if (error instanceof GitHubError && ['not_found', 'forbidden'].includes(error.kind)) return null;
      throw error;
    });
    if (answer === null) return null;
    const { data, status } = answer;
    const parsed = RepositoriesPage.safeParse(data);
    if (!parsed.success) throw unexpectedAnswer(route, status);
    for (const repository of parsed.data.repositories) {
      if (repository.permissions?.admin !== true) return null;
      ids.add(repository.id);
    }
    if (parsed.data.repositories.length < PER_PAGE) return ids;
  }
}

/** Whether GitHub shows the installation to the user at all. @throws {GitHubError} */
export async function seesInstallation(token: string, installationId: number): Promise<boolean> {
  const route = 'GET /user/installations/{installation_id}/repositories';
  try {
    await callGitHub({ as: 'user', token }, route, { installation_id: installationId, per_page: 1 });
    return true;
  } catch (error) {
    if (error instanceof GitHubError && ['not_found', 'forbidden'].includes(error.kind)) return false;
    throw error;
  }
}
