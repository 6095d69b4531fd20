import { z } from 'zod';
import { identifyApp } from './app-info';
import { callGitHub, unexpectedAnswer } from './client';
import { GitHubError } from './error';
import { hasNext, MAX_PAGES, PER_PAGE } from './pages';

/** Only the id counts here: an installation with an odd account is there all the same. */
const WithId = z.object({ id: z.union([z.int(), z.bigint()]) });

/**
 * Asks the installation's own route whether GitHub still shows it to the App.
 *
 * @throws {GitHubError} if GitHub does not tell, or tells it as a server that does not know this App
 */
export async function isInstallationShown(id: number): Promise<boolean> {
  const route = 'GET /app/installations/{installation_id}';
  try {
    const { data, status } = await callGitHub({ as: 'app' }, route, { installation_id: id });
    if (WithId.safeParse(data).data?.id !== id) throw unexpectedAnswer(route, status);
    return true;
  } catch (error) {
    if (!(error instanceof GitHubError && error.kind === 'not_found')) throw error;
    if ((await identifyApp()) !== 'ours') throw error;
    return false;
  }
}

/** Reads the ids of every installation that GitHub lists, also of those whose other fields are odd. @throws {GitHubError} */
export async function listShownIds(): Promise<Set<number>> {
  const route = 'GET /app/installations';
  const ids = new Set<number>();
  for (let page = 1; page <= MAX_PAGES; page++) {
    const { data, status, headers } = await callGitHub({ as: 'app' }, route, { per_page: PER_PAGE, page });
    if (!Array.isArray(data)) throw unexpectedAnswer(route, status);
    for (const item of data) {
      // Absence from the list ends an installation, and this item may be any one.
      const { data: shown } = WithId.safeParse(item);
      if (shown === undefined) throw unexpectedAnswer(route, status);
      if (typeof shown.id === 'number') ids.add(shown.id);
    }
    if (!hasNext(headers.link, data.length)) return ids;
  }
  throw unexpectedAnswer(route, 200);
}
