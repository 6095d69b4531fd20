import { App } from '@octokit/app';
import { Octokit } from '@octokit/core';
import type { Endpoints } from '@octokit/types';
import type { EmitterWebhookEventName } from '@octokit/webhooks';
import * as undici from 'undici';
import { onePerProcess } from '../async';
import { getConfig } from '../config';
import { log } from '../observability/log';
import { isRequestError } from './errors';
import { REFUSED_TIMES } from './recognise';
import { createSigners, type SignJwt } from './signers';

/** A placeholder: `App` requires a private key even when `createJwt` does the signing (octokit/app.js#484). */
const NO_KEY_HERE = '';

/**
 * Octokit logs warnings about clock skew even though it corrects the skew itself, so all its output goes to `debug`.
 */
const toDebug = (message: string) => log.debug(message);
const OCTOKIT_LOG = { debug: toDebug, info: toDebug, warn: toDebug, error: toDebug };

/** GitHub rejects requests without a `User-Agent`. The offline GitHub recognises our requests by this one. */
export const USER_AGENT = 'pulsestream-github-control-plane';

/**
 * Keep-alive connections to GitHub. They honour `HTTPS_PROXY` and `NO_PROXY`. Plain HTTP, which only tests use, never
 * goes through a proxy.
 */
const getConnections = onePerProcess(
  'github connections',
  () => new undici.EnvHttpProxyAgent({ httpProxy: '' }),
);

/** The part of a `Response` that Octokit reads. */
type ShortResponse = {
  status: number;
  url: string;
  headers: ReadonlyMap<string, string>;
  text(): Promise<string>;
  /** Octokit calls this for a body that is neither JSON nor text. */
  arrayBuffer(): Promise<ArrayBuffer>;
};

type ShortRequest = { method: 'POST'; headers: Record<string, string>; body?: string; signal?: AbortSignal };

/**
 * Replaces `fetch` for Octokit's short JSON requests. It creates no web streams, so it takes a quarter of the CPU time.
 * It follows no redirects and does not decompress, so it forbids compression: without the header, any would be allowed.
 */
export async function fetchShort(
  url: string,
  { method, headers, body, signal }: ShortRequest,
): Promise<ShortResponse> {
  const sent = undici.request(url, {
    dispatcher: getConnections(),
    method,
    headers: { ...headers, 'accept-encoding': 'identity' },
    body: body ?? null,
    signal: signal ?? null,
  });
  const response = await (signal === undefined ? sent : unlessAborted(sent, signal));
  const received = new Map<string, string>();
  for (const [name, value] of Object.entries(response.headers))
    if (value !== undefined) received.set(name, typeof value === 'string' ? value : value.join(', '));
  return {
    status: response.statusCode,
    url,
    headers: received,
    text: () => response.body.text(),
    arrayBuffer: () => response.body.arrayBuffer(),
  };
}

/**
 * Rejects as soon as the signal aborts. `undici.request` rejects only once it has a connection, which may take minutes
 * through a proxy; it never sends an aborted request.
 */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/**
 * `fetch` on the same connections as {@link fetchShort}. Node's own ignores `HTTPS_PROXY`, so a token that was minted
 * through the proxy could not be revoked. It follows no redirect.
 *
 * @throws the actual cause, such as a proxy's refusal, which `fetch` wraps in errors that do not name it
 */
export async function fetchGitHub(url: string, options: undici.RequestInit): Promise<undici.Response> {
  try {
    return await undici.fetch(url, { ...options, redirect: 'manual', dispatcher: getConnections() });
  } catch (error) {
    let cause = error;
    while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
    throw cause;
  }
}

export type { Endpoints };

/** `event` or `event.action`, from Octokit's list, so that a misspelt name does not compile. */
export type WebhookEventName = EmitterWebhookEventName;

/**
 * Two Octokit instances: `asApp` signs its requests with `jwt`; requests through `plain` carry their own credential.
 */
type Octokits = { asApp: Octokit; plain: Octokit; jwt: AppJwtSource };

/**
 * Creates the Octokit instances for the configured GitHub and App. They neither follow redirects nor retry requests.
 *
 * The App JWT comes from `createJwt`, the `@octokit/auth-app` option for keys held outside the process
 * (docs/decisions/0015-octokit-app-signs-by-create-jwt.md). Never use `getInstallationOctokit`: it caches tokens.
 */
