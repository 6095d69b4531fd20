/** Tokens of a certified OpenID provider (the npm package `oidc-provider`), which issues them to its clients. */
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeProtectedHeader } from 'jose';
import Provider from 'oidc-provider';
import { expect, it, onTestFinished } from 'vitest';
import { testEnvironment } from '../auth/test-fixtures';
import { parseConfig, replaceConfig } from '../config';
import { verifyWorkloadToken } from './verify';

const AUDIENCE = 'http://localhost:3000';
const CLIENT = { client_id: 'analysis-engine', client_secret: 'a secret of the client, long enough' };

const KEYS = [
  { alg: 'RS256', kid: 'rsa', key: generateKeyPairSync('rsa', { modulusLength: 2048 }) },
  { alg: 'ES256', kid: 'ec', key: generateKeyPairSync('ec', { namedCurve: 'P-256' }) },
  { alg: 'EdDSA', kid: 'ed', key: generateKeyPairSync('ed25519') },
].map(({ alg, kid, key }) => ({ ...key.privateKey.export({ format: 'jwk' }), alg, kid, use: 'sig' }));

/** Starts a provider whose tokens for a resource live for so long, and trusts it. */
async function startProvider(alg: 'RS256' | 'ES256' | 'EdDSA', seconds: number) {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [{ ...CLIENT, grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }],
    jwks: { keys: KEYS },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'EdDSA'] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => ({
          scope: 'mint',
          audience: resource,
          accessTokenTTL: seconds,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg } },
        }),
      },
    },
  });
  server.on('request', provider.callback());
  const variables = { ...testEnvironment('postgresql://localhost/none'), NEXTAUTH_URL: AUDIENCE };
  replaceConfig(parseConfig({ ...variables, WORKLOAD_ISSUERS: issuer }));
  const requestToken = async (resource: string): Promise<string> => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', resource, ...CLIENT });
    const response = await fetch(`${issuer}/token`, { method: 'POST', body });
    const { access_token }: { access_token: string } = await response.json();
    return access_token;
  };
  return { issuer, requestToken };
}

it.each(['RS256', 'ES256', 'EdDSA'] as const)(
  'accepts a token for this service, signed by %s',
  async (alg) => {
    const { issuer, requestToken } = await startProvider(alg, 300);
    const token = await requestToken(AUDIENCE);
    expect(decodeProtectedHeader(token)).toMatchObject({ alg, typ: 'at+jwt' });
    expect(await verifyWorkloadToken(token)).toMatchObject({
      issuer,
      subject: CLIENT.client_id,
      jti: expect.any(String),
    });
  },
);

it('refuses its token for another service', async () => {
  const { requestToken } = await startProvider('RS256', 300);
  const token = await requestToken('https://other.test');
  await expect(verifyWorkloadToken(token)).rejects.toMatchObject({ reason: 'wrong_audience' });
});

it('refuses its token that lives for two hours', async () => {
  const { requestToken } = await startProvider('RS256', 7200);
  const token = await requestToken(AUDIENCE);
  await expect(verifyWorkloadToken(token)).rejects.toMatchObject({ reason: 'invalid_lifetime' });
});
