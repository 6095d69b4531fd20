/**
 * Checks through the HTTP routes that a workspace cannot block another workspace's mints, whatever load it puts on the
 * database. To imitate a log with millions of events, a lock blocks one workspace's reads inside PostgreSQL.
 */
import { NextRequest } from 'next/server';
import { encode } from 'next-auth/jwt';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { POST as mintForService } from '../../app/api/v1/internal/github/token/route';
import { GET as readEvents } from '../../app/api/v1/workspaces/[workspace]/audit-events/route';
import { POST as mintForUser } from '../../app/api/v1/workspaces/[workspace]/github/token/route';
import { createApiKey } from '../api-keys/manage';
import { TEST_ORIGIN } from '../auth/test-fixtures';
import { getConfig } from '../config';
import { connectedScene, type Scene } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { inTransaction } from './client';
import { getPool, LANES } from './pool';
import { READS_PER_WORKSPACE } from './read-in-bulk';

const FLOOD = 40;
const MINTS = 20;
const PAGES = 5;
const HOLD = 7_215_011;

const world = await startTestWorld({
  RATE_LIMIT_INTERNAL_PER_MINUTE: '100000',
  RATE_LIMIT_USER_PER_MINUTE: '100000',
});
const owner = new pg.Client(world.environment.OWNER_DATABASE_URL);
/** Has no transaction, in which pg_stat_activity would leave out all connections that were opened after its first read. */
const observer = new pg.Client(world.environment.OWNER_DATABASE_URL);

type Tenant = Scene & { key: string; jwt: string };
let noisy: Tenant;
let another: Tenant;
let quiet: Tenant;

async function tenant(account: string, by: string): Promise<Tenant> {
  const scene = await connectedScene(world, { account, by });
  const administration = { workspaceId: scene.workspaceId, actor: scene.actor, origin: TEST_ORIGIN };
  const { key } = await createApiKey(administration, { name: 'engine' });
  const jwt = await encode({ token: { sub: scene.actor.id }, secret: getConfig().auth.secret });
  return { ...scene, key, jwt };
}

beforeAll(async () => {
  await Promise.all([owner.connect(), observer.connect()]);
  noisy = await tenant('acme', 'olivia');
  another = await tenant('initech', 'sam');
  quiet = await tenant('globex', 'eve');
});
afterAll(() => Promise.all([owner.end(), observer.end()]));

let clients = 0;

function request(path: string, method: string, bearer: string) {
  // Send each request from a different IP address, so that no per-IP limit applies.
  const from = `10.1.${clients >> 8}.${clients++ & 255}`;
  return new NextRequest(`http://localhost:3000/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${bearer}`, 'x-forwarded-for': from },
  });
}

const list = ({ slug, jwt }: Tenant, query = '') =>
  readEvents(request(`/workspaces/${slug}/audit-events${query}`, 'GET', jwt), {
    params: Promise.resolve({ workspace: slug }),
  });

const search = (of: Tenant) => list(of, '?q=nothing-like-it');

const mint = ({ slug, key, jwt }: Tenant, as: 'service' | 'user') =>
  as === 'service'
    ? mintForService(request('/internal/github/token', 'POST', key), { params: Promise.resolve({}) })
    : mintForUser(request(`/workspaces/${slug}/github/token`, 'POST', jwt), {
        params: Promise.resolve({ workspace: slug }),
      });

async function expectMintsPass(of: Tenant): Promise<void> {
  const answers = await Promise.all(
    Array.from({ length: MINTS }, (_, n) => mint(of, n % 2 === 0 ? 'service' : 'user')),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: MINTS }, () => 201));
}

/** Counts the connections to this database that are waiting for a lock, which every role is allowed to see. */
async function waiting(): Promise<number> {
  const { rows } = await observer.query<{ count: number }>(
    `SELECT count(DISTINCT pid)::int FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE NOT granted AND datname = current_database()`,
  );
  return rows[0]?.count ?? 0;
}

