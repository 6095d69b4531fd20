/** The only importer of Octokit: how this process talks to GitHub, as whom. */
import { Octokit } from '@octokit/core';
import type { Endpoints } from '@octokit/types';
import { getConfig } from '../config';
import { metrics } from '../observability/metrics';
import { createApp } from './app';
import { type AppJwtSource, createAppJwtSource } from './app-jwt';
import { authorization, bucketOf, type Credential, routeClassOf } from './credential';
import { type GitHubError, gitHubError, refusal, toGitHubError } from './error';
import { changeRefusedAppJwt } from './refused-app-jwt';
import { createSigners } from './signer';
import { noteOutcome } from './told';
import type { RouteClass } from './traffic/circuits';
import { Traffic } from './traffic/traffic';
import { USER_AGENT } from './user-agent';

type GitHub = {
  /** Signs with the App JWT. */
  appOctokit: Octokit;
  /** Sends the credential that a call carries. */
  octokit: Octokit;
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

  const traffic = new Traffic('api');
  // One host, one state: on GitHub Enterprise Server the two differ in their path only.
  const isOneHost = new URL(github.apiUrl).host === new URL(github.webUrl).host;
  return {
    appOctokit: createApp(github.appId, jwt, base).octokit,
    jwt,
    octokit: new Octokit(base),
    traffic,
    webTraffic: isOneHost ? traffic : new Traffic('web'),
  };
}

function getGitHub(): GitHub {
  shared.pulsestreamGitHub ??= createGitHub();
  return shared.pulsestreamGitHub;
}

/** Forgets the App JWT and whatever is known of GitHub's state. For tests. */
export function forgetGitHub(): void {
  delete shared.pulsestreamGitHub;
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
    routeClass: purpose.routeClass ?? routeClassOf(credential, parameters),
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

async function sendOnce<R extends keyof Endpoints>(
  github: GitHub,
  credential: Credential,
  route: R,
  parameters: Parameters<R>,
  signal: AbortSignal,
): Promise<Endpoints[R]['response']> {
  const octokit = credential.as === 'app' ? github.appOctokit : github.octokit;
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
    if (credential.as !== 'app' || !changeRefusedAppJwt(error, github.jwt, revision))
      throw toGitHubError(route, error);
    return await send().catch((second: unknown) => {
      throw toGitHubError(route, second);
    });
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
