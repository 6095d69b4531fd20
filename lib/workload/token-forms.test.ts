/** Tokens of the platforms in production's configuration, over https and by their issuers' real names. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CompactSign } from 'jose';
import * as undici from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { canMakeCertificate, makeCertificate } from '../../local/services/certificate';
import { type InterceptingProxy, startInterceptingProxy } from '../../local/services/intercepting-proxy';
import { onePerProcess } from '../async';
import { parseConfig, replaceConfig } from '../config';
import { COMPLETE } from '../config/test-environment';
import { createSigningKey } from './test-issuer';
import { AUDIENCE, TOKEN_FORMS } from './test-token-forms';
import { verifyWorkloadToken } from './verify';

const forms = Object.entries(TOKEN_FORMS);
const signingKeys = new Map(forms.map(([name, { alg }]) => [name, createSigningKey(alg)]));

/** Every document of every issuer, by its URL. */
const documents = new Map<string, object>(
  forms.flatMap(([name, { issuer, keys }]) => [
    [`${issuer}/.well-known/openid-configuration`, { issuer, jwks_uri: keys }],
    [keys, { keys: [signingKeys.get(name)?.published] }],
  ]),
);

const issuers = createServer(({ headers, url }, response) => {
  const document = documents.get(`https://${headers.host}${url}`);
  response.writeHead(document === undefined ? 404 : 200).end(JSON.stringify(document));
});

async function sign(name: string, changes: Record<string, unknown> = {}): Promise<string> {
  const form = TOKEN_FORMS[name];
  const key = signingKeys.get(name);
  if (form === undefined || key === undefined) throw new Error(`there is no form ${name}`);
  vi.useFakeTimers({ toFake: ['Date'], now: (form.claims.iat + 10) * 1000 });
  return new CompactSign(Buffer.from(JSON.stringify({ ...form.claims, ...changes })))
    .setProtectedHeader({ alg: key.alg, kid: key.kid, ...form.header })
    .sign(key.privateKey);
}

describe.skipIf(!canMakeCertificate())('a token (skipped where openssl is missing)', () => {
  let folder: string;
  let proxy: InterceptingProxy;

  beforeAll(async () => {
    const hosts = [...new Set([...documents.keys()].map((url) => new URL(url).host))];
    folder = await mkdtemp(path.join(tmpdir(), 'pulsestream-issuers-'));
    const files = makeCertificate(folder, hosts);
    issuers.listen(0, '127.0.0.1');
    await once(issuers, 'listening');
    const origin = `http://127.0.0.1:${(issuers.address() as AddressInfo).port}`;
    proxy = await startInterceptingProxy(files, Object.fromEntries(hosts.map((host) => [host, origin])));
    const connections = new undici.ProxyAgent({
      uri: proxy.url,
      requestTls: { ca: readFileSync(files.certificate) },
    });
    onePerProcess<undici.Dispatcher>('connections to issuers', () => connections).replace(connections);
    replaceConfig(
      parseConfig({
        ...COMPLETE,
        WORKLOAD_ISSUERS: forms.map(([, { issuer }]) => issuer).join(),
        WORKLOAD_AUDIENCE: AUDIENCE,
      }),
    );
  });
  afterEach(() => void vi.useRealTimers());
  afterAll(async () => {
    await proxy.close();
    issuers.closeAllConnections();
    issuers.close();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(forms)('from %s is accepted as documented', async (name, { issuer, claims }) => {
    expect(await verifyWorkloadToken(await sign(name))).toEqual({
      issuer,
      subject: claims.sub,
      claims,
      jti: claims.jti ?? null,
      issuedAt: new Date(claims.iat * 1000),
      expiresAt: new Date(Number(claims.exp) * 1000),
    });
  });

  it.each(forms)('from %s is refused in the name of another platform', async (name) => {
    const [, other] = forms.find(([each]) => each !== name) ?? [];
    const token = await sign(name, { iss: other?.issuer });
    await expect(verifyWorkloadToken(token)).rejects.toMatchObject({ reason: 'unknown_key' });
  });

  it.each<[string, string, number]>([
    [
      'of Microsoft Entra with its own lifetime of 65 minutes',
      'Microsoft Entra with a lifetime policy of an hour',
      3900,
    ],
    [
      'of a managed identity of Azure, which lives a day',
      'Microsoft Entra with a lifetime policy of an hour',
      86_400,
    ],
    ['of GitLab in a job with a timeout of two hours', 'GitLab CI', 7200],
    ['of the Kubernetes API server, which lives a year', 'Kubernetes', 31_536_000],
  ])('%s is refused', async (_, name, seconds) => {
    const iat = TOKEN_FORMS[name]?.claims.iat ?? 0;
    const token = await sign(name, { exp: iat + seconds });
    await expect(verifyWorkloadToken(token)).rejects.toMatchObject({ reason: 'invalid_lifetime' });
  });

  it.each([
    'https://github.com/octo-org',
    'sts.amazonaws.com',
    'https://my-cluster.example.com',
    'https://kubernetes.default.svc',
  ])('for %s, as other services get it, is refused', async (aud) => {
    await expect(verifyWorkloadToken(await sign('GitHub Actions', { aud }))).rejects.toMatchObject({
      reason: 'wrong_audience',
    });
  });
});
