/** Sends requests to GitHub with a credential and a deadline, and counts their outcomes. */
import { createHash } from 'node:crypto';
import { onePerProcess } from '../async';
import { getConfig } from '../config';
import { causeRow } from '../contract/github-causes';
import { log } from '../observability/log';
import { metrics } from '../observability/metrics';
import { inClientSpan } from '../observability/tracing';
import { appNames, changeRefusedAppJwt, createOctokits, type Endpoints } from './app';
import type { RouteClass } from './circuits';
import { fetchShort } from './connections';
import { GitHubError, gitHubError, rejectionOf, toGitHubError } from './errors';
import type { SignJwt } from './signers';
import { Traffic } from './traffic';

/** The credential that a request carries; for `app`, the App JWT. */
export type Credential =
  | { as: 'app' }
  /** Calls with the same `installationId` share a bucket, because GitHub rate-limits them together. */
  | { as: 'installation'; token: string; installationId?: number }
  | { as: 'user'; token: string }
  /** Client id and client secret, for the endpoints that manage user tokens. */
  | { as: 'client' };

type GitHub = ReturnType<typeof createOctokits> & {
  traffic: Traffic;
  /** Calls to GitHub's web origin, where users' authorization codes are exchanged for tokens. */
  webTraffic: Traffic;
};

const getGitHub = onePerProcess('github', createGitHub);

const API_VERSION = '2022-11-28';

function createGitHub(): GitHub {
  const { apiUrl, webUrl } = getConfig().github;
  const traffic = new Traffic('api');
  // On GitHub Enterprise Server, the two URLs have the same host and differ only in their path.
  const isOneHost = new URL(apiUrl).host === new URL(webUrl).host;
  return { ...createOctokits(), traffic, webTraffic: isOneHost ? traffic : new Traffic('web') };
}

/** Drops the Octokit instances, the App JWT, and all open circuits and waits. For tests. */
export function forgetGitHub(): void {
  getGitHub.forget();
}

/** Signs with these keys from now on. Keeps all circuits, waits and calls in flight. */
export function replaceAppKeys(signers: readonly SignJwt[]): void {
  getGitHub().jwt.replaceSigners(signers);
}

/** A route's parameters, without the base URL and headers, which this module sets. */
type Parameters<R extends keyof Endpoints> = Omit<
  Endpoints[R]['parameters'],
  'baseUrl' | 'headers' | 'mediaType'
>;

/** The purpose of a call, where its route alone doesn't show it. */
export type Purpose = {
  /**
   * Overrides the class derived from the credential. For example, a sync mints a token too, but in the class `sync`,
   * because no caller is waiting for that token.
   */
  routeClass?: RouteClass;
  /**
   * The workspace that the call is made for. Slots are divided among workspaces, so one workspace's slow calls can't
   * take another's slots.
   */
  tenant?: string | undefined;
  /** True if a 404 answers the caller's question, so it isn't logged as a failure. */
  asksIfExists?: boolean;
};

/** Routes that are never throttled, because revoking a token must not wait for other calls. */
const NEVER_HELD_BACK: ReadonlySet<string> = new Set([
  'DELETE /installation/token',
  'DELETE /applications/{client_id}/token',
]);

/** Frequent routes with short requests and responses. They go through {@link fetchShort}, which takes less CPU time. */
const SHORT: ReadonlySet<string> = new Set<keyof Endpoints>([
  'POST /app/installations/{installation_id}/access_tokens',
  'GET /app/installations/{installation_id}',
  'GET /app',
]);

/**
 * Sends one request as soon as {@link Traffic} lets it through. A request is retried only if GitHub rejected the App
 * JWT: with a corrected clock, another key or another issuer.
 *
 * @throws {GitHubError} for every failure; `unavailable` if there is no response within `GITHUB_TIMEOUT_MS`. At most
 *   half of that time is spent waiting for a slot
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
    purpose.asksIfExists,
  );
}

/**
 * Sends one request to GitHub's web origin. If the API is on a different host, each host has its own circuits, so an
 * outage of one host does not block calls to the other.
 *
 * @param send must throw a {@link GitHubError} for every failure
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

/** Counts the call's outcome. If the request was sent, also measures GitHub's response time. */
async function countCall<T>(
  route: string,
  send: () => Promise<T>,
  guard: (attempt: () => Promise<T>) => Promise<T>,
  asksIfExists = false,
): Promise<T> {
  let asked = false;
  const attempt = () => {
    asked = true;
    const observe = metrics.githubSeconds.startTimer({ route });
    return inClientSpan(() => describeCall(route), send).finally(observe);
  };
  try {
    const answer = await guard(attempt);
    noteOutcome(route, asked);
    return answer;
  } catch (error) {
    noteOutcome(route, asked, error, asksIfExists);
    throw error;
  }
}

