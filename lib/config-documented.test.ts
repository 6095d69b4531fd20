import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseConfig } from './config';

/** Matches `NAME=value`, commented out or not. A commented-out line shows the default. */
const LINE = /^(?<off># )?(?<name>[A-Z][A-Z0-9_]*)=(?<value>.*)$/;

const documented = readFileSync('.env.example', 'utf8')
  .split('\n')
  .flatMap((line) => {
    const { off, name, value } = LINE.exec(line)?.groups ?? {};
    return name === undefined || value === undefined ? [] : [{ name, value, off: off !== undefined }];
  });

/** Variables that aren't in `lib/config/variables.ts`, each with the file that reads it. */
const ELSEWHERE = {
  MIGRATION_DATABASE_URL: 'lib/config/database-urls.ts',
  HOSTNAME: 'package.json',
} as const satisfies Record<string, string>;

function configured(): string[] {
  const table = /export const variables = z\.object\(\{\n(.*?)\n\}\);/s.exec(
    readFileSync('lib/config/variables.ts', 'utf8'),
  );
  return [...(table?.[1] ?? '').matchAll(/^ {2}([A-Z][A-Z0-9_]*):/gm)].map(([, name = '']) => name);
}

/** Returns a minimal valid configuration. */
function leastEnvironment(): Record<string, string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    DATABASE_URL: 'postgresql://localhost/test',
    REDIS_URL: 'redis://localhost',
    NEXTAUTH_URL: 'http://localhost:3000',
    NEXTAUTH_SECRET: 'x'.repeat(32),
    AUTH_OIDC_ISSUER: 'https://issuer.test',
    AUTH_OIDC_ID: 'id',
    AUTH_OIDC_SECRET: 'secret',
    GITHUB_APP_ID: '1',
    GITHUB_APP_SLUG: 'slug',
    GITHUB_APP_CLIENT_ID: 'id',
    GITHUB_APP_CLIENT_SECRET: 'secret',
    GITHUB_APP_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

describe('.env.example', () => {
  it('names every variable in lib/config/variables.ts once, and no other', () => {
    expect(configured().length).toBeGreaterThan(30);
    expect(documented.map(({ name }) => name).sort()).toEqual(
      [...configured(), ...Object.keys(ELSEWHERE)].sort(),
    );
  });

  it.each(Object.entries(ELSEWHERE))('names %s, which %s reads', (name, file) => {
    expect(readFileSync(file, 'utf8')).toContain(name);
  });

  it('shows the real defaults', () => {
    const defaults = Object.fromEntries(
      documented
        .filter(({ off, value }) => off && value !== '')
        .map(({ name, value }) => [name, value.replaceAll('"', '')]),
    );
    const least = leastEnvironment();
    expect(Object.keys(defaults).length).toBeGreaterThan(8);
    expect(parseConfig({ ...least, ...defaults })).toEqual(parseConfig(least));
  });

  it('contains no values but defaults, so that nobody runs with an example secret', () => {
    expect(documented.filter(({ off, value }) => !off && value !== '')).toEqual([]);
  });
});
