import { onePerProcess } from '../async';
import { getConfig } from '../config';
import { log } from '../observability/log';

type Names = { clientId: string; slug: string };

/** The names as GitHub writes them, once it has told them. */
const learned = onePerProcess<{ names?: Names }>('app names', () => ({}));

/** The App's client id and slug: the configured ones, in GitHub's letter case once GitHub has told it. */
export function appNames(): Names {
  const { clientId, appSlug } = getConfig().github;
  return learned().names ?? { clientId, slug: appSlug };
}

const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/**
 * Compares the configured names with GitHub's.
 *
 * @param app GitHub's response; older servers leave the client id out
 * @returns false if the client id is another App's. A slug that differs is an alarm only: the App may have been renamed,
 *   and nothing but texts and links depends on it
 */
export function learnAppNames(app: { slug: string; clientId?: string | undefined }): boolean {
  const { clientId, appSlug } = getConfig().github;
  if (app.clientId !== undefined && !isSame(app.clientId, clientId)) return false;
  if (!isSame(app.slug, appSlug))
    log.error({ slug: app.slug }, 'GITHUB_APP_SLUG is not the slug that GitHub has for this App');
  learned().names = {
    clientId: app.clientId ?? clientId,
    slug: isSame(app.slug, appSlug) ? app.slug : appSlug,
  };
  return true;
}

/** For tests. */
export function forgetAppNames(): void {
  learned.forget();
}
