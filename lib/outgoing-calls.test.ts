/** Every call that leaves the process, through a real proxy that intercepts TLS with a private CA. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { generatePrivateKey } from 'offline-github';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CertificateFiles, canMakeCertificate, makeCertificate } from '../local/services/certificate';
import { type InterceptingProxy, startInterceptingProxy } from '../local/services/intercepting-proxy';
import { startLocalKms } from '../local/services/kms';
import { type OtlpCollector, startOtlpCollector } from '../local/services/otlp-collector';
import { startStore } from '../local/services/store';
import { testEnvironment } from './auth/test-fixtures';
import { createSigningKey } from './workload/test-issuer';

const HOSTS = [
  'ghes.test',
  'issuer.test',
  'workload.test',
  'keys.test',
  'redis.test',
  'kms.test',
  'sts.test',
  'otlp.test',
];

const workloadKey = createSigningKey('ES256');

/** Stands for GitHub, the OpenID provider, a workload issuer and AWS STS, as far as one call each needs them. */
const standIn = createServer(({ headers, url = '' }, response) => {
  if (url.startsWith('/.well-known/')) {
    const issuer = `https://${headers.host}`;
    response.setHeader('content-type', 'application/json').end(
      JSON.stringify({
        issuer,
        authorization_endpoint: 'https://login.test/authorize',
        token_endpoint: `${issuer}/token`,
        jwks_uri: headers.host === 'workload.test' ? 'https://keys.test/' : `${issuer}/keys`,
      }),
    );
  } else if (headers.host === 'keys.test') {
    response.end(JSON.stringify({ keys: [workloadKey.published] }));
  } else if (headers.host === 'sts.test') {
    response.setHeader('content-type', 'text/xml').end(ASSUMED);
  } else {
    response
      .writeHead(url.startsWith('/token') ? 400 : 200, { 'content-type': 'application/json' })
      .end('{}');
  }
});

