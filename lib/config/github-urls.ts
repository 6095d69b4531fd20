/** GitHub exists as github.com, ghe.com and GitHub Enterprise Server. Each derives its API URL differently. */
const CLOUD = { web: 'https://github.com', api: 'https://api.github.com' };

/** Matches `SUBDOMAIN.ghe.com`, which is GitHub Enterprise Cloud with data residency. */
const RESIDENT_WEB = /^https:\/\/[a-z0-9-]+\.ghe\.com$/;

/**
 * Returns the API URL that belongs to a GitHub web origin.
 *
 * @see https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency/network-details-for-ghecom
 * @see https://docs.github.com/en/enterprise-server@latest/rest/using-the-rest-api/getting-started-with-the-rest-api
 */
export function apiUrlOf(webUrl: string): string {
  if (webUrl === CLOUD.web) return CLOUD.api;
  return RESIDENT_WEB.test(webUrl) ? webUrl.replace('https://', 'https://api.') : `${webUrl}/api/v3`;
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

export function isLoopback(url: string): boolean {
  return isLoopbackHost(new URL(url).hostname);
}

/** @param hostname as in a URL, so an IPv6 address is in brackets */
export function isLoopbackHost(hostname: string): boolean {
  return LOOPBACK.has(hostname) || /^127\.\d+\.\d+\.\d+$/.test(hostname) || hostname.endsWith('.localhost');
}

/**
 * Checks that both URLs belong to the same GitHub. If they didn't, the app would send one GitHub's credentials to
 * another.
 *
 * @param mayBeLocal true in dev and demo, where two loopback URLs may have any ports and paths
 * @returns what is wrong, or `undefined` if the URLs match
 */
export function githubUrlsFault(apiUrl: string, webUrl: string, mayBeLocal: boolean): string | undefined {
  if (mayBeLocal && isLoopback(apiUrl) && isLoopback(webUrl)) return undefined;
  const web = new URL(webUrl);
  if (web.pathname !== '/') return 'GITHUB_WEB_URL: must have no path';
  if (canonical(apiUrl) === canonical(apiUrlOf(web.origin))) return undefined;
  return (
    'GITHUB_API_URL and GITHUB_WEB_URL: do not belong together. They are https://api.github.com and ' +
    'https://github.com, https://api.SUBDOMAIN.ghe.com and https://SUBDOMAIN.ghe.com, or ' +
    'https://HOST/api/v3 and https://HOST'
  );
}

/** Returns the URL with a lower-case host, without a default port or trailing slashes. */
function canonical(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}
