/** The only importer of Octokit: how this process talks to GitHub, as whom. */
import { App } from '@octokit/app';
import { Octokit } from '@octokit/core';
import { RequestError } from '@octokit/request-error';
import type { Endpoints } from '@octokit/types';
import { getConfig } from '../config';
import { type AppJwtSource, createAppJwtSource } from './app-jwt';
import { GitHubError, toGitHubError } from './error';
import { createSigners } from './signer';

/** The credential of a call. An `App` call is signed with the App JWT; the others carry what they are given. */
export type Credential =
  | { as: 'app' }
  | { as: 'installation' | 'user'; token: string }
  /** Client id and client secret, for the endpoints that manage users' tokens. */
  | { as: 'client' };

type GitHub = { octokit: Octokit; app: App; jwt: AppJwtSource; apiUrl: string; clientAuthorization: string };

const shared = globalThis as typeof globalThis & { pulsestreamGitHub?: GitHub };

const API_VERSION = '2022-11-28';
const USER_AGENT = 'pulsestream-github-control-plane';

function createGitHub(): GitHub {
  const { github } = getConfig();
  const jwt = createAppJwtSource(github.clientId, createSigners(github.signer));
  const base = { baseUrl: github.apiUrl, userAgent: USER_AGENT, request: { retries: 0 } };

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
  const client = Buffer.from(`${github.clientId}:${github.clientSecret}`).toString('base64');
  return {
    app,
    jwt,
    octokit: new Octokit(base),
    apiUrl: github.apiUrl,
    clientAuthorization: `basic ${client}`,
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

/** GitHub's two refusals of the App JWT itself; nothing was done then, so the call may be repeated. */
const REFUSED_TIMES = /'?(Expiration time|Issued at)'? claim|time that the assertion/i;
const REFUSED_SIGNATURE = /JSON web token could not be decoded/i;

/** Mends what GitHub refused the App JWT for. @returns whether it is worth another attempt */
function mendAppJwt(error: unknown, jwt: AppJwtSource, revision: number): boolean {
  if (!(error instanceof RequestError) || error.status !== 401) return false;
  const times = REFUSED_TIMES.test(error.message);
  if (!times && !REFUSED_SIGNATURE.test(error.message)) return false;
  if (jwt.revision !== revision) return true;
  return times ? jwt.correctClock(error.response?.headers.date) : jwt.takeNextKey();
}

/** Bodies and query of a route, without the things that this module sets. */
export type Parameters<R extends keyof Endpoints> = Omit<
  Endpoints[R]['parameters'],
  'baseUrl' | 'headers' | 'mediaType'
>;

/**
 * One call to GitHub, one attempt. Only a refusal of the App JWT is repeated, once: with the clock corrected by
 * GitHub's `Date`, or with the other key while keys are rotated.
 *
 * @throws {GitHubError} whatever went wrong; after `GITHUB_TIMEOUT_MS` at the latest (`unavailable`)
 */
export async function callGitHub<R extends keyof Endpoints>(
  credential: Credential,
  route: R,
  parameters: Parameters<R>,
): Promise<Endpoints[R]['response']> {
  const github = getGitHub();
  const octokit = credential.as === 'app' ? github.app.octokit : github.octokit;
  const signal = AbortSignal.timeout(getConfig().github.timeoutMs);
  const send = () =>
    octokit.request(route, {
      ...parameters,
      headers: { 'x-github-api-version': API_VERSION, ...authorization(credential, github) },
      request: { signal },
    } as never) as Promise<Endpoints[R]['response']>;
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

function authorization(credential: Credential, github: GitHub): { authorization?: string } {
  switch (credential.as) {
    case 'app':
      return {};
    case 'installation':
    case 'user':
      return { authorization: `bearer ${credential.token}` };
    case 'client':
      return { authorization: github.clientAuthorization };
  }
}

/** For answers that are not what GitHub documents: an HTML page with status 200, a list without its count. */
export function unexpectedAnswer(route: string, status: number): GitHubError {
  return new GitHubError('unexpected', route, status, undefined, new Error('unexpected shape'));
}

/** The App JWT itself, to see that the key signs. @throws what the signer throws */
export function getAppJwt(): Promise<string> {
  return getGitHub().jwt.get();
}
