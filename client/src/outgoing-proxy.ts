import { PulseStreamError } from './errors.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns the proxy for an https URL, by `HTTPS_PROXY` and `NO_PROXY`. Lower-case variables come first. An entry of
 * `NO_PROXY` includes its subdomains, and a port limits an entry to that port.
 *
 * @returns undefined for a direct connection
 * @throws {PulseStreamError} `invalid_options`, without the variable's value, because it may hold a password
 */
export function proxyFor(env: Environment, url: URL): URL | undefined {
  const proxy = env.https_proxy ?? env.HTTPS_PROXY;
  if (!proxy || isExempt(env.no_proxy ?? env.NO_PROXY ?? '', url.hostname, Number(url.port || 443)))
    return undefined;
  const parsed = URL.canParse(proxy) ? new URL(proxy) : undefined;
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed;
  throw new PulseStreamError('invalid_options', 'HTTPS_PROXY must be the http or https URL of a proxy.');
}

function isExempt(noProxy: string, hostname: string, port: number): boolean {
  if (noProxy === '*') return true;
  return noProxy.split(/[,\s]/).some((entry) => {
    const [, host = entry, only] = /^(.+):(\d+)$/.exec(entry) ?? [];
    const name = host.replace(/^\*?\./, '').toLowerCase();
    if (name === '' || (only !== undefined && Number(only) !== port)) return false;
    return hostname === name || hostname.endsWith(`.${name}`);
  });
}
