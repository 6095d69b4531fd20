import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { TEST_USE, testEnvironment } from '../auth/test-fixtures';
import { getConfig } from '../config';
import { closePools } from '../db/pool';
import { isDatabaseUnavailable } from '../db/unavailable';
import { authenticateApiKey, generateApiKey } from './key';

// There is no database in these tests, so any query would fail.
beforeAll(() => {
  for (const [name, value] of Object.entries(testEnvironment('postgresql://nobody@127.0.0.1:1/none')))
    vi.stubEnv(name, value);
  getConfig();
});
afterAll(closePools);

const use = (key: string) =>
  authenticateApiKey(key, TEST_USE).then(
    () => null,
    (error: unknown) => error,
  );

/** Changes the last character of the key, which is part of its checksum. */
function mistyped(key: string): string {
  return key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');
}

it('queries the database for a well-formed key of this environment', async () => {
  expect(isDatabaseUnavailable(await use(generateApiKey('dev')))).toBe(true);
});

it('refuses a key of another environment by its prefix, without a query', async () => {
  for (const environment of ['demo', 'staging', 'prod'] as const)
    expect(await use(generateApiKey(environment))).toMatchObject({
      code: 'unauthenticated',
      message: 'This API key belongs to another environment.',
    });
});

it('refuses a mistyped key by its checksum, without a query', async () => {
  for (let n = 0; n < 100; n++)
    expect(await use(mistyped(generateApiKey('dev')))).toMatchObject({ code: 'unauthenticated' });
});

it('refuses a key by its checksum if its prefix was changed to this environment’s', async () => {
  const foreign = generateApiKey('prod').replace('psk_live_', 'psk_dev_');
  expect(await use(foreign)).toMatchObject({ code: 'unauthenticated' });
});
