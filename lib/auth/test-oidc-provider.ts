/** Runs a certified OpenID provider (the npm package `oidc-provider`) on this machine, without its pages. */
import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration } from 'oidc-provider';

export const OIDC_CLIENT = { id: 'pulsestream', secret: 'a secret of the client, long enough' };

type Account = { sub: string; claims: Record<string, unknown> };

const jwk = (key: KeyObject, alg: string, kid: string) => ({
  ...key.export({ format: 'jwk' }),
  alg,
  kid,
  use: 'sig',
});

/**
 * Starts the provider.
 *
 * @param callback the redirect URL that receives authorization codes
 * @param idTokenAlgorithm the algorithm used to sign ID tokens
 * @param claimsIn where to send the email claims: in `userinfo`, as the standard requires, or in the `id_token`, as
 *   many providers do
 */
export async function startOidcProvider(
  callback: string,
  {
    idTokenAlgorithm = 'RS256',
    claimsIn = 'userinfo',
  }: { idTokenAlgorithm?: 'RS256' | 'ES256' | 'HS256'; claimsIn?: 'userinfo' | 'id_token' } = {},
) {
  const account: Account = { sub: randomUUID(), claims: {} };
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const requests: { path: string; query: URLSearchParams }[] = [];
  const configuration: Configuration = {
    clients: [
      {
        client_id: OIDC_CLIENT.id,
        client_secret: OIDC_CLIENT.secret,
        redirect_uris: [callback],
        id_token_signed_response_alg: idTokenAlgorithm,
      },
    ],
    jwks: {
      keys: [
        jwk(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, 'RS256', 'rsa'),
        jwk(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'ES256', 'ec'),
      ],
    },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'HS256'] },
    pkce: { required: () => true },
    conformIdTokenClaims: claimsIn === 'userinfo',
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: () => ({ accountId: account.sub, claims: () => ({ sub: account.sub, ...account.claims }) }),
    features: { devInteractions: { enabled: false } },
    // Replaces the sign-in page: every visitor is signed in and consents automatically.
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    cookies: { keys: ['a key for the cookies of the provider'] },
    ttl: { Session: 60, Interaction: 60, Grant: 60, AccessToken: 60, IdToken: 60, AuthorizationCode: 60 },
  };
  const provider = new Provider(issuer, configuration);
  const handle = provider.callback();
  server.on('request', async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', issuer);
    requests.push({ path: pathname, query: searchParams });
    if (!pathname.startsWith('/interaction/')) return void handle(request, response);
    const { params } = await provider.interactionDetails(request, response);
    const grant = new provider.Grant({ accountId: account.sub, clientId: String(params.client_id) });
    grant.addOIDCScope(String(params.scope));
    const result = { login: { accountId: account.sub }, consent: { grantId: await grant.save() } };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  });
  return {
    issuer,
    account,
    requests,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Follows the provider's redirects with its cookies.
 *
 * @returns the URL that leads back to the app
 */
export async function passProvider(start: string, backTo: string): Promise<string> {
  const cookies = new Map<string, string>();
  let location = start;
  for (let hop = 0; hop < 10; hop++) {
    if (location.startsWith(backTo)) return location;
    const response = await fetch(location, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const header of response.headers.getSetCookie()) {
      const [pair = ''] = header.split(';');
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const next = response.headers.get('location');
    if (next === null) throw new Error(`the provider answered ${response.status}: ${await response.text()}`);
    location = new URL(next, location).href;
  }
  throw new Error('the provider redirects without end');
}
