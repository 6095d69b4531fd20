import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type ConfigError, parseConfig } from './config';

const makeKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const [first, second] = [makeKey(), makeKey()];
const pem = (key: typeof first, type: 'pkcs1' | 'pkcs8') => key.export({ type, format: 'pem' }).toString();

const BASE = {
  PULSESTREAM_ENV: 'dev',
  DATABASE_URL: 'postgresql://app@localhost/db',
  REDIS_URL: 'redis://localhost',
  NEXTAUTH_URL: 'http://localhost:3000',
  NEXTAUTH_SECRET: 'a'.repeat(32),
  AUTH_DEV_LOGIN: '1',
  GITHUB_APP_ID: '1',
  GITHUB_APP_SLUG: 'app',
  GITHUB_APP_CLIENT_ID: 'client',
  GITHUB_APP_CLIENT_SECRET: 'client-secret',
};

const signer = (env: Record<string, string>) => parseConfig({ ...BASE, ...env }).github.signer;

function problems(env: Record<string, string>): string[] {
  try {
    parseConfig({ ...BASE, ...env });
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
}

describe('the App’s private key', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'config-'));
  const file = path.join(folder, 'key.pem');
  writeFileSync(file, pem(first, 'pkcs1'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['PKCS#1', { GITHUB_APP_PRIVATE_KEY: pem(first, 'pkcs1') }],
    ['PKCS#8', { GITHUB_APP_PRIVATE_KEY: pem(first, 'pkcs8') }],
    ['escaped newlines', { GITHUB_APP_PRIVATE_KEY: pem(first, 'pkcs1').replaceAll('\n', '\\n') }],
    ['base64', { GITHUB_APP_PRIVATE_KEY: Buffer.from(pem(first, 'pkcs8')).toString('base64') }],
    ['a file', { GITHUB_APP_PRIVATE_KEY_FILE: file }],
  ])('reads the App’s private key from %s', (_, env) => {
    expect(signer(env)).toEqual({ kind: 'pem', privateKeys: [pem(first, 'pkcs8')] });
  });

  it('accepts two private keys while the key is rotated, and keeps their order', () => {
    const both = pem(first, 'pkcs8') + pem(second, 'pkcs1');
    for (const GITHUB_APP_PRIVATE_KEY of [both, Buffer.from(both).toString('base64')])
      expect(signer({ GITHUB_APP_PRIVATE_KEY })).toEqual({
        kind: 'pem',
        privateKeys: [pem(first, 'pkcs8'), pem(second, 'pkcs8')],
      });
  });

  it('accepts keys in KMS instead, but not both', () => {
    expect(signer({ GITHUB_APP_KMS_KEY_ID: 'alias/new, alias/old' })).toEqual({
      kind: 'kms',
      keyIds: ['alias/new', 'alias/old'],
    });
    expect(problems({ GITHUB_APP_KMS_KEY_ID: 'a,,b' })).toEqual(['GITHUB_APP_KMS_KEY_ID: holds an empty id']);
    expect(
      problems({ GITHUB_APP_KMS_KEY_ID: 'alias/app', GITHUB_APP_PRIVATE_KEY: pem(first, 'pkcs1') }),
    ).toEqual(['GITHUB_APP_PRIVATE_KEY and GITHUB_APP_KMS_KEY_ID: set only one of them']);
    expect(problems({})).toHaveLength(1);
  });
});
