/**
 * Runs an OpenID provider and the sign-in pages of a GitHub Enterprise Server on a single real HTTP server, for tests.
 */
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const json = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return new URLSearchParams(body);
}

/** @param issuer its public URL, if clients reach it through a proxy */
export async function startIdentityProvider(issuer?: string) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pending = new Map<string, URLSearchParams>();
  const state = {
    /** The claims to put into the ID token. The server adds `sub` and `nonce`. */
    claims: {} as Record<string, unknown>,
    github: { id: 1, login: 'ada', name: 'Ada' as string | null, emails: [] as object[] },
    sub: 'subject',
    wrongNonce: false,
    /** The authorization endpoint named in the discovery document. */
    authorizationEndpoint: '',
    discoveryStatus: 200,
    discoveries: 0,
    /** Every token issued so far. */
    tokens: [] as string[],
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = issuer ?? address;
  state.authorizationEndpoint = `${url}/authorize`;

  function idToken(nonce: string | null): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: url,
      aud: 'oidc-client',
      sub: state.sub,
      iat: now,
      exp: now + 300,
      nonce,
      ...state.claims,
    };
    const input = `${json({ alg: 'RS256', kid: 'key' })}.${json(claims)}`;
    return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    const answer = (value: unknown, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    switch (pathname) {
      case '/.well-known/openid-configuration':
        state.discoveries++;
        return void answer(
          {
            issuer: url,
            authorization_endpoint: state.authorizationEndpoint,
            token_endpoint: `${url}/token`,
            userinfo_endpoint: `${url}/userinfo`,
            jwks_uri: `${url}/jwks`,
          },
          state.discoveryStatus,
        );
      case '/jwks':
        return void answer({
          keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'key', alg: 'RS256', use: 'sig' }],
        });
      case '/authorize':
      case '/login/oauth/authorize': {
        const code = randomUUID();
        pending.set(code, searchParams);
        const back = new URL(searchParams.get('redirect_uri') ?? '');
        back.searchParams.set('code', code);
        back.searchParams.set('state', searchParams.get('state') ?? '');
        return void response.writeHead(302, { location: back.href }).end();
      }
      case '/token':
      case '/login/oauth/access_token': {
        const form = await readForm(request);
        const asked = pending.get(form.get('code') ?? '');
        pending.delete(form.get('code') ?? '');
        const challenge = createHash('sha256')
          .update(form.get('code_verifier') ?? '')
          .digest('base64url');
        if (asked?.get('code_challenge') !== challenge) return void answer({ error: 'invalid_grant' }, 400);
        const access_token = `access-${randomUUID()}`;
        const refresh_token = `refresh-${randomUUID()}`;
        const tokens = { access_token, refresh_token, token_type: 'bearer' };
        const id_token = idToken(state.wrongNonce ? 'wrong' : asked.get('nonce'));
        state.tokens.push(access_token, refresh_token, id_token);
        return void answer(pathname === '/token' ? { ...tokens, id_token } : tokens);
      }
      case '/api/v3/user':
      case '/api/v3/user/emails': {
        const { emails, ...user } = state.github;
        if (!state.tokens.includes(request.headers.authorization?.replace('Bearer ', '') ?? ''))
          return void answer({ message: 'Bad credentials' }, 401);
        return void answer(pathname === '/api/v3/user' ? user : emails);
      }
      default:
        return void answer({}, 501);
    }
  }

  return { address, url, state, stop: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}