/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
const ASSUMED = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIATEST</AccessKeyId>
  <SecretAccessKey>not-a-secret</SecretAccessKey><SessionToken>session</SessionToken>
  <Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>`;

describe.skipIf(!canMakeCertificate())('an outgoing proxy (skipped where openssl is missing)', () => {
  let folder: string;
  let files: CertificateFiles;
  let targets: Record<string, string>;
  let collector: OtlpCollector;
  let environment: Record<string, string>;
  const closing: (() => Promise<unknown> | unknown)[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'pulsestream-outgoing-'));
    files = makeCertificate(folder, HOSTS);
    standIn.listen(0, '127.0.0.1');
    await once(standIn, 'listening');
    const origin = `http://127.0.0.1:${(standIn.address() as AddressInfo).port}`;
    const pem = generatePrivateKey();
    const kms = await startLocalKms({ 'alias/app': pem });
    const store = await startStore();
    collector = await startOtlpCollector();
    targets = {
      'ghes.test': origin,
      'issuer.test': origin,
      'workload.test': origin,
      'keys.test': origin,
      'sts.test': origin,
      'kms.test': kms.url,
      'redis.test': store.url,
      'otlp.test': collector.url,
    };
    closing.push(
      () => kms.close(),
      () => store.close(),
      () => collector.close(),
    );
    const identity = path.join(folder, 'identity-token');
    await writeFile(identity, 'a token of the service account');
    environment = {
      ...testEnvironment('postgresql://localhost/none'),
      REDIS_URL: '',
      UPSTASH_REDIS_REST_URL: 'https://redis.test',
      UPSTASH_REDIS_REST_TOKEN: store.token,
      GITHUB_API_URL: 'https://ghes.test/api/v3',
      GITHUB_WEB_URL: 'https://ghes.test',
      AUTH_OIDC_ISSUER: 'https://issuer.test',
      AUTH_OIDC_ID: 'id',
      AUTH_OIDC_SECRET: 'oidc-secret',
      WORKLOAD_ISSUERS: 'https://workload.test',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otlp.test',
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL_KMS: 'https://kms.test',
      AWS_ENDPOINT_URL_STS: 'https://sts.test',
      AWS_ROLE_ARN: 'arn:aws:iam::111111111111:role/pulsestream',
      AWS_WEB_IDENTITY_TOKEN_FILE: identity,
      AWS_EC2_METADATA_DISABLED: 'true',
      IMPORT_PEM: generatePrivateKey(),
      LOG_LEVEL: 'silent',
    };
  });
  afterAll(async () => {
    for (const close of closing) await close();
    standIn.close();
    standIn.closeAllConnections();
    await rm(folder, { recursive: true, force: true });
  });

  interface Made {
    results: Record<string, unknown>;
    proxy: InterceptingProxy;
  }

  /** Makes all calls, by a process and a proxy of their own. */
  async function callEverything(variables: Record<string, string>, credentials: string = ''): Promise<Made> {
    const proxy = await startInterceptingProxy(files, targets);
    closing.push(() => proxy.close());
    const env = {
      PATH: process.env.PATH,
      HOME: folder,
      NODE_ENV: 'test' as const,
      ...environment,
      HTTPS_PROXY: proxy.url.replace('//', `//${credentials}`),
      ...variables,
    };
    const args = ['--import', 'tsx', 'lib/testing/test-outgoing-calls.ts'];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: 240_000 });
    return { results: JSON.parse(stdout.trim().split('\n').at(-1) ?? ''), proxy };
  }

  it('is used by every client, with its credentials, and its private CA is trusted', async () => {
    const { results, proxy } = await callEverything(
      { NODE_EXTRA_CA_CERTS: files.certificate },
      'user:p%40ss@',
    );
    expect(results).toEqual({
      github: 200,
      discovery: ['https://ghes.test', 'https://login.test'],
      signIn: 'https://login.test/authorize',
      workloadIssuer: 1,
      upstash: 'pong',
      kms: 256,
      traces: 'flushed',
      kmsImport: true,
    });
    expect(new Set(proxy.tunnels)).toEqual(new Set(HOSTS.map((host) => `${host}:443`)));
    expect(proxy.requests).toEqual(
      expect.arrayContaining(['GET ghes.test/api/v3/meta', 'POST issuer.test/token', 'POST sts.test/']),
    );
    expect(collector.spans().map(({ name }) => name)).toEqual(['outgoing']);
    expect(new Set(proxy.credentials)).toEqual(
      new Set([`Basic ${Buffer.from('user:p@ss').toString('base64')}`]),
    );
  });

  it('is not used for hosts in NO_PROXY, by any client', async () => {
    const nobody = 'https://localhost:1';
    const { proxy } = await callEverything({
      NO_PROXY: 'example.test, .localhost, localhost:1',
      NODE_EXTRA_CA_CERTS: files.certificate,
      GITHUB_API_URL: nobody,
      GITHUB_WEB_URL: nobody,
      AUTH_OIDC_ISSUER: nobody,
      UPSTASH_REDIS_REST_URL: nobody,
      WORKLOAD_ISSUERS: nobody,
      OTEL_EXPORTER_OTLP_ENDPOINT: nobody,
      AWS_ENDPOINT_URL_KMS: nobody,
      AWS_ENDPOINT_URL_STS: nobody,
    });
    expect(proxy.tunnels).toEqual([]);
  });

  it('is refused by every client if its certificate is not trusted', async () => {
    const { results, proxy } = await callEverything({
      AWS_ACCESS_KEY_ID: 'AKIATEST',
      AWS_SECRET_ACCESS_KEY: 'not-a-secret',
    });
    // An issuer that is not trusted cannot say where its keys are.
    const asked = HOSTS.filter((host) => host !== 'sts.test' && host !== 'keys.test').map(
      (host) => `${host}:443`,
    );
    expect(new Set(proxy.tunnels)).toEqual(new Set(asked));
    expect(proxy.requests).toEqual([]);
    for (const name of ['github', 'signIn', 'workloadIssuer', 'upstash', 'kms', 'kmsImport'])
      expect([name, results[name]]).toEqual([name, expect.stringMatching(/self-signed certificate/)]);
  });
});
