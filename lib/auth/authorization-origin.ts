import { z } from 'zod';
import { onePerProcess, sharedAnswer, withDeadline } from '../async';
import type { Config } from '../config';
import { fetchOutgoing, openConnections } from '../github/connections';
import { log } from '../observability/log';

type ProviderConfig = {
  auth: { google: unknown; oidc: Pick<NonNullable<Config['auth']['oidc']>, 'issuer'> | undefined };
  github: Pick<Config['github'], 'webUrl'>;
};

/**
 * The only field we read from the provider's discovery document.
 *
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html
 */
const Discovery = z.object({ authorization_endpoint: z.url({ protocol: /^https?$/ }) });

/** How long a page waits for a provider's first discovery response before using the issuer's own origin instead. */
const PAGE_WAIT_MS = 2000;
const TIMEOUT_MS = 8000;
const FRESH_MS = 10 * 60_000;
/** How long to wait after a failed discovery before trying again. */
const RETRY_MS = 30_000;

/** Matches plain origins only. A `;` or `*` in a hostname would change the meaning of the Content-Security-Policy. */
const PLAIN_ORIGIN = /^https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d+)?$/;

const getConnections = onePerProcess('connections to the OpenID provider', () => openConnections(TIMEOUT_MS));

/**
 * Fetches the origin of the issuer's authorization endpoint.
 *
 * @throws if the provider does not respond in time, or the endpoint's origin is not safe in a Content-Security-Policy
 */
async function discover(issuer: string): Promise<string> {
  const response = await fetchOutgoing(
    `${issuer}/.well-known/openid-configuration`,
    { signal: AbortSignal.timeout(TIMEOUT_MS) },
    { connections: getConnections() },
  );
  if (response.status !== 200) throw new Error(`discovery answered ${response.status}`);
  const { authorization_endpoint } = Discovery.parse(JSON.parse(await response.text()));
  const { origin, protocol } = new URL(authorization_endpoint);
  if (!PLAIN_ORIGIN.test(origin)) throw new Error('discovery names no plain origin');
  if (issuer.startsWith('https:') && protocol !== 'https:')
    throw new Error('discovery leads away from https');
  return origin;
}

const readers = new Map<string, () => Promise<string>>();

function readerOf(issuer: string): () => Promise<string> {
  const known = readers.get(issuer);
  if (known !== undefined) return known;
  const reader = sharedAnswer(
    () =>
      discover(issuer).catch((error: unknown) => {
        log.warn({ err: error }, 'the OpenID provider’s discovery document could not be read');
        throw error;
      }),
    { freshMs: FRESH_MS, retryMs: RETRY_MS, patienceMs: TIMEOUT_MS },
  );
  readers.set(issuer, reader);
  return reader;
}

/** Returns the origin of the provider's sign-in page. Until discovery succeeds, returns the issuer's own origin. */
function oidcOrigin(issuer: string): Promise<string> {
  return withDeadline(readerOf(issuer)(), PAGE_WAIT_MS, 'the OpenID provider').catch(
    () => new URL(issuer).origin,
  );
}

/**
 * Returns the origins that our sign-in and connect forms redirect to. Browsers apply `form-action` to redirects too, so
 * the Content-Security-Policy must list these origins.
 *
 * Never throws and never waits long. Until discovery succeeds, uses the issuer's origin instead, which may block a
 * redirect but never allows too much.
 */
export async function authorizationOrigins({ auth, github }: ProviderConfig): Promise<string[]> {
  const origins = [
    new URL(github.webUrl).origin,
    ...(auth.google ? ['https://accounts.google.com'] : []),
    ...(auth.oidc ? [await oidcOrigin(auth.oidc.issuer)] : []),
  ];
  return [...new Set(origins)];
}
