import { getConfig } from '../config';
import { getAppInfo } from '../github/app-info';
import { GitHubError } from '../github/errors';
import { log } from '../observability/log';
import type { ComparedApp } from './compare';

/**
 * Returns our App as entries of GitHub's log may name it. A renamed App has the configured slug in older entries and
 * GitHub's present slug in newer ones. While GitHub cannot be asked, the configured one is all that is known.
 */
export async function comparedApp(installationIds: Iterable<number>): Promise<ComparedApp> {
  const { appId: id, clientId, appSlug } = getConfig().github;
  const slugs = new Set([appSlug.toLowerCase()]);
  try {
    slugs.add((await getAppInfo()).slug.toLowerCase());
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    log.warn(
      { err: error },
      'the comparison looks for the configured slug only: GitHub did not tell its own',
    );
  }
  return { id, clientId, slugs: [...slugs], installationIds: new Set(installationIds) };
}
