import { Redis } from 'ioredis';
import pg from 'pg';
import { afterEach, expect, it, vi } from 'vitest';
import { findRedisServer, startRedisServer } from '../../local/services/redis-server';
import { startTestApp } from '../auth/test-fixtures';
import { getPool, LANES, type LaneName } from '../db/pool';
import { getRedis } from '../rate-limit/store';
import { checkReadiness } from './readiness';

const environment = await startTestApp();

/** A fake clock, set far ahead after each test so that no test gets a result cached by the previous one. */
let clock = 10_000;
const setClock = () => vi.spyOn(performance, 'now').mockImplementation(() => clock);
afterEach(() => {
  vi.restoreAllMocks();
  clock += 10_000;
});

it('checks the database once for concurrent probes, and again after a second', async () => {
  setClock();
  let queries = 0;
  getPool('probe').on('acquire', () => queries++);
  const answers = await Promise.all(Array.from({ length: 200 }, checkReadiness));
  expect(new Set(answers).size).toBe(1);
  await checkReadiness();
  expect(queries).toBe(1);
  clock += 1000;
  await checkReadiness();
  expect(queries).toBe(2);
});

it('reports a process as ready although its pools are busy', async () => {
  setClock();
  const busy = (Object.keys(LANES) as LaneName[]).filter((lane) => lane !== 'probe');
  const taken = await Promise.all(
    busy.flatMap((lane) => Array.from({ length: LANES[lane].connections }, () => getPool(lane).connect())),
  );
  const { checks } = await checkReadiness();
  for (const client of taken) client.release();
  expect(checks.database).toBe('ok');
});

it('reports the database as failed while a migration of this version is pending, and says what to run', async () => {
  setClock();
  const owner = new pg.Client(environment.OWNER_DATABASE_URL);
  await owner.connect();
  await owner.query(
    `UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name LIKE '%_app_keys'`,
  );
  const before = await checkReadiness();
  await owner.query('UPDATE _prisma_migrations SET finished_at = now() WHERE finished_at IS NULL');
  clock += 10_000;
  const after = await checkReadiness();
  await owner.query('REVOKE SELECT (migration_name) ON _prisma_migrations FROM pulsestream_app');
  clock += 10_000;
  const unreadable = await checkReadiness();
  await owner.end();
  expect(before).toMatchObject({
    checks: { database: 'failed' },
    reasons: { database: expect.stringContaining('npm run db:migrate') },
  });
  expect(after.checks.database).toBe('ok');
  expect(unreadable.checks.database).toBe('ok');
});

it.skipIf(findRedisServer() === undefined)(
  'says why Redis rejects the app, although another copy of the module has connected (skipped without Redis)',
  async () => {
    const server = await startRedisServer();
    const admin = new Redis(server.url);
    try {
      await admin.call('ACL', 'SETUSER', 'default', 'resetpass', '>required');
      getRedis.forget()?.close();
      // Next loads one copy for pages and one for routes, and whichever is first connects for both.
      vi.resetModules();
      for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
      vi.stubEnv('REDIS_URL', server.url);
      const other = await import('../rate-limit/store');
      expect(other.getRedis).not.toBe(getRedis);
      other.getRedis();
      setClock();
      const { checks, reasons } = await checkReadiness();
      expect(checks.redis).toBe('failed');
      expect(reasons.redis).toContain('REDIS_URL');
    } finally {
      getRedis.forget()?.close();
      await admin.call('ACL', 'SETUSER', 'default', 'nopass');
      admin.disconnect();
      await server.close();
    }
  },
);