/** Describes a call for its span. The connections add the status and the URL of what was sent. */
function describeCall(route: string) {
  const [method = '', template = ''] = route.split(' ');
  const attributes = { 'http.request.method': method, 'url.template': template };
  return { name: route, attributes };
}

/**
 * Counts an outcome, and logs a rejection with its cause. Only a cause that the operator must fix is logged as an
 * error, because errors raise an alarm. GitHub's own message goes only to the log.
 *
 * @param asked true if the request left this process
 * @param asksIfExists true if a 404 is a normal answer
 */
function noteOutcome(route: string, asked: boolean, error?: unknown, asksIfExists = false): void {
  const outcome =
    error === undefined ? 'ok' : error instanceof GitHubError ? error.kind : ('unexpected' as const);
  metrics.githubCalls.inc({ route, outcome, asked: asked ? 'yes' : 'no' });
  if (error === undefined || !(error instanceof GitHubError)) return;
  const { fault, level } = causeRow(error.reason);
  metrics.githubRefusals.inc({ cause: error.reason, fault });
  const { reason, status, retryAfterSeconds, details } = error;
  // Calls that we held back ourselves would flood the log. So if the request never left this process, log the failure
  // only if the operator must act.
  if (!asked && fault !== 'operator') return;
  if (asksIfExists && error.kind === 'not_found') return;
  log[level](
    { cause: reason, fault, route, status, retryAfterSeconds, words: details.words },
    fault === 'operator'
      ? 'GitHub refuses this App, or cannot be reached from here: the operator has to act'
      : 'GitHub did not do what was asked',
  );
}

/** Signs the App JWT before the request is sent, so that a failing signer doesn't count as an outage of GitHub. */
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
      request: { signal, ...(SHORT.has(route) ? { fetch: fetchShort } : {}) },
    } as never)) as Endpoints[R]['response'];
    // Octokit does not follow redirects here, so a redirect counts as a rejection.
    if (answer.status >= 300) throw rejectionOf(route, answer);
    // GitHub confirms a deletion with 204 only. Any other success comes from a proxy, which has deleted nothing.
    if (route.startsWith('DELETE ') && Number(answer.status) !== 204)
      throw unexpectedAnswer(route, answer.status);
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

/**
 * Returns the authorization header. Calls as the App need none here, because their Octokit instance adds the App JWT.
 */
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

/**
 * Returns the call's bucket, a key for one installation or user. GitHub's limits and our failure counts apply to each
 * bucket separately. The App's few other calls have no bucket.
 */
function bucketOf(credential: Credential, parameters: object): string | undefined {
  const { installation_id } = parameters as { installation_id?: unknown };
  if (credential.as === 'app' && installation_id !== undefined) return `app:${installation_id}`;
  if (credential.as === 'installation' && credential.installationId !== undefined)
    return `installation:${credential.installationId}`;
  if (credential.as === 'user')
    return `user:${createHash('sha256').update(credential.token).digest('base64url').slice(0, 16)}`;
  return undefined;
}

/** Returns the default class of a call, derived from its credential. */
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

/**
 * Returns the error for a response in an undocumented form, such as an HTML page with status 200, or an object in place
 * of a list.
 */
export function unexpectedAnswer(route: string, status: number): GitHubError {
  return gitHubError('unreadable_answer', route, status, { cause: new Error('unexpected shape') });
}

/**
 * Returns the App JWT, so that a caller can check that signing works.
 *
 * @throws the signer's error
 */
export function getAppJwt(): Promise<string> {
  return getGitHub().jwt.get();
}
