import { Hono } from 'hono';
import { isClientSecret } from '../api/application-routes';
import type { HttpContext, HttpEnv } from '../http-env';
import { hashToken, REFRESH_TOKEN_SECONDS, USER_TOKEN_SECONDS } from '../tokens';
import type { World } from '../world';
import { challengeOf } from './codes';

type Fields = Record<string, string>;

const DOCS =
  'https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors';
/**
 * The token exchange's errors, with GitHub's messages.
 * https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors
 */
const ERRORS = {
  incorrect_client_credentials: 'The client_id and/or client_secret passed are incorrect.',
  redirect_uri_mismatch: 'The redirect_uri MUST match the registered callback URL for this application.',
  bad_verification_code: 'The code passed is incorrect or expired.',
  bad_refresh_token: 'The refresh token passed is incorrect or expired.',
  unsupported_grant_type: 'The grant_type parameter passed is not supported.',
} as const;

/**
 * Handles `POST /login/oauth/access_token`. As on GitHub, a refusal has status 200 and an `error` field.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
 */
export function exchangeRoutes(world: World): Hono<HttpEnv> {
  const { settings, codes, tokens, state } = world;
  const routes = new Hono<HttpEnv>();

  routes.post('/login/oauth/access_token', (c) => {
    const fields = fieldsOf(c);
    const entry = c.get('entry');
    entry.auth = 'invalid';
    entry.credentialHash = hashToken(fields.client_secret ?? '');
    if (fields.client_id !== settings.clientId) return c.json({ error: 'Not Found' }, 404);
    if (!isClientSecret(fields.client_secret ?? '', settings)) {
      return answer(c, failure('incorrect_client_credentials'));
    }
    entry.auth = 'client';
    const grant = fields.grant_type ?? 'authorization_code';
    if (grant === 'refresh_token') return answer(c, refresh(fields));
    if (grant !== 'authorization_code') return answer(c, failure('unsupported_grant_type'));
    return answer(c, redeem(fields));
  });

  function redeem(fields: Fields): Fields {
    const pending = codes.spend(fields.code ?? '');
    if (!pending) return failure('bad_verification_code');
    if (fields.redirect_uri !== undefined && fields.redirect_uri !== pending.redirectUri) {
      return failure('redirect_uri_mismatch');
    }
    const { codeChallenge } = pending;
    if (codeChallenge !== null && challengeOf(fields.code_verifier ?? '') !== codeChallenge) {
      return failure('bad_verification_code');
    }
    return grantTo(pending.userId);
  }

  function refresh(fields: Fields): Fields {
    const userId = tokens.spendRefreshToken(fields.refresh_token ?? '');
    return userId === null ? failure('bad_refresh_token') : grantTo(userId);
  }

  function grantTo(userId: number): Fields {
    const { login } = state.account(userId);
    const { token, refreshToken, record } = tokens.issueUserToken(userId);
    world.auditLog.add({
      action: 'oauth_access.create',
      actor: login,
      actor_id: userId,
      hashed_token: record.hash,
      programmatic_access_type: 'GitHub App user-to-server token',
    });
    return {
      access_token: token,
      expires_in: String(USER_TOKEN_SECONDS),
      refresh_token: refreshToken,
      refresh_token_expires_in: String(REFRESH_TOKEN_SECONDS),
      scope: '',
      token_type: 'bearer',
    };
  }

  return routes;
}

/** Merges the query, the form body and the JSON body. If a parameter occurs in several of them, the last one wins. */
function fieldsOf(c: HttpContext): Fields {
  const json = c.get('json');
  const fields: Fields = { ...c.req.query(), ...Object.fromEntries(c.get('form')) };
  for (const [key, value] of Object.entries(json !== null && typeof json === 'object' ? json : {})) {
    if (typeof value === 'string') fields[key] = value;
  }
  return fields;
}

function failure(error: keyof typeof ERRORS): Fields {
  return { error, error_description: ERRORS[error], error_uri: `${DOCS}/#${error.replaceAll('_', '-')}` };
}

/** Responds with JSON if the client accepts JSON, otherwise with GitHub's old default, form encoding. */
function answer(c: HttpContext, fields: Fields): Response {
  c.header('Cache-Control', 'no-store');
  const asksForJson = (c.req.header('accept') ?? '').includes('json');
  if (!asksForJson) {
    const type = 'application/x-www-form-urlencoded; charset=utf-8';
    return c.body(new URLSearchParams(fields).toString(), 200, { 'Content-Type': type });
  }
  const numeric = Object.entries(fields).map(([key, value]) => [
    key,
    key.endsWith('_in') ? Number(value) : value,
  ]);
  return c.json(Object.fromEntries(numeric));
}
