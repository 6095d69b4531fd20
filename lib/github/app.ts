import { App } from '@octokit/app';
import { Octokit } from '@octokit/core';
import type { Endpoints } from '@octokit/types';
import type { EmitterWebhookEventName } from '@octokit/webhooks';
import { onePerProcess } from '../async';
import { getConfig } from '../config';
import { log } from '../observability/log';
import { fetchOutgoing } from './connections';
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
    request: { retries: 0, redirect: 'manual' as const, fetch: fetchOutgoing },
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
  /** Uses these keys from now on. A request that was signed with an old key is signed again if GitHub rejects it. */
  replaceSigners(signers: readonly SignJwt[]): void;
};

/**
 * Creates the source of the App JWT. The JWT stays in memory until it expires; installation tokens are never kept.
 *
 * @param issuers the names to try as `iss`, in this order: the client id, then the App id, which older servers require
 * @param initialSigners one per key; more than one only during a key rotation
 */
export function createAppJwtSource(
  issuers: readonly (string | number)[],
  initialSigners: readonly SignJwt[],
  now: () => number = () => Date.now(),
): AppJwtSource {
  let signers = initialSigners;
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
    replaceSigners(replacements) {
      signers = replacements;
      key = 0;
      change();
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
