import { describe, expect, it } from 'vitest';
import { ConfigError, type Environment } from '../config';
import { readDatabaseUrls } from './database-urls';

const OWNER = 'postgresql://owner:secret-password@db.test/x';
const APP = 'postgresql://app:secret-password@db.test/x';

function refused(env: Environment): string {
  try {
    return JSON.stringify(readDatabaseUrls(env));
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join();
    throw error;
  }
}

describe('readDatabaseUrls', () => {
  it.each([
    ['as they are', (url: string) => url],
    ['in quotes', (url: string) => `"${url}"`],
    ['with a byte order mark and a Windows line break', (url: string) => `\ufeff${url}\r\n`],
    ['with a scheme in capitals', (url: string) => url.replace('postgresql', 'PostgreSQL')],
  ])('reads the database URLs %s', (_, change) => {
    expect(readDatabaseUrls({ MIGRATION_DATABASE_URL: change(OWNER), DATABASE_URL: change(APP) })).toEqual({
      ownerUrl: OWNER,
      appUrl: APP,
    });
    expect(readDatabaseUrls({ MIGRATION_DATABASE_URL: ' ', DATABASE_URL: change(APP) })).toEqual({
      ownerUrl: APP,
      appUrl: APP,
    });
  });

  it.each([
    ['its own name', 'MIGRATION_DATABASE_URL=postgresql://owner:secret-password@db.test/x'],
    ['no URL', 'owner:secret-password@db.test'],
    ['an invisible character inside', 'postgresql://owner:secret-pass\u200bword@db.test/x'],
    ['a # in the password', 'postgresql://owner:12#secret-password@db.test/x'],
    ['a mistyped sslmode', `${OWNER}?sslmode=reqiure`],
  ])('rejects a database URL with %s by the variable’s name, without the value', (_, value) => {
    const found = refused({ MIGRATION_DATABASE_URL: value, DATABASE_URL: APP });
    expect(found).toContain('MIGRATION_DATABASE_URL: ');
    expect(found).not.toContain('secret-pass');
  });

  it('names the variable when no database URL is set', () => {
    expect(refused({})).toContain('MIGRATION_DATABASE_URL');
  });

  it.each(['staging', 'prod'])('refuses a password of compose.yaml in %s, but not in demo', (environment) => {
    const url = 'postgresql://owner:local-only-owner@localhost/x';
    const env = { MIGRATION_DATABASE_URL: url, DATABASE_URL: APP, UNENCRYPTED_ALLOWED: 'database' };
    expect(readDatabaseUrls({ ...env, PULSESTREAM_ENV: 'demo' }).ownerUrl).toBe(url);
    expect(refused({ ...env, PULSESTREAM_ENV: environment })).toContain('is known to everybody');
  });

  it.each([
    ['staging and prod', 'prod', `${OWNER}?sslmode=verify-full`, OWNER],
    ['staging and prod', 'staging', OWNER.replace('db.test', 'localhost'), `${OWNER}?sslmode=require`],
  ])(
    'refuses in %s to migrate a database elsewhere without verified TLS: %s',
    (_, environment, good, bad) => {
      const env = { PULSESTREAM_ENV: environment, DATABASE_URL: APP };
      expect(readDatabaseUrls({ ...env, MIGRATION_DATABASE_URL: good }).ownerUrl).toBe(good);
      expect(refused({ ...env, MIGRATION_DATABASE_URL: bad })).toContain('sslmode=verify-full');
      expect(
        readDatabaseUrls({ ...env, MIGRATION_DATABASE_URL: bad, UNENCRYPTED_ALLOWED: 'database' }).ownerUrl,
      ).toBe(bad);
    },
  );
});
