import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@playwright/test';
import { startAppServer } from '../../local/app/server';
import { findFreePort } from '../../local/process/free-port';
import { findPgBouncer, startPgBouncer } from '../../local/services/pgbouncer';
import { mintInternal, type OwnServer, startOwnServer } from './own-server';

let server: OwnServer;
test.beforeAll(async () => {
  server = await startOwnServer();
});
test.afterAll(() => server?.close());

/** Starts a second process with some environment variables changed, and returns why it refused to start. */
async function refusal(changes: Record<string, string>): Promise<string> {
  const port = String(await findFreePort(server.services.port + 1));
  const env = { ...server.services.env, PORT: port, NEXTAUTH_URL: `http://localhost:${port}`, ...changes };
  const error: unknown = await startAppServer({ mode: 'start', env }).then(
    (app) => app.stop().then(() => new Error('it started')),
    (reason: unknown) => reason,
  );
  return String(error);
}

test('a process of another environment or App refuses the database and names the mismatch', async () => {
  expect(await refusal({ PULSESTREAM_ENV: 'dev' })).toContain(
    'PULSESTREAM_ENV is \\"dev\\", but this database belongs to the environment \\"demo\\"',
  );
  expect(await refusal({ GITHUB_APP_ID: '999' })).toContain(
    'GITHUB_APP_ID is 999, but this database belongs to the App',
  );
});

test('a process with the credentials of another App refuses to start', async () => {
  expect(await refusal({ GITHUB_APP_CLIENT_ID: 'Iv1.another' })).toContain(
    'are not those of the App GITHUB_APP_ID',
  );
});

test('a process whose pooler loses prepared statements refuses to start, and names the setting', async () => {
  test.skip(findPgBouncer() === undefined, 'pgbouncer is not on this machine');
  const pooler = await startPgBouncer(server.services.env.DATABASE_URL ?? '', 2, false);
  try {
    const changes = { DATABASE_URL: pooler.url, DATABASE_PREPARED_STATEMENTS: '1' };
    expect(await refusal(changes)).toContain('DATABASE_PREPARED_STATEMENTS is 1, but the pooler');
  } finally {
    await pooler.close();
  }
});

test('a process with a contradictory configuration refuses to start and prints no value', async () => {
  const said = await refusal({
    AUTH_DEV_LOGIN: '1',
    PULSESTREAM_ENV: 'prod',
    NEXTAUTH_SECRET: 'too short a secret',
  });
  expect(said).toContain('NEXTAUTH_SECRET');
  expect(said).not.toContain('too short a secret');
  expect(await refusal({ PULSESTREAM_ENV: 'prod' })).toContain('AUTH_DEV_LOGIN: refused');
});

test('the first mint of a process bypasses Next, so a new replica keeps nobody waiting for code', async () => {
  const port = String(await findFreePort(server.services.port + 1));
  const url = `http://localhost:${port}`;
  const app = await startAppServer({
    mode: 'start',
    env: { ...server.services.env, PORT: port, NEXTAUTH_URL: url, TRUSTED_PROXY_HOPS: '1' },
  });
  try {
    // An address of its own, because the next test uses up the limit of this machine's.
    const client = { 'x-forwarded-for': '203.0.113.77' };
    const { status, headers } = await mintInternal(url, 'psk_demo_nonsense', { headers: client });
    // Next removes this header.
    expect([status, headers.get('content-length')]).toEqual([401, expect.any(String)]);
  } finally {
    await app.stop();
  }
});

test('a request that arrives before the process is ready counts for its client’s own address', async () => {
  const port = await findFreePort(server.services.port + 1);
  const url = `http://localhost:${port}`;
  const changes = { PORT: String(port), NEXTAUTH_URL: url, RATE_LIMIT_INTERNAL_PER_MINUTE: '1' };
  const env = { ...server.services.env, ...changes };
  const starting = startAppServer({ mode: 'start', env });
  let isOver = false;
  const early = async (): Promise<number> => {
    while (!isOver) {
      try {
        const headers = { 'x-forwarded-for': '203.0.113.9' };
        return (await mintInternal(url, 'psk_demo_nonsense', { headers })).status;
      } catch {
        // The process isn't listening yet, so try again.
        await setImmediate();
      }
    }
    return 0;
  };
  const answered = early();
  const app = await starting.finally(() => {
    isOver = true;
  });
  try {
    expect(await answered).toBe(401);
    // The early request counted towards the limit of its real IP address, despite the forged header. It has used up
    // that limit, so this request is refused.
    expect((await mintInternal(url, 'psk_demo_nonsense')).status).toBe(429);
  } finally {
    await app.stop();
  }
});

test('the health checks report that the process is alive and ready, or which part is not', async () => {
  const get = async (path: string) => {
    const response = await fetch(`${server.app.url}${path}`);
    return { status: response.status, body: await response.json() };
  };
  expect((await get('/api/health/live')).status).toBe(200);
  // Poll, because the check waits only a quarter of a second for Redis, which a busy machine can miss.
  const ready = () => expect.poll(() => get('/api/health/ready'));
  await ready().toMatchObject({
    status: 200,
    body: { checks: { database: 'ok', redis: 'ok', key: 'ok' } },
  });
  await server.services.store.knobs.refuse(true);
  await ready().toMatchObject({
    status: 503,
    body: { checks: { database: 'ok', redis: 'failed' } },
  });
  await server.services.store.knobs.reset();
  await ready().toMatchObject({ status: 200 });
});