/** Blocks the app's reads of these workspaces' audit logs until `during` ends. */
async function whileReadsAreHeld(of: Tenant[], during: () => Promise<void>): Promise<void> {
  const ids = of.map(({ workspaceId }) => `'${workspaceId}'`).join();
  await owner.query(`
    CREATE POLICY held ON audit_events USING
      (workspace_id NOT IN (${ids}) OR pg_advisory_xact_lock_shared(${HOLD}) IS NOT NULL);
    ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;
    SELECT pg_advisory_lock(${HOLD})`);
  try {
    await during();
  } finally {
    await owner.query(`
      SELECT pg_advisory_unlock(${HOLD});
      ALTER TABLE audit_events DISABLE ROW LEVEL SECURITY;
      DROP POLICY held ON audit_events`);
  }
}

it('lets all mints of a workspace pass while another workspace searches its log 40 times in parallel', async () => {
  await whileReadsAreHeld([noisy], async () => {
    let isOver = false;
    const answers = new Set<string>();
    const searching = Array.from({ length: FLOOD }, async () => {
      while (!isOver) {
        const { status, headers } = await search(noisy);
        answers.add(`${status}, ${Number(headers.get('retry-after')) > 0 ? 'with' : 'without'} Retry-After`);
      }
    });
    await expect.poll(waiting).toBe(READS_PER_WORKSPACE);
    await expectMintsPass(quiet);
    // The quiet workspace's own search gets a connection too.
    expect((await search(quiet)).status).toBe(200);
    // Searches that exceed their deadline get 503, and searches without a slot get 429.
    const told = ['429, with Retry-After', '503, with Retry-After'];
    await expect.poll(() => [...answers].sort()).toEqual(told);
    isOver = true;
    await Promise.all(searching);
  });
  expect((await search(noisy)).status).toBe(200);
});

it('serves a workspace’s pages while two other workspaces search their logs as often as they can', async () => {
  const loud = [noisy, another] as const;
  await whileReadsAreHeld([...loud], async () => {
    let isOver = false;
    const searching = Array.from({ length: FLOOD }, async (_, n) => {
      while (!isOver) await search(loud[n % 2 === 0 ? 0 : 1]);
    });
    try {
      // Each loud workspace has at least one search waiting. Whether it has a second depends on the order of the
      // searches.
      await expect.poll(waiting).toBeGreaterThanOrEqual(loud.length);
      for (let page = 0; page < PAGES; page++) {
        const answers = await Promise.all([list(quiet), search(quiet)]);
        expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      }
    } finally {
      isOver = true;
      await Promise.all(searching);
    }
  });
});

it.each(Object.keys(LANES).filter((lane) => lane !== 'mint') as (keyof typeof LANES)[])(
  'lets mints pass while every connection of the %s lane is taken',
  async (lane) => {
    const taken = await Promise.all(
      Array.from({ length: LANES[lane].connections }, () => getPool(lane).connect()),
    );
    try {
      await expectMintsPass(quiet);
    } finally {
      for (const client of taken) client.release();
    }
  },
);

it('lets mints pass while transactions of webhooks, syncs and pages block each other', async () => {
  await owner.query('BEGIN');
  await owner.query('SELECT FROM installations WHERE id = $1 FOR UPDATE', [noisy.installationId]);
  const stuck = Array.from({ length: FLOOD }, () =>
    inTransaction(
      (tx) => tx.$queryRaw`SELECT id FROM installations WHERE id = ${noisy.installationId} FOR UPDATE`,
    ).catch(() => 'no connection in time'),
  );
  await expect.poll(waiting).toBe(LANES.work.connections);
  await expectMintsPass(quiet);
  await owner.query('COMMIT');
  await Promise.all(stuck);
});

it('lets mints pass while the mints of another workspace wait for its audit chain', async () => {
  await owner.query('BEGIN');
  await owner.query('SELECT FROM audit_chains WHERE workspace_id = $1 FOR UPDATE', [noisy.workspaceId]);
  const stuck = Array.from({ length: FLOOD }, () => mint(noisy, 'service'));
  await expect.poll(waiting).toBeGreaterThan(0);
  await expectMintsPass(quiet);
  await owner.query('COMMIT');
  const statuses = (await Promise.all(stuck)).map(({ status }) => status);
  expect(new Set(statuses.map((status) => status === 201 || status === 503))).toEqual(new Set([true]));
  expect((await mint(noisy, 'service')).status).toBe(201);
});

it('opens no more connections than docs/operations.md states', async () => {
  const inAll = Object.values(LANES).reduce((sum, { connections }) => sum + connections, 0);
  expect(inAll).toBe(20);
});
