import { createRequire } from 'node:module';
import { generatePrivateKey } from 'offline-github';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { type LocalKms, startLocalKms } from '../../local/services/kms';
import { callGitHub } from './client';
import { createSigners, pemSigner } from './signers';
import { startTestGitHub } from './test-github';

let pem = '';
await startTestGitHub(({ app }) => {
  pem = app.privateKey;
  return { GITHUB_APP_PRIVATE_KEY: '', GITHUB_APP_KMS_KEY_ID: 'alias/unknown-to-github, alias/app' };
});
const kms: LocalKms = await startLocalKms({
  'alias/app': pem,
  'alias/unknown-to-github': generatePrivateKey(),
});
afterAll(() => kms.close());

beforeEach(() => {
  for (const [name, value] of Object.entries(kms.environment)) vi.stubEnv(name, value);
  kms.requests.length = 0;
});

const sdkIsLoaded = () =>
  Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('@aws-sdk'));

it('loads the AWS SDK at the first signature with a KMS key, and never for a PEM key', async () => {
  await createSigners({ kind: 'pem', privateKeys: [pem] })[0]?.('header.payload');
  const [kmsSigner] = createSigners({ kind: 'kms', keyIds: ['alias/app'] });
  expect(sdkIsLoaded()).toBe(false);
  await kmsSigner?.('header.payload');
  expect(sdkIsLoaded()).toBe(true);
});

it('gets the same signature from KMS, which receives only a digest, as from the key itself', async () => {
  const signature = await createSigners({ kind: 'kms', keyIds: ['alias/app'] })[0]?.('header.payload');
  expect(signature?.equals(await pemSigner(pem)('header.payload'))).toBe(true);
  const [{ target, body } = {}] = kms.requests;
  expect(target).toBe('TrentService.Sign');
  expect(body).toMatchObject({ MessageType: 'DIGEST', SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256' });
  expect(Buffer.from(String(body?.Message), 'base64')).toHaveLength(32);
  expect(JSON.stringify(kms.requests)).not.toContain('payload');
});

it('tries the second KMS key when GitHub rejects the first, and signs once for many calls', async () => {
  const ask = () => callGitHub({ as: 'app' }, 'GET /app', {});
  await Promise.all(Array.from({ length: 10 }, ask));
  await ask();
  expect(kms.requests.map(({ body }) => body.KeyId)).toEqual(['alias/unknown-to-github', 'alias/app']);
});

it('retries once when KMS fails, and reports an error if it fails again', async () => {
  const [sign] = createSigners({ kind: 'kms', keyIds: ['alias/app'] });
  kms.failNext(1);
  await expect(sign?.('text')).resolves.toHaveLength(256);
  kms.failNext(2);
  await expect(sign?.('text')).rejects.toThrow();
  await expect(sign?.('text')).resolves.toHaveLength(256);
});

it('reports an error for an unknown KMS key', async () => {
  const [sign] = createSigners({ kind: 'kms', keyIds: ['alias/none'] });
  await expect(sign?.('text')).rejects.toThrow(/does not exist/);
});