export function createOctokits(): Octokits {
  const { appId, clientId, apiUrl, signer } = getConfig().github;
  const jwt = createAppJwtSource([clientId, appId], createSigners(signer));
  const defaults = {
    baseUrl: apiUrl,
    userAgent: USER_AGENT,
    request: { retries: 0, redirect: 'manual' as const, fetch: fetchGitHub },
  };
  const app = new App({
    appId,
    privateKey: NO_KEY_HERE,
    log: OCTOKIT_LOG,
    Octokit: Octokit.defaults((options: { auth: { appId: number } }) => ({
      ...options,
      ...defaults,
      auth: { appId: options.auth.appId, createJwt: jwt.createJwt },
    })),
  });
  return { asApp: app.octokit, plain: new Octokit(defaults), jwt };
}

type Names = { clientId: string; slug: string };

/** The client id and slug in GitHub's spelling; empty until GitHub has returned them. */
const learned = onePerProcess<{ names?: Names }>('app names', () => ({}));

/** Returns the App's client id and slug, spelled as GitHub returned them. Before that, returns the configured ones. */
export function appNames(): Names {
  const { clientId, appSlug } = getConfig().github;
  return learned().names ?? { clientId, slug: appSlug };
}

const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/**
 * Compares the configured client id and slug with GitHub's, and remembers GitHub's spelling.
 *
 * @param app GitHub's response; older servers omit the client id
 * @returns `true` if the client id matches or is omitted; `false` if it belongs to another App. A different slug is
 *   only logged: the App may have been renamed, and the slug is used only in texts and links
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

/** Forgets the names learned from GitHub. For tests. */
export function forgetAppNames(): void {
  learned.forget();
}

/**
 * The JWT's `iat` is 60 s in the past and its `exp` 540 s ahead, to allow for clock skew. GitHub rejects a JWT whose
 * `exp` is more than 600 s ahead of GitHub's clock, or whose `iat` is in the future.
 *
 * @see
 *   https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
const ISSUED_SECONDS_AGO = 60;
const EXPIRES_IN_SECONDS = 540;
/** A JWT with less time left than this is replaced, so that it can't expire on its way to GitHub. */
const SPARE_SECONDS = 60;
/** Clock skew below this isn't corrected. */
const TOLERATED_SKEW_MS = 5000;

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = base64url({ alg: 'RS256', typ: 'JWT' });

export type AppJwtSource = {
  /** Returns the App JWT. Signs a new JWT shortly before the old one expires. Concurrent callers share the new JWT. */
  get(): Promise<string>;
  /**
   * Returns the App JWT for `@octokit/auth-app`, which calls again with `secondsAhead` if GitHub rejects the JWT's
   * `iat` or `exp`.
   *
   * @param secondsAhead how far GitHub's clock is ahead of ours; later JWTs allow for it too
   */
  createJwt(appId: unknown, secondsAhead?: number): Promise<{ jwt: string; expiresAt: string }>;
  /**
   * The number of changes to the clock correction, key and issuer. If it has changed since a request was signed, a
   * concurrent caller has already switched. This caller must then only retry, not switch again.
   */
  readonly revision: number;
  /**
   * Corrects for clock skew by GitHub's `Date` header, and drops the cached JWT.
   *
   * @returns `false` if the header is unreadable, or would change the correction by less than 5 s
   */
  correctClock(date: string | undefined): boolean;
  /**
   * Switches to the next key after GitHub rejected the current one.
   *
   * @returns `false` if there is only one key
   */
  takeNextKey(): boolean;
  /**
   * Switches to the next issuer.
   *
   * @returns `false` if no other issuer is left to try
   */
  takeNextIssuer(): boolean;
};

/**
 * Creates the source of the App JWT. The JWT stays in memory until it expires; installation tokens are never kept.
 *
 * @param issuers the names to try as `iss`, in this order: the client id, then the App id, which older servers require
 * @param signers one per key; more than one only during a key rotation
 */
