import { createHash, createHmac } from 'node:crypto';
import { z } from 'zod';
import { getConfig } from '../config';
import { log } from '../observability/log';
import { appNames } from './app-names';
import { callGitHub, callGitHubWeb, unexpectedAnswer } from './client';
import { GitHubError, gitHubError, refusal, toGitHubError } from './error';
import { recogniseOAuth } from './recognise';

/**
 * Derived from the state and our secret, so that nothing has to be stored between the redirect and the callback.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7636#section-4.1
 */
function codeVerifier(state: string): string {
  return createHmac('sha256', getConfig().auth.secret).update(`github-pkce:${state}`).digest('base64url');
}

function oauthCallbackUrl(): string {
  return `${getConfig().publicUrl}/api/github/callback`;
}

/** GitHub's authorize page with state and PKCE (S256). */
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
 * The exchange lies on GitHub's web origin, not on its API, so it does not go through Octokit. GitHub answers a
 * refused code with status 200 and an `error`.
 *
 * @throws {GitHubError} its `reason` tells a code that is wrong, used or expired from our own misconfiguration
 */
function exchangeCode(code: string, state: string): Promise<string> {
  const { github } = getConfig();
  const body = JSON.stringify({
    client_id: appNames().clientId,
    client_secret: github.clientSecret,
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
    throw refusal(EXCHANGE, { status, headers, data: data ?? text });
  });
}

/** The code is GitHub's word for it, and goes to the log; its description and link are not read. */
function refusedExchange(code: string, status: number): GitHubError {
  return gitHubError(recogniseOAuth(code), EXCHANGE, status, { details: { words: code } });
}

/** An `error` in the callback's query, which anybody can write there: it is recognised or nothing. */
export function refusedAuthorization(code: string): GitHubError {
  return gitHubError(recogniseOAuth(code), 'GET /login/oauth/authorize', null, {
    details: { words: code.slice(0, 100) },
  });
}

async function post(url: string, body: string, signal: AbortSignal) {
  try {
    const response = await fetch(url, {
      method: 'POST',
      cache: 'no-store',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body,
      signal,
      // The body holds the client secret, and a 307 or 308 would carry it elsewhere.
      redirect: 'manual',
    });
    const headers = Object.fromEntries(response.headers);
    return { status: response.status, headers, text: await response.text() };
  } catch (error) {
    throw toGitHubError(EXCHANGE, error);
  }
}

/** JSON, as asked for, or a form: GitHub's default, which it answers where a proxy drops `Accept`. */
function parseBody(text: string): unknown {
  if (/^(access_token|error)=/.test(text)) return Object.fromEntries(new URLSearchParams(text));
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A signed-in GitHub user, for as long as `withGitHubUser` runs. */
export type GitHubUser = { id: number; login: string; token: string };

/**
 * The only place where a user's token exists: it is exchanged, used and revoked here, whatever happens in between
 * (C04).
 *
 * @throws {GitHubError}, or what `work` throws
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
 * Once more if GitHub does not answer: a token that lives on for hours is worse than a moment's wait.
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
