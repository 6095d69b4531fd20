import { isIP } from 'node:net';
import { isLoopbackHost } from './github-urls';
import type { Variables } from './variables';

/**
 * Checks that a connection to PostgreSQL is encrypted and verifies the server's certificate and name. Loopback and Unix
 * sockets are exempt, because their traffic never leaves the machine.
 *
 * @returns what is wrong, or `undefined`
 */
export function databaseUrlFault(url: string): string | undefined {
  const { hostname, searchParams } = new URL(url);
  // A `host` in the query replaces the one in the URL.
  const hosts = searchParams.has('host') ? searchParams.getAll('host') : [hostname];
  if (hosts.every((host) => host.startsWith('/') || isLoopbackHost(host))) return undefined;
  // The driver then compares the certificate with `localhost` instead.
  if (hosts.some((host) => isIP(host.replace(/^\[|\]$/g, '')) !== 0))
    return 'must name its host in staging and prod, because the driver verifies no certificate of an address';
  const modes = searchParams.getAll('sslmode');
  if (modes.length > 0 && modes.every((mode) => mode === 'verify-full')) return undefined;
  return 'must have sslmode=verify-full in staging and prod, or UNENCRYPTED_ALLOWED must name database';
}

/** As {@link databaseUrlFault}, for `REDIS_URL`. ioredis verifies certificate and name whenever it uses TLS. */
function redisUrlFault(url: string): string | undefined {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'rediss:' || isLoopbackHost(hostname)) return undefined;
  return 'must be rediss:// in staging and prod, or UNENCRYPTED_ALLOWED must name redis';
}

/**
 * Finds connections of a deployed environment that anybody on the network could read or answer.
 *
 * @returns one message per problem, with the names of variables but never their values
 */
export function unencrypted(v: Variables): string[] {
  const database = v.UNENCRYPTED_ALLOWED.includes('database') ? undefined : databaseUrlFault(v.DATABASE_URL);
  const redis =
    v.REDIS_URL === undefined || v.UNENCRYPTED_ALLOWED.includes('redis')
      ? undefined
      : redisUrlFault(v.REDIS_URL);
  return [
    ...(database === undefined ? [] : [`DATABASE_URL: ${database}`]),
    ...(redis === undefined ? [] : [`REDIS_URL: ${redis}`]),
    // Node then verifies no server's certificate, whatever the URL says.
    ...(v.NODE_TLS_REJECT_UNAUTHORIZED === '0'
      ? ['NODE_TLS_REJECT_UNAUTHORIZED: must not be 0 in staging and prod; add a CA with NODE_EXTRA_CA_CERTS']
      : []),
  ];
}