export function createAppJwtSource(
  issuers: readonly (string | number)[],
  signers: readonly SignJwt[],
  now: () => number = () => Date.now(),
): AppJwtSource {
  let skewMs = 0;
  let key = 0;
  let issuer = 0;
  let revision = 0;
  let current: { jwt: Promise<string>; signedAt: number; usableUntil: number; expiresAt: string } | undefined;

  const change = () => {
    revision++;
    current = undefined;
    return true;
  };

  const setSkew = (ms: number) => {
    if (Math.abs(ms - skewMs) < TOLERATED_SKEW_MS) return false;
    skewMs = ms;
    return change();
  };

  const create = async (seconds: number): Promise<string> => {
    const signJwt = signers[key];
    if (signJwt === undefined) throw new Error('there is no key to sign with');
    const payload = {
      iss: issuers[issuer],
      iat: seconds - ISSUED_SECONDS_AGO,
      exp: seconds + EXPIRES_IN_SECONDS,
    };
    const signingInput = `${HEADER}.${base64url(payload)}`;
    return `${signingInput}.${(await signJwt(signingInput)).toString('base64url')}`;
  };

  const getCurrent = () => {
    const seconds = Math.floor((now() + skewMs) / 1000);
    // If our clock was set back, the cached JWT's times may now be too far ahead for GitHub, so sign a new JWT.
    if (current !== undefined && seconds >= current.signedAt && seconds < current.usableUntil) return current;
    const next = {
      jwt: create(seconds),
      signedAt: seconds,
      usableUntil: seconds + EXPIRES_IN_SECONDS - SPARE_SECONDS,
      expiresAt: new Date((seconds + EXPIRES_IN_SECONDS) * 1000).toISOString(),
    };
    next.jwt.catch(() => {
      if (current === next) current = undefined;
    });
    current = next;
    return next;
  };

  return {
    get: () => getCurrent().jwt,
    async createJwt(_appId, secondsAhead) {
      if (secondsAhead !== undefined) setSkew(secondsAhead * 1000);
      const { jwt, expiresAt } = getCurrent();
      return { jwt: await jwt, expiresAt };
    },
    get revision() {
      return revision;
    },
    correctClock(date) {
      const theirs = Date.parse(date ?? '');
      if (Number.isNaN(theirs)) return false;
      return setSkew(theirs - now());
    },
    takeNextKey() {
      if (signers.length < 2) return false;
      key = (key + 1) % signers.length;
      return change();
    },
    takeNextIssuer() {
      if (issuer + 1 >= issuers.length) return false;
      issuer++;
      return change();
    },
  };
}

/** Matches GitHub's rejection of a JWT signed by an unknown key. */
const REFUSED_SIGNATURE = /JSON web token could not be decoded/i;

/**
 * Matches GitHub's rejection of the issuer. GitHub has accepted a client id as issuer since May 2024; older servers
 * accept only the App id. GitHub also rejects a client id in the wrong letter case.
 *
 * @see https://github.blog/changelog/2024-05-01-github-apps-can-now-use-the-client-id-to-fetch-installation-tokens/
 */
const REFUSED_ISSUER = /'?issuer'? claim|Integration not found/i;

/** Matches rejections after which `@octokit/auth-app` has already corrected the clock and retried. */
const REPEATED_BY_OCTOKIT =
  /'Expiration time' claim \('exp'\) (is too far in|must be a numeric)|'Issued at' claim \('iat'\) must be an Integer representing/;

/**
 * Switches the key or issuer, or corrects the clock, after GitHub rejected the App JWT. Such a rejection means that
 * GitHub did nothing, so even a mint can safely be retried.
 *
 * @param revision the JWT source's revision when the request was signed
 * @returns `true` if the request should be retried
 */
export function changeRefusedAppJwt(error: unknown, jwt: AppJwtSource, revision: number): boolean {
  if (!isRequestError(error)) return false;
  const { status, message, response } = error;
  const change =
    (status === 401 || status === 404) && REFUSED_ISSUER.test(message)
      ? () => jwt.takeNextIssuer()
      : status === 401 && REFUSED_SIGNATURE.test(message)
        ? () => jwt.takeNextKey()
        : status === 401 && REFUSED_TIMES.test(message) && !REPEATED_BY_OCTOKIT.test(message)
          ? () => jwt.correctClock(response?.headers.date)
          : undefined;
  if (change === undefined) return false;
  return jwt.revision !== revision || change();
}
