/** Breaks one thing at a time at a real GitHub, PostgreSQL and store, and shows that its check turns red. */
import { createHash, createPublicKey } from 'node:crypto';
import { Redis } from 'ioredis';
import { generatePrivateKey } from 'offline-github';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { runAsSuperuser } from '../../local/services/postgres/databases';
import { findRedisServer, startRedisServer } from '../../local/services/redis-server';
import { startStore } from '../../local/services/store';
import { readMigrations } from '../../prisma/migrations-on-disk';
import { assertAppIdentity } from '../db/app-identity';
import { execute, sql } from '../db/sql';
import { forgetAppNames } from '../github/app';
import { forgetGitHub } from '../github/client';
import { connectRedis } from '../rate-limit/store';
import { rememberKeysInUse } from '../server/remember-keys';
import { startTestWorld } from '../testing/test-world';
import { findStore } from './redis-checks';
import { findingOf } from './test-findings';

const store = await startStore();
const { github, environment } = await startTestWorld({
  REDIS_URL: '',
  UPSTASH_REDIS_REST_URL: store.url,
  UPSTASH_REDIS_REST_TOKEN: store.token,
});
afterAll(() => store.close());
await assertAppIdentity();

const registered = structuredClone(github.app);
const migrations = (await readMigrations()).migrationDirectories.map(({ path }) => path);
const asSuperuser = (text: string) =>
  runAsSuperuser(
    inject('postgres').server,
    (client) => client.query(text),
    new URL(environment.DATABASE_URL ?? '').pathname.slice(1),
  );

beforeEach(() => {
  github.configureApp(registered);
  github.knobs.reset();
  forgetGitHub();
  forgetAppNames();
});

const GREEN = [
  'database',
  'database-migrations',
  'database-role',
  'database-owner',
  'database-pooler',
  'minting',
  'redis',
  'key-age',
  'app-key',
  'app-id',
  'app-client-id',
  'app-slug',
  'app-permissions',
  'app-events',
  'app-client-secret',
  'clock-github',
  'clock-database',
];

it.each(GREEN)('finds nothing wrong with a sound environment: %s', async (id) => {
  expect(await findingOf(id, migrations)).toEqual({ id, status: 'ok', found: expect.any(String), todo: '' });
});

describe('the App', () => {
  it.each<[id: string, what: string, breakIt: () => unknown, status: string, found: RegExp, todo: RegExp]>([
    [
      'app-key',
      'a key that GitHub does not list',
      () => github.configureApp({ privateKey: generatePrivateKey() }),
      'fail',
      /app_key_refused/,
      /private key/,
    ],
    [
      'app-key',
      'a GitHub that does not answer',
      () => github.knobs.failNext('GET /app', { kind: 'cut' }),
      'fail',
      /github_unavailable/,
      /GITHUB_API_URL/,
    ],
    [
      'app-client-id',
      'a client id of another App',
      () => github.configureApp({ clientId: 'Iv23liother' }),
      'fail',
      /Iv23liother/,
      /GITHUB_APP_CLIENT_ID/,
    ],
    [
      'app-slug',
      'a renamed App',
      () => github.configureApp({ slug: 'renamed' }),
      'fail',
      /renamed/,
      /GITHUB_APP_SLUG/,
    ],
    [
      'app-permissions',
      'a permission to write',
      () => github.configureApp({ permissions: { contents: 'write', metadata: 'read' } }),
      'fail',
      /contents: write/,
      /read-only/,
    ],
    [
      'app-permissions',
      'one permission more',
      () => github.configureApp({ permissions: { contents: 'read', metadata: 'read', issues: 'read' } }),
      'fail',
      /issues: read/,
      /remove/,
    ],
    [
      'app-permissions',
      'a missing permission',
      () => github.configureApp({ permissions: { metadata: 'read' } }),
      'fail',
      /lacks contents: read/,
      /accept/,
    ],
    [
      'app-events',
      'a missing event',
      () => github.configureApp({ events: [] }),
      'fail',
      /not subscribed/,
      /Repository/,
    ],
    [
      'app-events',
      'an event more',
      () => github.configureApp({ events: ['repository', 'push'] }),
      'warn',
      /push/,
      /Remove/,
    ],
    [
      'app-client-secret',
      'a wrong client secret',
      () => github.configureApp({ clientSecret: 'another' }),
      'fail',
      /GITHUB_APP_CLIENT_SECRET/,
      /Generate/,
    ],
    [
      'clock-github',
      'a clock two minutes off',
      () => github.knobs.set({ clockOffsetMs: 120_000 }),
      'fail',
      /1[12]\d s behind GitHub/,
      /NTP/,
    ],
    [
      'clock-github',
      'a clock half a minute off',
      () => github.knobs.set({ clockOffsetMs: -30_000 }),
      'warn',
      /ahead of GitHub/,
      /NTP/,
    ],
  ])('turns %s red by %s', async (id, _, breakIt, status, found, todo) => {
    breakIt();
    expect(await findingOf(id)).toEqual({
      id,
      status,
      found: expect.stringMatching(found),
      todo: expect.stringMatching(todo),
    });
  });

  it('turns app-id red by the key of another App', async () => {
    github.knobs.alterNextAnswers('GET /app', ({ json }) => ({ json: { ...(json as object), id: 77 } }));
    expect(await findingOf('app-id')).toMatchObject({ status: 'fail', found: expect.stringContaining('77') });
  });

  it('does not repeat a failure in the checks that need the key', async () => {
    github.knobs.failNext('GET /app', { kind: 'cut' }, 2);
    expect(await findingOf('app-slug')).toMatchObject({
      status: 'warn',
      found: 'Not checked, because app-key failed.',
    });
  });
});

