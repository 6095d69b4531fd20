import { spawn } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { generatePrivateKey } from 'offline-github';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { createSigners, pemSigner } from '../lib/github/signers';
import { startLocalKms } from '../local/services/kms';

const kms = await startLocalKms({});
afterAll(() => kms.close());
beforeEach(() => {
  kms.requests.length = 0;
  for (const [name, value] of Object.entries(kms.environment)) vi.stubEnv(name, value);
});

function importPem(pem: string, alias = 'alias/app') {
  const child = spawn(process.execPath, ['--import', 'tsx', 'cli/admin.ts', 'kms:import', '--alias', alias], {
    env: { PATH: process.env.PATH, NODE_ENV: 'test', ...kms.environment },
  });
  child.stdin.end(pem);
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

it('imports a PEM so that KMS signs as the key itself does, and sends the key only wrapped', async () => {
  const pem = generatePrivateKey();
  const { code, stdout } = await importPem(pem);
  expect(code).toBe(0);
  const { GITHUB_APP_KMS_KEY_ID: keyId } = JSON.parse(stdout);
  expect(keyId).toMatch(/^arn:aws:kms:/);
  const [fromKms] = createSigners({ kind: 'kms', keyIds: ['alias/app'] });
  expect(await fromKms?.('text')).toEqual(await pemSigner(pem)('text'));
  // On a slow machine, AWS's client repeats a request that was not answered in time.
  const asked = kms.requests.map(({ target }) => target?.split('.')[1]);
  expect(asked.filter((target, index) => target !== asked[index - 1])).toEqual([
    'ListAliases',
    'CreateKey',
    'GetParametersForImport',
    'ImportKeyMaterial',
    'Sign',
    'CreateAlias',
    'Sign',
  ]);
  const exponent = Buffer.from(createPrivateKey(pem).export({ format: 'jwk' }).d ?? '', 'base64url');
  const sent = kms.requests.flatMap(({ body }) => Object.values(body).map(String));
  expect(sent.filter((value) => Buffer.from(value, 'base64').includes(exponent))).toEqual([]);
});

it('creates no key for an alias that has one', async () => {
  const { code, stderr } = await importPem(generatePrivateKey());
  expect([code, stderr]).toEqual([1, expect.stringContaining('alias/app has a key')]);
  expect(kms.requests.map(({ target }) => target)).not.toContain('TrentService.CreateKey');
});

it('names the key to delete when KMS refuses a later step', async () => {
  kms.refuse('CreateAlias');
  const { code, stderr } = await importPem(generatePrivateKey(), 'alias/another');
  expect(code).toBe(1);
  expect(stderr).toMatch(/AccessDeniedException.*Delete the key [0-9a-f-]{36} in KMS/);
});

it.each([
  ['no key at all', 'nothing'],
  [
    'a public key',
    generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' }),
  ],
  [
    'a key of another size',
    generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  ],
])('refuses %s before it creates anything', async (_, pem) => {
  const { code, stderr } = await importPem(String(pem), 'alias/other');
  expect([code, kms.requests.length]).toEqual([1, 0]);
  expect(stderr).toContain('standard input');
});
