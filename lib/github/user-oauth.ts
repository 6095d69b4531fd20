import { createHash, createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { getConfig } from '../config';
import { log } from '../observability/log';
import { appNames } from './app';
import { callGitHub, callGitHubWeb, unexpectedAnswer } from './client';
import { fetchOutgoing } from './connections';
import { GitHubError, gitHubError, rejectionOf, toGitHubError } from './errors';
import { type GitHubInstallation, InstallationAnswer } from './installations';
import { PER_PAGE, readItems, readPages } from './pages';
import { recogniseOAuth } from './recognise';

/** Identifies a secret without revealing it. */
const tagOf = (secret: string) =>
  createHmac('sha256', secret).update('github-pkce').digest('base64url').slice(0, 4);

/**
 * Creates an OAuth state of 256 random bits. A tag at its end names the secret that PKCE uses for it, so a rotation of
 * `NEXTAUTH_SECRET` does not interrupt an authorization under way.
 */
export function createOAuthState(): string {
  return `${randomBytes(32).toString('base64url')}${tagOf(getConfig().auth.secret)}`;
}

/**
 * Derives the PKCE code verifier from the state and our secret, so that we don't have to store it until the callback.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7636#section-4.1
 */
function codeVerifier(state: string): string {
  const { secret, secrets } = getConfig().auth;
  const begunWith = secrets.find((one) => state.endsWith(tagOf(one))) ?? secret;
  return createHmac('sha256', begunWith).update(`github-pkce:${state}`).digest('base64url');
}

function oauthCallbackUrl(): string {
  return `${getConfig().publicUrl}/api/github/callback`;
}

/** Returns the URL of GitHub's authorize page, with state and PKCE (S256). */
export function authorizeUrl(state: string): string {
  const { github } = getConfig();
  const challenge = createHash('sha256').update(codeVerifier(state)).digest('base64url');
  const query = new URLSearchParams({
    client_id: appNames().clientId,
    redirect_uri: oauthCallbackUrl(),
    state,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  return `${github.webUrl}/login/oauth/authorize?${query}`;
}

const TokenAnswer = z.object({ access_token: z.string().min(1) });
const RefusedAnswer = z.object({ error: z.string().min(1).max(100) });
const EXCHANGE = 'POST /login/oauth/access_token';

/**
 * Exchanges an authorization code for a user token. We can't use Octokit: the endpoint is on GitHub's web origin. If
 * GitHub rejects the code, it returns status 200 with an `error` in the body.
 *
 * @throws {GitHubError} whose `reason` distinguishes a wrong, used or expired code from our own misconfiguration
 */
function exchangeCode(
  code: string,
  state: string,
  clientSecret = getConfig().github.clientSecret,
): Promise<string> {
  const { github } = getConfig();
  const body = JSON.stringify({
    client_id: appNames().clientId,
    client_secret: clientSecret,
    code,
    redirect_uri: oauthCallbackUrl(),
    code_verifier: codeVerifier(state),
  });
  return callGitHubWeb(EXCHANGE, async (signal) => {
    const { status, headers, text } = await post(`${github.webUrl}/login/oauth/access_token`, body, signal);
    const data = parseBody(text);
    const parsed = TokenAnswer.safeParse(data);
    if (status === 200 && parsed.success) return parsed.data.access_token;
    const refused = RefusedAnswer.safeParse(data);
    if (refused.success && (status === 200 || status === 404))
      throw refusedExchange(refused.data.error, status);
    if (status === 200) throw unexpectedAnswer(EXCHANGE, status);
    throw rejectionOf(EXCHANGE, { status, headers, data: data ?? text });
  });
}

/** A code in no form that GitHub issues. */
const NO_CODE = 'only-checks-the-client-secret';

/**
 * Checks the client id and client secret by exchanging a code that GitHub never issued, which can end only in an error.
 *
 * @param clientSecret by default the one in use
 * @throws {GitHubError} unless GitHub rejects only the code; `oauth_client_refused` for a wrong secret
 */
export async function probeClientSecret(clientSecret?: string): Promise<void> {
  try {
    await exchangeCode(NO_CODE, NO_CODE, clientSecret);
  } catch (error) {
    if (error instanceof GitHubError && error.reason === 'code_refused') return;
    throw error;
  }
}

/**
 * Creates the error for a rejected exchange. GitHub's error code goes to the log. GitHub's description and link are
 * ignored.
 */
function refusedExchange(code: string, status: number): GitHubError {
  return gitHubError(recogniseOAuth(code), EXCHANGE, status, { details: { words: code } });
}

/**
 * Creates the error for an `error` parameter in the callback's query. Anyone can craft such a URL, so an unknown code
 * is reported only as a general failure, and its text goes only to the log.
 */
export function refusedAuthorization(code: string): GitHubError {
  return gitHubError(recogniseOAuth(code), 'GET /login/oauth/authorize', null, {
    details: { words: code.slice(0, 100) },
  });
}

async function post(url: string, body: string, signal: AbortSignal) {
  try {
    const response = await fetchOutgoing(url, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body,
      signal,
    });
    const headers = Object.fromEntries(response.headers);
    return { status: response.status, headers, text: await response.text() };
  } catch (error) {
    throw toGitHubError(EXCHANGE, error);
  }
}

/** Parses JSON or a form-encoded body, which GitHub returns if a proxy drops the `Accept` header. */
function parseBody(text: string): unknown {
  if (/^(access_token|error)=/.test(text)) return Object.fromEntries(new URLSearchParams(text));
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The GitHub user who authorized the App, with a token that is valid only while `withGitHubUser` runs. */
export type GitHubUser = { id: number; login: string; token: string };

/**
 * Exchanges a code for a user token, calls `work` with the user, and always revokes the token afterwards. The token is
 * never stored.
 *
 * @throws {GitHubError} if the exchange or the user's lookup fails; otherwise whatever `work` throws
 */
export async function withGitHubUser<T>(
  code: string,
  state: string,
  work: (user: GitHubUser) => Promise<T>,
): Promise<T> {
  const token = await exchangeCode(code, state);
  try {
    const { data, status } = await callGitHub({ as: 'user', token }, 'GET /user', {});
    const user = z.object({ id: z.int(), login: z.string() }).safeParse(data);
    if (!user.success) throw unexpectedAnswer('GET /user', status);
    return await work({ ...user.data, token });
  } finally {
    await revokeUserToken(token).catch((error: unknown) => {
      log.error({ err: error }, 'a user token could not be revoked at GitHub');
    });
  }
}

/**
 * Revokes a user's token. Retries once if GitHub is unavailable, because the token would otherwise stay valid for
 * hours.
 *
 * @see https://docs.github.com/en/rest/apps/oauth-applications#delete-an-app-token
 */
async function revokeUserToken(token: string): Promise<void> {
  const revoke = () =>
    callGitHub({ as: 'client' }, 'DELETE /applications/{client_id}/token', {
      client_id: appNames().clientId,
      access_token: token,
    });
  await revoke().catch((error: unknown) => {
    if (error instanceof GitHubError && error.kind === 'unavailable') return revoke();
    throw error;
  });
}

type Listed = {
  installations: GitHubInstallation[];
  /** True if GitHub left out organizations that require a SAML sign-in first. */
  isPartial: boolean;
};

/**
 * Matches the `X-GitHub-SSO` header of a list from which GitHub left out organizations that require a SAML sign-in.
 *
 * @see https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api
 */
const PARTIAL = /^\s*partial-results\b/i;

/** Returns the array in the given field of the body; `undefined` if the field is missing or not an array. */
function listed(data: unknown, field: 'installations' | 'repositories'): unknown[] | undefined {
  return z.object({ [field]: z.array(z.unknown()) }).safeParse(data).data?.[field];
}

/**
 * Lists the installations that the user can see. Seeing an installation doesn't prove that the user administers it.
 *
 * @throws {GitHubError}
 */
export async function listUserInstallations(token: string): Promise<Listed> {
  const route = 'GET /user/installations';
  const byId = new Map<number, GitHubInstallation>();
  let isPartial = false;
  await readPages(route, async (page) => {
    const answer = await callGitHub({ as: 'user', token }, route, { per_page: PER_PAGE, page });
    if (PARTIAL.test(String(answer.headers['x-github-sso'] ?? ''))) isPartial = true;
    const items = listed(answer.data, 'installations');
    if (items === undefined) throw unexpectedAnswer(route, answer.status);
    for (const installation of readItems(route, items, InstallationAnswer).read)
      byId.set(installation.id, installation);
    return { items, link: answer.headers.link };
  });
  return { installations: [...byId.values()], isPartial };
}

/**
 * A repository that the user administers. Mere access to a repository proves nothing about ownership, so an item in any
 * other shape doesn't count.
 */
const Administered = z.object({ id: z.int(), permissions: z.object({ admin: z.literal(true) }) });

/** The user's current access to an installation, as GitHub shows it. */
export type UserAccess = {
  /** Whether GitHub shows the installation to the user at all. */
  sees: boolean;
  /**
   * Ids of the installation's repositories that the user sees; `null` unless the user administers every one of them.
   */
  administered: ReadonlySet<number> | null;
};

const UNSEEN: UserAccess = { sees: false, administered: null };

/**
 * Reads the user's access to an installation's repositories. Stops at the first repository that the user doesn't
 * administer. A list that never ends proves nothing, so `administered` is then `null`.
 *
 * @throws {GitHubError}
 */
export async function readUserAccess(token: string, installationId: number): Promise<UserAccess> {
  const route = 'GET /user/installations/{installation_id}/repositories';
  const ids = new Set<number>();
  let access: UserAccess = { sees: true, administered: ids };
  const { ended } = await readPages(route, async (page) => {
    const answer = await callGitHub({ as: 'user', token }, route, {
      installation_id: installationId,
      per_page: PER_PAGE,
      page,
    }).catch((error: unknown) => {
      if (error instanceof GitHubError && ['not_found', 'forbidden', 'suspended'].includes(error.kind))
        return null;
      throw error;
    });
    if (answer === null) {
      access = UNSEEN;
      return 'stop';
    }
    const items = listed(answer.data, 'repositories');
    if (items === undefined) throw unexpectedAnswer(route, answer.status);
    for (const item of items) {
      const parsed = Administered.safeParse(item);
      if (!parsed.success) {
        access = { sees: true, administered: null };
        return 'stop';
      }
      ids.add(parsed.data.id);
    }
    return { items, link: answer.headers.link };
  });
  return ended ? access : { sees: access.sees, administered: null };
}
