/** Sends requests to GitHub with a credential and a deadline, and counts their outcomes. */
import { createHash } from 'node:crypto';
import { onePerProcess } from '../async';
import { getConfig } from '../config';
import { causeRow } from '../contract/github-causes';
import { log } from '../observability/log';
import { metrics } from '../observability/metrics';
import { appNames, changeRefusedAppJwt, createOctokits, type Endpoints } from './app';
import type { RouteClass } from './circuits';
import { GitHubError, gitHubError, rejectionOf, toGitHubError } from './errors';
import { Traffic } from './traffic';

/** The credential of a call. Calls as the App carry the App JWT. */
export type Credential =
  | { as: 'app' }
  /** Calls that name their installation are counted together, as GitHub counts them. */
  | { as: 'installation'; token: string; installationId?: number }
  | { as: 'user'; token: string }
  /** Client id and client secret, for the endpoints that manage users' tokens. */
  | { as: 'client' };

type GitHub = ReturnType<typeof createOctokits> & {
  traffic: Traffic;
  /** Calls to GitHub's web origin, where users' codes are exchanged. */
  webTraffic: Traffic;
};

const getGitHub = onePerProcess('github', createGitHub);

const API_VERSION = '2022-11-28';

function createGitHub(): GitHub {
  const { apiUrl, webUrl } = getConfig().github;
  const traffic = new Traffic('api');
  // On GitHub Enterprise Server, the two URLs differ in their path only.
  const isOneHost = new URL(apiUrl).host === new URL(webUrl).host;
  return { ...createOctokits(), traffic, webTraffic: isOneHost ? traffic : new Traffic('web') };
}

/** Forgets the App JWT and GitHub's last state. For tests. */
export function forgetGitHub(): void {
  getGitHub.forget();
}

/** Body and query of a route, without what this module sets. */
type Parameters<R extends keyof Endpoints> = Omit<
  Endpoints[R]['parameters'],
  'baseUrl' | 'headers' | 'mediaType'
>;

/** The purpose of a call, where the route does not tell. */
export type Purpose = {
  /** No caller waits for the token of a sync. */
  routeClass?: RouteClass;
  /** The workspace that causes the call. Its slow calls leave slots to others. */
  tenant?: string | undefined;
};

/** Routes that are never throttled: a token must not live on because other calls wait. */
const NEVER_HELD_BACK: ReadonlySet<string> = new Set([
  'DELETE /installation/token',
  'DELETE /applications/{client_id}/token',
]);

/**
 * Sends one request when {@link Traffic} lets it through. It is repeated only after a rejection of the App JWT: by
 * Octokit with a corrected clock, here with another key or issuer.
 *
 * @throws {GitHubError} for every failure; after `GITHUB_TIMEOUT_MS` at the latest (`unavailable`), at most half of
 *   it spent waiting for a slot
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
  return countCall(
    route,
    () => sendOnce(github, credential, route, parameters, signal),
    (attempt) => (NEVER_HELD_BACK.has(route) ? attempt() : github.traffic.run(call, attempt)),
  );
}

/**
 * Sends one request to GitHub's web origin. The two hosts have circuits of their own: while one is down, its calls
 * fail immediately, and the other's do not.
 *
 * @param send throws a {@link GitHubError} for every failure
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
  return countCall(
    route,
    () => send(signal),
    (attempt) => getGitHub().webTraffic.run(call, attempt),
  );
}

/** Counts the outcome of a call, and the time that GitHub took if the request was sent. */
async function countCall<T>(
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

/**
 * Counts an outcome and logs a rejection by its cause. Only a fault of the operator is an error, and so an alarm.
 * GitHub's words are for the log alone.
 *
 * @param asked whether the request left this process
 */
function noteOutcome(route: string, asked: boolean, error?: unknown): void {
  const outcome =
    error === undefined ? 'ok' : error instanceof GitHubError ? error.kind : ('unexpected' as const);
  metrics.githubCalls.inc({ route, outcome, asked: asked ? 'yes' : 'no' });
  if (error === undefined || !(error instanceof GitHubError)) return;
  const { fault, level } = causeRow(error.reason);
  metrics.githubRefusals.inc({ cause: error.reason, fault });
  const { reason, status, retryAfterSeconds, details } = error;
  // A request that was not sent is not news.
  if (!asked && fault !== 'operator') return;
  log[level](
    { cause: reason, fault, route, status, retryAfterSeconds, words: details.words },
    fault === 'operator'
      ? 'GitHub refuses this App, or cannot be reached from here: the operator has to act'
      : 'GitHub did not do what was asked',
  );
}

/** Signs before the request is sent, so that a fault of the signer does not count as GitHub's. */
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
  const octokit = credential.as === 'app' ? github.asApp : github.plain;
  const send = async () => {
    const answer = (await octokit.request(route, {
      ...parameters,
      headers: { 'x-github-api-version': API_VERSION, ...authorization(credential) },
      request: { signal },
    } as never)) as Endpoints[R]['response'];
    // A redirect is not followed. It counts as a rejection.
    if (answer.status >= 300) throw rejectionOf(route, answer);
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

/** Returns the header that carries the credential; none for the App, whose Octokit signs by itself. */
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

function clientCredentials(): string {
  const { clientSecret } = getConfig().github;
  return Buffer.from(`${appNames().clientId}:${clientSecret}`).toString('base64');
}

/** Returns the key under which GitHub counts calls together. The App's own calls are few and have none. */
function bucketOf(credential: Credential, parameters: object): string | undefined {
  const { installation_id } = parameters as { installation_id?: unknown };
  if (credential.as === 'app' && installation_id !== undefined) return `app:${installation_id}`;
  if (credential.as === 'installation' && credential.installationId !== undefined)
    return `installation:${credential.installationId}`;
  if (credential.as === 'user')
    return `user:${createHash('sha256').update(credential.token).digest('base64url').slice(0, 16)}`;
  return undefined;
}

/** Returns the class of a call by its credential, where the caller names no purpose. */
function routeClassOf(credential: Credential, parameters: object): RouteClass {
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

/** Returns the error for a response that GitHub does not document: an HTML page with status 200, a list without count. */
export function unexpectedAnswer(route: string, status: number): GitHubError {
  return gitHubError('unreadable_answer', route, status, { cause: new Error('unexpected shape') });
}

/** Returns the App JWT, to check that the key signs. @throws the signer's error */
export function getAppJwt(): Promise<string> {
  return getGitHub().jwt.get();
}
