import { afterAll, beforeAll, expect, it } from 'vitest';
import { testEnvironment } from '../auth/test-fixtures';
import { parseConfig, replaceConfig } from '../config';
import { startTestIssuer, type TestIssuer } from './test-issuer';
import { verifyWorkloadToken } from './verify';

const AUDIENCE = 'http://localhost:3000';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await startTestIssuer(AUDIENCE);
  const environment = { ...testEnvironment('postgresql://localhost/none'), WORKLOAD_ISSUERS: issuer.url };
  replaceConfig(parseConfig(environment));
});
afterAll(() => issuer.stop());

it('accepts a token of GitHub Actions', async () => {
  const token = await issuer.signGitHubActions({ repository: 'acme/api' });
  expect(await verifyWorkloadToken(token)).toMatchObject({
    issuer: issuer.url,
    subject: 'repo:acme/api:ref:refs/heads/main',
    claims: { repository: 'acme/api', repository_id: '74' },
    jti: expect.stringMatching(/^[\w-]{36}$/),
  });
});

it('accepts a token of a Kubernetes service account', async () => {
  const token = await issuer.signKubernetes({ namespace: 'engines', serviceAccount: 'analysis' });
  expect(await verifyWorkloadToken(token)).toMatchObject({
    subject: 'system:serviceaccount:engines:analysis',
    claims: { 'kubernetes.io': { namespace: 'engines', serviceaccount: { name: 'analysis' } } },
  });
});

it('refuses a token for another audience', async () => {
  const token = await issuer.sign({ sub: 'x', aud: 'https://other.test' });
  await expect(verifyWorkloadToken(token)).rejects.toMatchObject({ reason: 'wrong_audience' });
});
