/**
 * Rotates the passwords of PostgreSQL and Redis as docs/operations.md describes, while requests arrive concurrently, and
 * checks that no request is refused. The commands are taken from that document.
 */
import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import { afterAll, expect, inject, it, vi } from 'vitest';
import '../../local/test/postgres';
import { runAsSuperuser } from '../../local/services/postgres/databases';
import { findRedisServer, startRedisServer } from '../../local/services/redis-server';
import { startStore } from '../../local/services/store';
import { getConfig } from '../config';
import { TooMuchPower } from '../db/app-role';
import { getPool, LANES, openLane } from '../db/pool';
import { proveCredentials } from '../db/prove-credentials';
import { log } from '../observability/log';
import { metrics } from '../observability/metrics';
import { documented, startRotatedApp, underLoad } from './test-rotation';

const { mint, update, databaseUrl: firstUrl } = await startRotatedApp();
const { server } = inject('postgres');
const role = `rotated_${randomUUID().slice(0, 8)}`;

function databaseUrl(user: string, password: string): string {
  return Object.assign(new URL(firstUrl), { username: user, password }).href;
}

const asSuperuser = (statement: string) => runAsSuperuser(server, (client) => client.query(statement));

afterAll(() => asSuperuser(`DROP ROLE IF EXISTS ${role}_2, ${role}, ${role}_bare, ${role}_mighty`));

it('rotates the database password without a refused request, whichever side changes first', async () => {
  const one = databaseUrl(role, 'one');
  await asSuperuser(`CREATE ROLE ${role} LOGIN PASSWORD 'one' IN ROLE pulsestream_app`);
  const statuses = await underLoad(mint, async () => {
    expect(await update({ DATABASE_URL: one })).toEqual(['database']);
    const two = databaseUrl(role, 'two');
    expect(await update({ DATABASE_URL: two, DATABASE_URL_PREVIOUS: one })).toEqual(['database']);
    await mintOnNewConnections();
    const [alter = ''] = documented('Database password', 'sql', { YOUR_ROLE: role, NEW: 'two' });
    await asSuperuser(alter);
    await mintOnNewConnections();
    expect(await update({ DATABASE_URL_PREVIOUS: undefined })).toEqual(['database']);
    await mintOnNewConnections();
  });
  expect(statuses).toEqual([201]);
  const { rows } = await getPool('mint').query('SELECT current_user AS name');
  expect(rows).toEqual([{ name: role }]);
});

/** Ends the app's sessions that are idle, so that the next requests have to sign in again. */
async function mintOnNewConnections(): Promise<void> {
  const pool = getPool('mint');
  const idle = await Promise.all(Array.from({ length: pool.idleCount }, () => pool.connect()));
  for (const client of idle) client.release(true);
  expect((await mint()).status).toBe(201);
}

it('lets concurrent callers find out together which of two passwords works', async () => {
  const pool = openLane(LANES.mint, [databaseUrl(role, 'wrong'), databaseUrl(role, 'two')]);
  const clients = await Promise.all(Array.from({ length: 4 }, () => pool.connect()));
  for (const client of clients) client.release();
  await pool.end();
});

it('keeps the old database role while the new password does not work, or the new role lacks a privilege', async () => {
  const good = databaseUrl(role, 'two');
  await asSuperuser(`CREATE ROLE ${role}_bare LOGIN PASSWORD 'two'`);
  const statuses = await underLoad(mint, async () => {
    expect(await update({ DATABASE_URL: databaseUrl(role, 'wrong') })).toEqual([]);
    expect(await metrics.secretsRefused.get()).toMatchObject({ values: [{ value: 1 }] });
    await mintOnNewConnections();
    expect(await update({ DATABASE_URL: databaseUrl(`${role}_bare`, 'two') })).toEqual([]);
    expect(await update({ DATABASE_URL: good.replace('127.0.0.1', 'localhost') })).toEqual([]);
    expect(await update({ DATABASE_URL: good })).toEqual([]);
  });
  expect(statuses).toEqual([201]);
  expect(getConfig().databaseUrls).toEqual([good]);
  expect(await metrics.secretsRefused.get()).toMatchObject({ values: [{ value: 0 }] });
});

it('refuses, in staging and prod, a new database role with more power than the app may have', async () => {
  await asSuperuser(
    `CREATE ROLE ${role}_mighty LOGIN PASSWORD 'two' IN ROLE pulsestream_app, pg_write_all_data`,
  );
  const next = { ...getConfig(), databaseUrls: [databaseUrl(`${role}_mighty`, 'two')] };
  await expect(proveCredentials([firstUrl], { ...next, isDeployed: true })).rejects.toThrow(TooMuchPower);
  await expect(proveCredentials([firstUrl], { ...next, isDeployed: false })).resolves.toBeUndefined();
});

