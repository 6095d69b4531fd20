import { timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import { isoSeconds } from '../clock';
import type { HttpContext, HttpEnv } from '../http-env';
import { simpleUser } from '../present/accounts';
import type { AppSettings } from '../settings';
import { hashToken, type UserTokenRecord } from '../tokens';
import type { World } from '../world';
import { ApiError, badCredentials, notFound } from './errors';

/**
 * Returns the endpoints that require the client id and secret. https://docs.github.com/en/rest/apps/oauth-applications
 */
export function applicationRoutes(world: World): Hono<HttpEnv> {
  const { settings, tokens, state, actions, urls } = world;
  const routes = new Hono<HttpEnv>();

  function requireClient(c: HttpContext): void {
    const entry = c.get('entry');
    const [scheme, encoded = ''] = (c.req.header('authorization') ?? '').split(' ');
    if (scheme?.toLowerCase() !== 'basic') throw notFound();
    const [id = '', secret = ''] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
    entry.auth = 'invalid';
    entry.credentialHash = hashToken(secret);
    if (c.req.param('client_id') !== settings.clientId || id !== settings.clientId) throw notFound();
    if (!isClientSecret(secret, settings)) throw badCredentials();
    entry.auth = 'client';
  }

  function tokenOf(c: HttpContext): UserTokenRecord | null {
    const { access_token: token } = (c.get('json') ?? {}) as { access_token?: unknown };
    if (typeof token !== 'string') {
      const errors = [{ resource: 'OauthAccess', code: 'missing_field', field: 'access_token' }];
      throw new ApiError(422, 'Validation Failed', { errors });
    }
    const record = tokens.find(token);
    return record?.kind === 'user' ? record : null;
  }

  const unknownToken = (): ApiError =>
    new ApiError(422, 'Validation Failed', {
      errors: [{ resource: 'OauthAccess', code: 'invalid', field: 'access_token' }],
    });

  routes.post('/applications/:client_id/token', (c) => {
    requireClient(c);
    const record = tokenOf(c);
    if (!record) throw notFound();
    return c.json({
      id: 1,
      url: `${urls.api}/applications/${settings.clientId}/token`,
      scopes: [],
      token: '',
      hashed_token: record.hash,
      app: { client_id: settings.clientId, name: settings.name, url: urls.web },
      created_at: isoSeconds(record.createdAt),
      expires_at: isoSeconds(record.expiresAt),
      user: simpleUser(urls, state.account(record.userId)),
    });
  });

  routes.delete('/applications/:client_id/token', (c) => {
    requireClient(c);
    const record = tokenOf(c);
    if (!record) throw unknownToken();
    tokens.revoke(record);
    return c.body(null, 204);
  });

  /** Revokes the user's authorization of the App and all the user's tokens, and notifies the App by webhook. */
  routes.delete('/applications/:client_id/grant', (c) => {
    requireClient(c);
    const record = tokenOf(c);
    if (!record) throw unknownToken();
    actions.revokeAuthorization({ login: state.account(record.userId).login });
    return c.body(null, 204);
  });

  return routes;
}

/** True if `given` is one of the App's client secrets. Compares in constant time. */
export function isClientSecret(given: string, { clientSecret, secondClientSecret }: AppSettings): boolean {
  const digest = Buffer.from(hashToken(given));
  return [clientSecret, secondClientSecret ?? clientSecret].some((secret) =>
    timingSafeEqual(digest, Buffer.from(hashToken(secret))),
  );
}
