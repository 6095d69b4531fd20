import { onePerProcess } from '../async';
import { getConfig } from '../config';
import { log } from '../observability/log';
import { getAppInfo } from './app-info';
import { appNames } from './app-names';
import { GitHubError } from './error';

/** An App's page hardly ever moves; a slug that was changed is noticed within the hour. */
const KEEP_MS = 3_600_000;

const kept = onePerProcess<{ page?: { url: string; until: number } }>('app page', () => ({}));

/**
 * Where the App is installed from. github.com has an App's page at `/apps/SLUG`, GitHub Enterprise Server at
 * `/github-apps/SLUG`, so GitHub is asked, as the App, once an hour. Of its answer only the path is taken: the origin
 * is the configured one. While GitHub does not answer it is github.com's form.
 */
export async function getAppPageUrl(now = Date.now()): Promise<string> {
  const { webUrl } = getConfig().github;
  const { page } = kept();
  if (page !== undefined && page.until > now) return page.url;
  try {
    const url = appPageUrl(webUrl, (await getAppInfo()).htmlUrl);
    if (url !== undefined) {
      kept().page = { url, until: now + KEEP_MS };
      return url;
    }
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    log.warn({ err: error }, 'the App’s page could not be asked for');
  }
  return `${webUrl}/apps/${appNames().slug}`;
}

/** @returns `undefined` if that is not the page of an App */
export function appPageUrl(webUrl: string, htmlUrl: string | undefined): string | undefined {
  const path = htmlUrl !== undefined && URL.canParse(htmlUrl) ? new URL(htmlUrl).pathname : '';
  const page = path.match(/\/(?:github-)?apps\/[A-Za-z0-9-]+\/?$/)?.[0].replace(/\/$/, '');
  return page === undefined ? undefined : `${webUrl}${page}`;
}