describe('the database and Redis', () => {
  it('turns database-migrations red by a migration that is not applied', async () => {
    expect(await findingOf('database-migrations', [...migrations, '20990101000000_next'])).toMatchObject({
      status: 'fail',
      found: expect.stringContaining('20990101000000_next'),
      todo: expect.stringContaining('db:migrate'),
    });
    expect(await findingOf('database-migrations', migrations.slice(1))).toMatchObject({ status: 'warn' });
  });

  it('turns database-migrations red by grants of an older version', async () => {
    await asSuperuser('REVOKE SELECT (migration_name) ON _prisma_migrations FROM PUBLIC, pulsestream_app');
    expect(await findingOf('database-migrations', migrations)).toMatchObject({ status: 'fail' });
    await asSuperuser('GRANT SELECT (migration_name) ON _prisma_migrations TO pulsestream_app');
  });

  it('warns of minting that the operator has stopped, with its reason', async () => {
    await asSuperuser(`INSERT INTO minting_stops (reason) VALUES ('a drill')`);
    expect(await findingOf('minting', migrations)).toMatchObject({
      status: 'warn',
      found: expect.stringMatching(/everything since .* \(a drill\)/),
      todo: expect.stringContaining('minting:start'),
    });
    await asSuperuser('DELETE FROM minting_stops');
  });

  it('warns of a key that has been in use for more than a year, by the fingerprint that GitHub shows', async () => {
    const der = createPublicKey(environment.GITHUB_APP_PRIVATE_KEY ?? '').export({
      type: 'spki',
      format: 'der',
    });
    const shown = `SHA256:${createHash('sha256').update(der).digest('base64')}`;
    await rememberKeysInUse();
    expect(await findingOf('key-age', migrations)).toMatchObject({
      status: 'ok',
      found: expect.stringMatching(/ 0 days\.$/),
    });
    await asSuperuser(`UPDATE app_keys SET first_used_at = now() - interval '366 days'`);
    await rememberKeysInUse();
    expect(await findingOf('key-age', migrations)).toMatchObject({
      status: 'warn',
      found: expect.stringMatching(/in use here since .* 366 days\.$/),
      todo: expect.stringContaining('App private key'),
    });
    expect((await findingOf('key-age', migrations)).found).toContain(`The key ${shown} has`);
    await expect(execute('work', sql`UPDATE app_keys SET first_used_at = now()`)).rejects.toThrow(
      /permission denied/,
    );
  });

  it('turns database-role red by a privilege on the audit log', async () => {
    await asSuperuser('GRANT DELETE ON audit_events TO pulsestream_app');
    expect(await findingOf('database-role')).toMatchObject({
      status: 'warn',
      found: expect.stringContaining('DELETE on audit_events'),
    });
    await asSuperuser('REVOKE DELETE ON audit_events FROM pulsestream_app');
  });

  it('turns database-owner red by the database of another environment, and claims none', async () => {
    await asSuperuser(`UPDATE app_identity SET environment = 'staging'`);
    expect(await findingOf('database-owner', migrations)).toMatchObject({
      status: 'fail',
      found: expect.stringContaining('"staging"'),
    });
    await asSuperuser('DELETE FROM app_identity');
    expect(await findingOf('database-owner', migrations)).toMatchObject({ status: 'ok' });
    expect(await execute('work', sql`SELECT FROM app_identity`)).toBe(0);
    await assertAppIdentity();
  });

  it('names the durability of the server, which tests turn off', async () => {
    const { rows } = await asSuperuser('SHOW fsync');
    expect((await findingOf('database-durability')).status).toBe(rows[0].fsync === 'off' ? 'warn' : 'ok');
  });

  it('turns redis red by a store that refuses connections', async () => {
    await store.knobs.refuse(true);
    expect(await findingOf('redis')).toMatchObject({
      status: 'fail',
      todo: expect.stringContaining('UPSTASH_REDIS_REST_URL'),
    });
    await store.knobs.refuse(false);
  });

  it.skipIf(findRedisServer() === undefined)(
    'turns redis red by a user who may not write (skipped where the machine has no Redis)',
    async () => {
      const server = await startRedisServer();
      const admin = new Redis(server.url);
      await admin.call('ACL', 'SETUSER', 'reader', 'on', '>pass', '~*', '+@read', '+eval', '+ping');
      const url = server.url.replace('redis://', 'redis://reader:pass@');
      const connection = connectRedis(url, 10_000);
      const outcome = await findStore(connection, 'REDIS_URL');
      connection.close();
      admin.disconnect();
      await server.close();
      expect(outcome).toMatchObject({
        status: 'fail',
        found: expect.stringContaining('may not write'),
        todo: expect.stringContaining('EVALSHA'),
      });
    },
  );
});
