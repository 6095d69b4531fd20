/** The only importer of Octokit: how this process talks to GitHub, as whom. */
import { createHash } from 'node:crypto';
import { App } from '@octokit/app';
import { Octokit } from '@octokit/core';
import type { Endpoints } from '@octokit/types';
import { getConfig } from '../config';
import { metrics } from '../observability/metrics';
import { type AppJwtSource, createAppJwtSource } from './app-jwt';
import { appNames } from './app-names';
import { type GitHubError, gitHubError, isRequestError, refusal, toGitHubError } from './error';
import { REFUSED_TIMES } from './recognise';
import { createSigners } from './signer';
import { noteOutcome } from './told';
import type { RouteClass } from './traffic/circuits';
import { Traffic } from './traffic/traffic';
import { USER_AGENT } from './user-agent';

/** The credential of a call. An `App` call is signed with the App JWT; the others carry what they are given. */
export type Credential =
  | { as: 'app' }
  /** With the installation its calls are counted together, as GitHub does. */
  | { as: 'installation'; token: string; installationId?: number }
  | { as: 'user'; token: string }
  /** Client id and client secret, for the endpoints that manage users' tokens. */
  | { as: 'client' };

type GitHub = {
  octokit: Octokit;
  app: App;
  jwt: AppJwtSource;
  traffic: Traffic;
  /** Of GitHub's web origin, where users' codes are exchanged. */
  webTraffic: Traffic;
};

const shared = globalThis as typeof globalThis & { pulsestreamGitHub?: GitHub };

const API_VERSION = '2022-11-28';

function createGitHub(): GitHub {
  const { github } = getConfig();
  const jwt = createAppJwtSource([github.clientId, github.appId], createSigners(github.signer));
  const base = {
    baseUrl: github.apiUrl,
    userAgent: USER_AGENT,
    request: { retries: 0, redirect: 'manual' as const },
  };

  /**
   * `@octokit/app` hands its own strategy to the class it is given, which would sign anew for every request and
   * cache installation tokens. This class puts ours in its place: one App JWT, kept for its life, and no cache.
   */
  class AppOctokit extends Octokit {
    constructor(options: ConstructorParameters<typeof Octokit>[0] = {}) {
      super({
        ...base,
        authStrategy: () => appJwtStrategy(jwt),
        ...(options.log ? { log: options.log } : {}),
      });
    }
  }
  const app = new App({ appId: github.appId, privateKey: 'unused: AppOctokit signs', Octokit: AppOctokit });
  const traffic = new Traffic('api');
  // One host, one state: on GitHub Enterprise Server the two differ in their path only.
  const isOneHost = new URL(github.apiUrl).host === new URL(github.webUrl).host;
  return {
    app,
    jwt,
    octokit: new Octokit(base),
    traffic,
    webTraffic: isOneHost ? traffic : new Traffic('web'),
  };
}

/** An Octokit authentication strategy: puts the App JWT on each request. */
function appJwtStrategy(jwt: AppJwtSource) {
  const auth = async () => ({ type: 'app', token: await jwt.get() });
  const hook = async (
    request: (options: unknown) => Promise<unknown>,
    options: { headers: Record<string, string> },
  ) => {
    options.headers.authorization = `bearer ${await jwt.get()}`;
    return request(options);
  };
  return Object.assign(auth, { hook });
}

function getGitHub(): GitHub {
  shared.pulsestreamGitHub ??= createGitHub();
  return shared.pulsestreamGitHub;
}

/** Forgets the App JWT and whatever is known of GitHub's state. For tests. */
export function forgetGitHub(): void {
  delete shared.pulsestreamGitHub;
}

/** GitHub's refusals of the App JWT itself; nothing was done then, so the call may be repeated. */
const REFUSED_SIGNATURE = /JSON web token could not be decoded/i;
/**
 * GitHub accepts a client id as issuer since May 2024, and servers of an older version the App id only. A client id in
 * other letters is no App's either.
 *
 * @see https://github.blog/changelog/2024-05-01-github-apps-can-now-use-the-client-id-to-fetch-installation-tokens/
 */
const REFUSED_ISSUER = /'?issuer'? claim|Integration not found/i;

/** Mends what GitHub refused the App JWT for. @returns whether it is worth another attempt */
function mendAppJwt(error: unknown, jwt: AppJwtSource, revision: number): boolean {
  if (!isRequestError(error)) return false;
  const refused = (pattern: RegExp) => pattern.test(error.message);
  const mend =
    (error.status === 401 || error.status === 404) && refused(REFUSED_ISSUER)
      ? () => jwt.takeNextIssuer()
      : error.status === 401 && refused(REFUSED_TIMES)
        ? () => jwt.correctClock(error.response?.headers.date)
        : error.status === 401 && refused(REFUSED_SIGNATURE)
          ? () => jwt.takeNextKey()
          : undefined;
  if (mend === undefined) return false;
  return jwt.revision !== revision || mend();
}

/** Bodies and query of a route, without the things that this module sets. */
type Parameters<R extends keyof Endpoints> = Omit<
  Endpoints[R]['parameters'],
  'baseUrl' | 'headers' | 'mediaType'
>;

/** What a call is for, where the route does not tell. */
export type Purpose = {
  /** A sync's own token is no mint that a caller waits for. */
  routeClass?: RouteClass;
  /** The workspace that causes the call: its slow calls leave slots to others. */
  tenant?: string | undefined;
};

/** Revoking makes nothing worse, and what it ends must not live on because others wait: it is never held back. */
const NEVER_HELD_BACK: ReadonlySet<string> = new Set([
  'DELETE /installation/token',
  'DELETE /applications/{client_id}/token',
]);

