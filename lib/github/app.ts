import { App } from '@octokit/app';
import { Octokit } from '@octokit/core';
import type { Endpoints } from '@octokit/types';
import type { EmitterWebhookEventName } from '@octokit/webhooks';
import { onePerProcess } from '../async';
import { getConfig } from '../config';
import { log } from '../observability/log';
import { isRequestError } from './errors';
import { REFUSED_TIMES } from './recognise';
import { createSigners, type SignJwt } from './signers';

/** `App` requires a private key, although its authentication also takes a signer: octokit/app.js#484. */
const NO_KEY_HERE = '';

/** Logs Octokit's own lines at `debug`, because it warns of a clock that is corrected. */
const toDebug = (message: string) => log.debug(message);
const OCTOKIT_LOG = { debug: toDebug, info: toDebug, warn: toDebug, error: toDebug };

/** Sent with every request, because GitHub requires one. The offline GitHub checks requests that carry it. */
export const USER_AGENT = 'pulsestream-github-control-plane';

export type { Endpoints };

/** `event` or `event.action`, from Octokit's list, so that a misspelt name does not compile. */
export type WebhookEventName = EmitterWebhookEventName;

/** Octokit for calls as the App, which signs by `jwt`, and for calls that carry their own credential. */
type Octokits = { asApp: Octokit; plain: Octokit; jwt: AppJwtSource };

/**
 * Creates Octokit for the configured GitHub and App. No redirect is followed and no request is repeated.
 *
 * The App's signature comes from `createJwt`, which `@octokit/auth-app` offers for keys outside the process
 * (docs/decisions/0015-octokit-app-signs-by-create-jwt.md). Never use `getInstallationOctokit`: it caches tokens.
 */
export function createOctokits(): Octokits {
  const { appId, clientId, apiUrl, signer } = getConfig().github;
  const jwt = createAppJwtSource([clientId, appId], createSigners(signer));
  const defaults = {
    baseUrl: apiUrl,
    userAgent: USER_AGENT,
    request: { retries: 0, redirect: 'manual' as const },
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

/** The names in GitHub's letter case, once GitHub has returned them. */
const learned = onePerProcess<{ names?: Names }>('app names', () => ({}));

/** Returns the App's client id and slug as configured, in GitHub's letter case once it is known. */
export function appNames(): Names {
  const { clientId, appSlug } = getConfig().github;
  return learned().names ?? { clientId, slug: appSlug };
}

const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/**
 * Compares the configured names with GitHub's.
 *
 * @param app GitHub's response; older servers omit the client id
 * @returns `false` if the client id is another App's. A different slug is only logged, because the App may have been
 *   renamed and the slug serves texts and links alone
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

/** Forgets the names that GitHub has returned. For tests. */
export function forgetAppNames(): void {
  learned.forget();
}

/**
 * GitHub rejects an `exp` more than 600 s ahead of its own clock, and an `iat` in its future.
 *
 * @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
const ISSUED_SECONDS_AGO = 60;
const EXPIRES_IN_SECONDS = 540;
/** A JWT that expires sooner is not used, so that it cannot expire on its way. */
const SPARE_SECONDS = 60;
/** A smaller difference between the clocks is not corrected. */
const TOLERATED_SKEW_MS = 5000;

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = base64url({ alg: 'RS256', typ: 'JWT' });

export type AppJwtSource = {
  /** Returns the App JWT. It is signed anew shortly before it expires; concurrent callers share one signature. */
  get(): Promise<string>;
  /**
   * Returns the App JWT to `@octokit/auth-app`, which calls again after a rejection of its times.
   *
   * @param secondsAhead how far GitHub's clock is ahead of ours; kept for all later calls
   */
  createJwt(appId: unknown, secondsAhead?: number): Promise<{ jwt: string; expiresAt: string }>;
  /**
   * Counts the changes of clock, key and issuer. A caller that was rejected with an older revision changes nothing,
   * because a concurrent caller has done so.
   */
  readonly revision: number;
  /** Sets the clock by GitHub's `Date` header and drops the JWT. @returns whether the clock was off by 5 s or more */
  correctClock(date: string | undefined): boolean;
  /** Switches to the next key, after GitHub rejected the current one. @returns `false` if there is only one */
  takeNextKey(): boolean;
  /** Switches to the App's next issuer. @returns `false` if none is left */
  takeNextIssuer(): boolean;
};

/**
 * Creates the source of the App JWT, which is kept in memory for its life. Installation tokens never are.
 *
 * @param issuers names of the App in the order of their use: the client id, then the App id, which older servers require
 * @param signers one for each key; more than one only during a rotation
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
    // After the clock was set back, GitHub may hold the times of an older JWT for too far ahead.
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

/** Matches GitHub's answer to an unknown key. */
const REFUSED_SIGNATURE = /JSON web token could not be decoded/i;

/**
 * Matches GitHub's answer to the name of the App. GitHub accepts a client id as issuer since May 2024, older servers
 * only the App id. A client id in other letter case is unknown, too.
 *
 * @see https://github.blog/changelog/2024-05-01-github-apps-can-now-use-the-client-id-to-fetch-installation-tokens/
 */
const REFUSED_ISSUER = /'?issuer'? claim|Integration not found/i;

/** Matches the answers after which `@octokit/auth-app` has corrected the clock and repeated the request already. */
const REPEATED_BY_OCTOKIT =
  /'Expiration time' claim \('exp'\) (is too far in|must be a numeric)|'Issued at' claim \('iat'\) must be an Integer representing/;

/**
 * Changes key, issuer or clock of an App JWT that GitHub rejected. Nothing was done then, so a repeated mint is safe.
 *
 * @param revision of the App JWT before the request
 * @returns whether the request is worth repeating
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
