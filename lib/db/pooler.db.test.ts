/**
 * Runs the app through a real PgBouncer in transaction mode, which many PostgreSQL hosts offer. In this mode, each
 * transaction may run on a different server connection.
 */
import { NextRequest } from 'next/server';
import { encode } from 'next-auth/jwt';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { POST as mintForService } from '../../app/api/v1/internal/github/token/route';
import { GET as readEvents } from '../../app/api/v1/workspaces/[workspace]/audit-events/route';
import { GET as verifyEvents } from '../../app/api/v1/workspaces/[workspace]/audit-events/verify/route';

import { POST as mintForUser } from '../../app/api/v1/workspaces/[workspace]/github/token/route';
import { findPgBouncer, startPgBouncer } from '../../local/services/pgbouncer';
import { createTestDatabase } from '../../local/test/database';
import { createApiKey } from '../api-keys/manage';
import { TEST_ORIGIN } from '../auth/test-fixtures';
import { getConfig } from '../config';
import { syncInstallation } from '../sync/sync';
import { connectedScene, type Scene, storedNames } from '../testing/test-scene';
import { startTestWorld, type TestWorld } from '../testing/test-world';
import { assertAppIdentity } from './app-identity';
import { getDb, inTransaction } from './client';
import { getPool } from './pool';

const CONCURRENT = 80;

const where = findPgBouncer();
const reason = where === undefined ? ' (skipped: pgbouncer is not on this machine)' : '';

let world: TestWorld;
let scene: Scene;
let close = async () => {};
let ownerUrl = '';
let key = '';
let jwt = '';

beforeAll(async () => {
  if (where === undefined) return;
  const database = await createTestDatabase();
  ownerUrl = database.ownerUrl;
  const pooler = await startPgBouncer(database.appUrl);
  close = pooler.close;
  world = await startTestWorld({
    DATABASE_URL: pooler.url,
    RATE_LIMIT_INTERNAL_PER_MINUTE: '1000',
    RATE_LIMIT_USER_PER_MINUTE: '1000',
  });
  await assertAppIdentity();
  scene = await connectedScene(world, { account: 'acme', by: 'olivia' });
  const administration = { workspaceId: scene.workspaceId, actor: scene.actor, origin: TEST_ORIGIN };
  ({ key } = await createApiKey(administration, { name: 'engine' }));
  jwt = await encode({ token: { sub: scene.actor.id }, secret: getConfig().auth.secret });
});
afterAll(() => close());

function request(path: string, method: string, bearer: string) {
  return new NextRequest(`http://localhost:3000/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${bearer}`, 'x-forwarded-for': '192.0.2.9' },
  });
}

const ofWorkspace = () => ({ params: Promise.resolve({ workspace: scene.slug }) });

describe.skipIf(where === undefined)(`the app through a transaction pooler${reason}`, () => {
  it('mints concurrently through a transaction pooler', async () => {
    const answers = await Promise.all(
      Array.from({ length: CONCURRENT }, (_, n) =>
        n % 2 === 0
          ? mintForService(request('/internal/github/token', 'POST', key), { params: Promise.resolve({}) })
          : mintForUser(request(`/workspaces/${scene.slug}/github/token`, 'POST', jwt), ofWorkspace()),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses).toEqual(Array.from({ length: CONCURRENT }, () => 201));
  });

  it('syncs, exports, searches and verifies through a transaction pooler', async () => {
    world.github.actions.renameRepository({ repository: 'acme/web', name: 'site' });
    const path = `/workspaces/${scene.slug}/audit-events`;
    const [synced, exported, found, verified] = await Promise.all([
      syncInstallation(scene.installationId),
      readEvents(request(`${path}?format=ndjson`, 'GET', jwt), ofWorkspace()),
      readEvents(request(`${path}?q=acme`, 'GET', jwt), ofWorkspace()),
      verifyEvents(request(`${path}/verify`, 'GET', jwt), ofWorkspace()),
    ]);
    // The result is `busy` if the webhook about the rename has already started the sync.
    expect(['synced', 'busy']).toContain(synced);
    await expect.poll(() => storedNames(scene.installationId)).toContain('acme/site');
    expect((await exported.text()).split('\n').length).toBeGreaterThan(CONCURRENT);
    expect((await found.json()).data.length).toBeGreaterThan(0);
    expect(await verified.json()).toMatchObject({ ok: true });
  });

  it('leaves no settings on the pooler’s connections for the next client', async () => {
    await Promise.all(Array.from({ length: 20 }, () => inTransaction((tx) => tx.$queryRaw`SELECT 1`)));
    const { rows: settings } = await getPool('mint').query(
      `SELECT name, setting FROM pg_settings WHERE source = 'session' AND name LIKE '%timeout%'`,
    );
    expect(settings).toEqual([]);
    const { rows: prepared } = await getPool('mint').query('SELECT name FROM pg_prepared_statements');
    expect(prepared).toEqual([]);
  });

  it('ends a transaction that waits too long inside the database', async () => {
    const [set] = await inTransaction(
      (tx) => tx.$queryRaw<{ statement: string; idle: string }[]>`
      SELECT current_setting('statement_timeout') AS statement,
        current_setting('idle_in_transaction_session_timeout') AS idle`,
    );
    expect(set).toEqual({ statement: '30s', idle: '30s' });
  });

  it('cancels a mint’s audit insert in the database as well if the audit chain stays locked', async () => {
    const owner = new pg.Client(ownerUrl);
    // Has no transaction, in which pg_stat_activity would leave out all connections that were opened after its first read.
    const observer = new pg.Client(ownerUrl);
    await Promise.all([owner.connect(), observer.connect()]);
    await owner.query('BEGIN');
    await owner.query('SELECT FROM audit_chains WHERE workspace_id = $1 FOR UPDATE', [scene.workspaceId]);
    const minted = () => getDb().auditEvent.count({ where: { type: 'github.token_minted' } });
    const before = await minted();
    const waiting = async () =>
      (
        await observer.query(`SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE NOT granted AND datname = current_database()`)
      ).rowCount;
    const minting = mintForService(request('/internal/github/token', 'POST', key), {
      params: Promise.resolve({}),
    });
    await expect.poll(waiting).toBeGreaterThan(0);
    expect((await minting).status).toBe(503);
    // The refusal's audit row waits for the lock too, but no caller waits for that row.
    await expect.poll(waiting).toBe(0);
    await owner.query('COMMIT');
    await Promise.all([owner.end(), observer.end()]);
    expect(await minted()).toBe(before);
  });
});