/**
 * One call to GitHub, one attempt, when {@link Traffic} lets it through. Only a refusal of the App JWT is repeated,
 * once: with the clock corrected by GitHub's `Date`, or with the other key while keys are rotated.
 *
 * @throws {GitHubError} whatever went wrong; after `GITHUB_TIMEOUT_MS` at the latest (`unavailable`), at most half
 *   of it spent waiting for a place
 */
export async function callGitHub<R extends keyof Endpoints>(
  credential: Credential,
  route: R,
  parameters: Parameters<R>,
  purpose: Purpose = {},
): Promise<Endpoints[R]['response']> {
  const github = getGitHub();
  const { timeoutMs } = getConfig().github;
  const signal = AbortSignal.timeout(timeoutMs);
  if (credential.as === 'app') await assertSigned(github, route);
  const call = {
    route,
    routeClass: purpose.routeClass ?? classOf(credential, parameters),
    bucket: bucketOf(credential, parameters),
    tenant: purpose.tenant,
    queueMs: timeoutMs / 2,
  };
  return counted(
    route,
    () => sendOnce(github, credential, route, parameters, signal),
    (attempt) => (NEVER_HELD_BACK.has(route) ? attempt() : github.traffic.run(call, attempt)),
  );
}

/**
 * One call to GitHub's web origin, one attempt. It fails at once while that host is down, whatever the API's host does,
 * and the other way round.
 *
 * @param send throws a {@link GitHubError} for whatever goes wrong
 */
export async function callGitHubWeb<T>(route: string, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { timeoutMs } = getConfig().github;
  const signal = AbortSignal.timeout(timeoutMs);
  const call = {
    route,
    routeClass: 'connect' as const,
    bucket: undefined,
    tenant: undefined,
    queueMs: timeoutMs / 2,
  };
  return counted(
    route,
    () => send(signal),
    (attempt) => getGitHub().webTraffic.run(call, attempt),
  );
}

/** Counts what became of a call, and how long GitHub took if it was asked. */
async function counted<T>(
  route: string,
  send: () => Promise<T>,
  guard: (attempt: () => Promise<T>) => Promise<T>,
): Promise<T> {
  let asked = false;
  const attempt = () => {
    asked = true;
    const observe = metrics.githubSeconds.startTimer({ route });
    return send().finally(observe);
  };
  try {
    const answer = await guard(attempt);
    noteOutcome(route, asked);
    return answer;
  } catch (error) {
    noteOutcome(route, asked, error);
    throw error;
  }
}

/** Signed before anything is asked, so that a fault of the signer is not taken for one of GitHub. */
async function assertSigned({ jwt }: GitHub, route: string): Promise<void> {
  await jwt.get().catch((error: unknown) => {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const failed = gitHubError('signer_failed', route, null, { cause: new Error(text) });
    noteOutcome(route, false, failed);
    throw failed;
  });
}

/** What GitHub counts together; calls of the App itself are few. */
function bucketOf(credential: Credential, parameters: object): string | undefined {
  const { installation_id } = parameters as { installation_id?: unknown };
  if (credential.as === 'app' && installation_id !== undefined) return `app:${installation_id}`;
  if (credential.as === 'installation' && credential.installationId !== undefined)
    return `installation:${credential.installationId}`;
  if (credential.as === 'user')
    return `user:${createHash('sha256').update(credential.token).digest('base64url').slice(0, 16)}`;
  return undefined;
}

function classOf(credential: Credential, parameters: object): RouteClass {
  switch (credential.as) {
    case 'user':
    case 'client':
      return 'connect';
    case 'installation':
      return 'sync';
    case 'app':
      return 'installation_id' in parameters ? 'sync' : 'app';
  }
}

async function sendOnce<R extends keyof Endpoints>(
  github: GitHub,
  credential: Credential,
  route: R,
  parameters: Parameters<R>,
  signal: AbortSignal,
): Promise<Endpoints[R]['response']> {
  const octokit = credential.as === 'app' ? github.app.octokit : github.octokit;
  const send = async () => {
    const answer = (await octokit.request(route, {
      ...parameters,
      headers: { 'x-github-api-version': API_VERSION, ...authorization(credential) },
      request: { signal },
    } as never)) as Endpoints[R]['response'];
    // A redirect is not followed: it is a refusal like any other.
    if (answer.status >= 300) throw refusal(route, answer);
    return answer;
  };
  const { revision } = github.jwt;
  try {
    return await send();
  } catch (error) {
    if (credential.as !== 'app' || !mendAppJwt(error, github.jwt, revision))
      throw toGitHubError(route, error);
    return await send().catch((second: unknown) => {
      throw toGitHubError(route, second);
    });
  }
}

function clientCredentials(): string {
  const { clientSecret } = getConfig().github;
  return Buffer.from(`${appNames().clientId}:${clientSecret}`).toString('base64');
}

function authorization(credential: Credential): { authorization?: string } {
  switch (credential.as) {
    case 'app':
      return {};
    case 'installation':
    case 'user':
      return { authorization: `bearer ${credential.token}` };
    case 'client':
      return { authorization: `basic ${clientCredentials()}` };
  }
}

/** For answers that are not what GitHub documents: an HTML page with status 200, a list without its count. */
export function unexpectedAnswer(route: string, status: number): GitHubError {
  return gitHubError('unreadable_answer', route, status, { cause: new Error('unexpected shape') });
}

/** The App JWT itself, to see that the key signs. @throws what the signer throws */
export function getAppJwt(): Promise<string> {
  return getGitHub().jwt.get();
}