it('changes to a second role, and closes each connection of the first one once its work is done', async () => {
  const values = { YOUR_SECOND_ROLE: `${role}_2`, YOUR_ROLE: role, NEW: 'three' };
  const [, create = ''] = documented('Database password', 'sql', values);
  await asSuperuser(create);
  const [busy, idle] = [await getPool('mint').connect(), await getPool('work').connect()];
  idle.release();
  expect(await update({ DATABASE_URL: databaseUrl(`${role}_2`, 'three') })).toEqual(['database']);
  expect((await busy.query('SELECT current_user AS name')).rows).toEqual([{ name: role }]);
  busy.release();
  const left = `SELECT count(*)::int FROM pg_stat_activity WHERE usename = '${role}' AND datname = current_database()`;
  await expect.poll(async () => (await getPool('mint').query(left)).rows).toEqual([{ count: 0 }]);
  expect(await update({ DATABASE_URL: databaseUrl(role, 'two') })).toEqual(['database']);
});

it('takes back the part of a change that worked, when the files are as before', async () => {
  const config = getConfig();
  const changed = { CRON_SECRET: randomUUID(), DATABASE_URL: databaseUrl(role, 'wrong') };
  expect(await update(changed)).toEqual(['other']);
  expect(getConfig().cronSecrets).toEqual([changed.CRON_SECRET]);
  expect(await update({ CRON_SECRET: undefined, DATABASE_URL: databaseUrl(role, 'two') })).toEqual(['other']);
  expect(getConfig()).toEqual(config);
});

const isDegraded = async () =>
  (await metrics.rateLimitDegraded.get()).values.some(({ value }) => value === 1);

/** Waits until limits are counted in the store. After a failure, the limiter tries the store only now and then. */
const untilCounted = () => expect.poll(() => mint().then(isDegraded)).toBe(false);

it.skipIf(findRedisServer() === undefined)(
  'rotates the password of Redis without a refused request, and counts limits in Redis afterwards',
  async () => {
    const redis = await startRedisServer();
    const admin = new Redis(redis.url);
    await admin.call('ACL', 'SETUSER', 'app', 'on', '>one', '~*', '+@all');
    const url = (password: string) => redis.url.replace('//', `//app:${password}@`);
    expect(await update({ REDIS_URL: url('one') })).toEqual(['redis']);
    await untilCounted();
    const [add = '', remove = ''] = documented('Redis', 'redis', {
      YOUR_USER: 'app',
      NEW: 'two',
      OLD: 'one',
    });
    const run = (line: string) => admin.call(...(line.split(' ') as [string, ...string[]]));
    const statuses = await underLoad(mint, async () => {
      expect(await update({ REDIS_URL: url('two') })).toEqual([]);
      await run(add);
      expect(await update({})).toEqual(['redis']);
      await run(remove);
    });
    expect(statuses).toEqual([201]);
    await untilCounted();
    const connections = async () => String(await admin.call('CLIENT', 'LIST')).match(/ user=app /g)?.length;
    await expect.poll(connections).toBe(1);
    await expect(
      new Redis(url('one'), { retryStrategy: null, lazyConnect: true }).connect(),
    ).rejects.toThrow();
    admin.disconnect();
    await redis.close();
  },
);

it('rotates the token of Upstash without a refused request, and counts limits in the store afterwards', async () => {
  const store = await startStore();
  const [one, two] = [store.token, randomUUID()];
  const upstash = { UPSTASH_REDIS_REST_URL: store.url, UPSTASH_REDIS_REST_TOKEN: one };
  expect(await update({ REDIS_URL: undefined, ...upstash })).toEqual(['redis']);
  await untilCounted();
  const statuses = await underLoad(mint, async () => {
    expect(await update({ UPSTASH_REDIS_REST_TOKEN: two })).toEqual([]);
    store.accept(two);
    expect(await update({})).toEqual(['redis']);
    store.accept(one, false);
  });
  expect(statuses).toEqual([201]);
  await untilCounted();
  await store.close();
});

it('names the part and the reason in the log, and no value', async () => {
  const errors = vi.spyOn(log, 'error');
  await update({ DATABASE_URL: databaseUrl(role, 'a-secret-value') });
  const [[details] = []] = errors.mock.calls;
  expect(details).toMatchObject({ part: 'database', err: { message: expect.stringContaining('rejects') } });
  expect(inspect(errors.mock.calls, { depth: 10 })).not.toContain('a-secret-value');
});
