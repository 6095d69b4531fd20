import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Config } from '../config';
import { log } from '../observability/log';

type ProviderConfig = {
  auth: { google: unknown; oidc: Pick<NonNullable<Config['auth']['oidc']>, 'issuer'> | undefined };
  github: Pick<Config['github'], 'webUrl'>;
};

/** The one field that is needed of a discovery document. @see https://openid.net/specs/openid-connect-discovery-1_0.html */
const Discovery = z.object({ authorization_endpoint: z.url({ protocol: /^https?$/ }) });

/** A page waits no longer than this for a provider, and the question itself no longer than that, in milliseconds. */
const PATIENCE_MS = 2000;
const TIMEOUT_MS = 8000;
/** How long an answer, and a failure, is believed before the provider is asked again, in milliseconds. */
const FRESH_MS = 10 * 60_000;
const RETRY_MS = 30_000;

/** The origin's own characters only: a `;` or a `*` in a host name would be read as more of the policy. */
const PLAIN_ORIGIN = /^https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d+)?$/;

/** @throws when the provider does not answer in time, or names nothing that may stand in a policy */
async function discover(issuer: string): Promise<string> {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`, {
    cache: 'no-store',
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`discovery answered ${response.status}`);
  const { origin, protocol } = new URL(Discovery.parse(await response.json()).authorization_endpoint);
  if (!PLAIN_ORIGIN.test(origin)) throw new Error('discovery names no plain origin');
  if (issuer.startsWith('https:') && protocol !== 'https:')
    throw new Error('discovery leads away from https');
  return origin;
}

type Known = { origin: string; askAgainAt: number; asking: Promise<void> | null };

const known = new Map<string, Known>();

/** Asked by one view at a time; meanwhile and after a failure, what was known before stands. */
async function askAgain(issuer: string, entry: Known): Promise<void> {
  try {
    entry.origin = await discover(issuer);
    entry.askAgainAt = performance.now() + FRESH_MS;
  } catch (error) {
    entry.askAgainAt = performance.now() + RETRY_MS;
    log.warn({ err: error }, 'the OpenID provider’s discovery document could not be read');
  } finally {
    entry.asking = null;
  }
}

/** Where the provider's page for signing in is: often another origin than the issuer's. Until it has said so, that. */
async function oidcOrigin(issuer: string): Promise<string> {
  const entry = known.get(issuer) ?? { origin: new URL(issuer).origin, askAgainAt: 0, asking: null };
  known.set(issuer, entry);
  if (performance.now() >= entry.askAgainAt) entry.asking ??= askAgain(issuer, entry);
  // Nobody waits for a renewal; who comes while nothing is known yet waits for that, or the form would lead nowhere.
  if (entry.askAgainAt === 0)
    await Promise.race([entry.asking, sleep(PATIENCE_MS, undefined, { ref: false })]);
  return entry.origin;
}

/**
 * The origins that signing in and connecting lead to: a policy's `form-action` has to name them, because browsers
 * apply it to the redirects that follow a form too. Never fails and never waits long: a provider that does not answer
 * counts as its issuer's origin, which allows less and not more.
 */
export async function authorizationOrigins({ auth, github }: ProviderConfig): Promise<string[]> {
  const origins = [
    new URL(github.webUrl).origin,
    ...(auth.google ? ['https://accounts.google.com'] : []),
    ...(auth.oidc ? [await oidcOrigin(auth.oidc.issuer)] : []),
  ];
  return [...new Set(origins)];
}
