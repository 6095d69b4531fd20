import { describe, expect, it } from 'vitest';
import { ConfigError, type Environment, parseConfig } from './config';
import { COMPLETE } from './config/test-environment';

const PKCS8 = COMPLETE.GITHUB_APP_PRIVATE_KEY ?? '';

function problems(changes: Environment): string {
  try {
    parseConfig({ ...COMPLETE, ...changes });
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
}

describe('parseConfig', () => {
  it('has the documented defaults', () => {
    expect(parseConfig(COMPLETE)).toMatchObject({
      environment: 'prod',
      publicUrl: 'https://pulsestream.test',
      trustedProxyHops: 0,
      workload: { issuers: [], audience: 'https://pulsestream.test' },
      rateLimits: { mint_user: 20, mint_internal: 30 },
      reconcileIntervalSeconds: 300,
      logLevel: 'info',
      github: {
        appId: 123456,
        apiUrl: 'https://api.github.com',
        webUrl: 'https://github.com',
        timeoutMs: 8000,
        webhookSecrets: [],
      },
    });
  });

  it.each(['DATABASE_URL', 'NEXTAUTH_URL', 'NEXTAUTH_SECRET', 'GITHUB_APP_ID', 'GITHUB_APP_CLIENT_SECRET'])(
    'names %s when it is missing or empty',
    (name) => {
      expect(problems({ [name]: undefined })).toContain(`${name}: missing`);
      expect(problems({ [name]: '  ' })).toContain(`${name}: missing`);
    },
  );

  it.each<[string, Environment, string]>([
    ['an environment in a production build', { PULSESTREAM_ENV: undefined }, 'PULSESTREAM_ENV: required'],
    ['an environment that exists', { PULSESTREAM_ENV: 'production' }, 'PULSESTREAM_ENV: must be'],
    [
      'no dev login where no environment is named',
      { AUTH_DEV_LOGIN: '1', PULSESTREAM_ENV: undefined, NODE_ENV: 'development' },
      'AUTH_DEV_LOGIN: refused',
    ],
    ['no dev login in prod', { AUTH_DEV_LOGIN: '1' }, 'AUTH_DEV_LOGIN: refused'],
    [
      'no dev login in staging',
      { AUTH_DEV_LOGIN: '1', PULSESTREAM_ENV: 'staging' },
      'AUTH_DEV_LOGIN: refused',
    ],
    [
      'a way to sign in',
      { AUTH_GITHUB_ID: undefined, AUTH_GITHUB_SECRET: undefined },
      'at least one sign-in',
    ],
    ['whole groups', { AUTH_GOOGLE_ID: 'id' }, 'AUTH_GOOGLE_SECRET: missing, but AUTH_GOOGLE_ID is set'],
    [
      'issuers for an audience',
      { WORKLOAD_AUDIENCE: 'https://pulsestream.test' },
      'WORKLOAD_ISSUERS: missing, but WORKLOAD_AUDIENCE is set',
    ],
    [
      'an audience that is no issuer',
      { WORKLOAD_ISSUERS: 'https://issuer.test', WORKLOAD_AUDIENCE: 'https://issuer.test' },
      'WORKLOAD_AUDIENCE: must be this service’s own',
    ],
    ['one Redis', { REDIS_URL: 'redis://localhost' }, 'set only one of them'],
    [
      'any Redis',
      { UPSTASH_REDIS_REST_URL: undefined, UPSTASH_REDIS_REST_TOKEN: undefined },
      'or REDIS_URL: missing',
    ],
    ['a key', { GITHUB_APP_PRIVATE_KEY: undefined }, 'GITHUB_APP_PRIVATE_KEY or'],
    ['one key', { GITHUB_APP_PRIVATE_KEY_FILE: '/key.pem' }, 'set only one of them'],
    ['https in prod', { NEXTAUTH_URL: 'http://pulsestream.test' }, 'NEXTAUTH_URL: must be https'],
    ['a secret of 32 bytes', { NEXTAUTH_SECRET: 'short' }, 'NEXTAUTH_SECRET: must be at least 32 bytes'],
    ['a PostgreSQL', { DATABASE_URL: 'mysql://x/y' }, 'DATABASE_URL: must be a postgresql'],
    ['whole numbers', { TRUSTED_PROXY_HOPS: '1.5' }, 'TRUSTED_PROXY_HOPS: must be a whole number'],
    ['a limit', { RATE_LIMIT_USER_PER_MINUTE: '0' }, 'RATE_LIMIT_USER_PER_MINUTE: must be at least 1'],
    [
      'the current secret beside the previous',
      { GITHUB_WEBHOOK_SECRET_PREVIOUS: 'x' },
      'GITHUB_WEBHOOK_SECRET: missing',
    ],
  ])('requires %s', (_, changes, problem) => {
    expect(problems(changes)).toContain(problem);
  });

  it('allows the dev login in dev and demo', () => {
    for (const PULSESTREAM_ENV of ['dev', 'demo'])
      expect(problems({ PULSESTREAM_ENV, AUTH_DEV_LOGIN: '1' })).toBe('');
  });

  it('never prints a value, whatever is wrong', () => {
    const values = ['s3cr3t-value', `${PKCS8.slice(0, 300)}`];
    for (const value of values)
      for (const name of Object.keys(COMPLETE)) {
        const said = problems({ [name]: value, AUTH_DEV_LOGIN: value, REDIS_URL: value });
        expect(said).not.toContain(value);
        expect(said).not.toContain('database-password');
      }
  });
});
