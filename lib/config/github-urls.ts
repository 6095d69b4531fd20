/** The three places where GitHub is, and the API's address that each of them has. */
const CLOUD = { web: 'https://github.com', api: 'https://api.github.com' };

/** `SUBDOMAIN.ghe.com`: GitHub Enterprise Cloud with data residency. */
const RESIDENT_WEB = /^https:\/\/[a-z0-9-]+\.ghe\.com$/;

/**
 * @see https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency/network-details-for-ghecom
 * @see https://docs.github.com/en/enterprise-server@latest/rest/using-the-rest-api/getting-started-with-the-rest-api
 * @returns the API's address that belongs to a web address, which is its origin
 */
export function apiUrlOf(webUrl: string): string {
  if (webUrl === CLOUD.web) return CLOUD.api;
  return RESIDENT_WEB.test(webUrl) ? webUrl.replace('https://', 'https://api.') : `${webUrl}/api/v3`;
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return LOOPBACK.has(hostname) || /^127\.\d+\.\d+\.\d+$/.test(hostname) || hostname.endsWith('.localhost');
}

/**
 * A token for one GitHub must not be asked for at another, so both addresses have to be those of one server.
 *
 * @param mayBeLocal in dev and demo: a pair on this machine may have any ports and paths
 * @returns what is wrong
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

/** Host in lower case, no default port. */
function canonical(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}
