type Environment = Record<string, string | undefined>;

/**
 * Returns the proxy for an https connection. The rules are those of undici's `EnvHttpProxyAgent`, so that a host is
 * reached the same way by every client of this process. Lower-case variables come first. An entry of `NO_PROXY` includes
 * its subdomains, and a port limits an entry to that port.
 *
 * @param hostname as in a URL, so an IPv6 address is in brackets
 * @returns `undefined` for a direct connection
 */
export function proxyFor(env: Environment, hostname: string, port: number): URL | undefined {
  const proxy = env.https_proxy ?? env.HTTPS_PROXY;
  if (!proxy || isExempt(env.no_proxy ?? env.NO_PROXY ?? '', hostname.toLowerCase(), port)) return undefined;
  return new URL(proxy);
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
