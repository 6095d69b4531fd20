/**
 * Fault F1 in docs/faults.md: kills PostgreSQL between GitHub's response and the commit of the audit row. The test runs
 * its own server, kills it with SIGKILL and restarts it on the same data.
 *
 * Seen to fail without `revokeUnreleased` in `recordBeforeRelease`, because the token stays valid at GitHub. Seen to
 * fail without the `throw` there, because the token is released. Seen to fail without the timeout that
 * `recordAuditEventNow` passes to `query`, because no response is sent.
 */
import { NextRequest } from 'next/server';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { POST } from '../../app/api/v1/internal/github/token/route';
import { runAsSuperuser } from '../../local/services/postgres/databases';
import { startRestartablePostgres } from '../../local/services/postgres/restartable';
import { createApiKey } from '../api-keys/manage';
import { verifyAuditChain } from '../audit/verify';
import { readAudit, TEST_ORIGIN } from '../auth/test-fixtures';
import { connectedScene, type Scene } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';

const MINT = 'POST /app/installations/{installation_id}/access_tokens';
const REVOKE = 'DELETE /installation/token';

const postgres = await startRestartablePostgres();
const database = await postgres.createMigratedDatabase();
const { github } = await startTestWorld({
  DATABASE_URL: database.appUrl,
  RATE_LIMIT_INTERNAL_PER_MINUTE: '1000',
});

let scene: Scene;
let key = '';

beforeAll(async () => {
  scene = await connectedScene(
    { github, environment: {}, receiver: { syncsFollow: true } },
    { account: 'acme', by: 'olivia' },
  );
  ({ key } = await createApiKey(
    { workspaceId: scene.workspaceId, actor: scene.actor, origin: TEST_ORIGIN },
    { name: 'engine' },
  ));
});

beforeEach(() => {
  github.knobs.reset();
  github.requests.clear();
});

afterAll(() => postgres.stop());

async function mint() {
  const request = new NextRequest('http://localhost:3000/api/v1/internal/github/token', {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'x-forwarded-for': '192.0.2.9' },
  });
  const response = await POST(request, { params: Promise.resolve({}) });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const asked = (route: string, status?: number) =>
  github.requests.filter({ route, ...(status === undefined ? {} : { status }) }).length;

/** Expects a 503 without a token, and exactly one mint and one revocation at GitHub. */
function expectNoTokenLeft({ status, headers, text }: Awaited<ReturnType<typeof mint>>): void {
  expect({ status, code: JSON.parse(text).code }).toEqual({ status: 503, code: 'audit_unavailable' });
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect(text).not.toContain('ghs_');
  expect([asked(MINT, 201), asked(REVOKE, 204)]).toEqual([1, 1]);
}

async function expectWorksAgain(mintsBefore: number): Promise<void> {
  await expect.poll(async () => (await mint()).status, { interval: 250 }).toBe(201);
  expect(await mintCount()).toBe(mintsBefore + 1);
  expect(await verifyAuditChain(scene.workspaceId)).toMatchObject({ ok: true });
}

const mintCount = async () =>
  (await readAudit(scene.workspaceId)).filter(
    ({ type, actorId }) => type === 'github.token_minted' && actorId !== 'system:sync',
  ).length;

/** Locks the workspace's audit chain, so that the audit row waits inside PostgreSQL. */
async function holdChain(): Promise<pg.Client> {
  const owner = new pg.Client(database.ownerUrl);
  owner.on('error', () => {});
  await owner.connect();
  await owner.query('BEGIN');
  await owner.query('SELECT FROM audit_chains WHERE workspace_id = $1 FOR UPDATE', [scene.workspaceId]);
  return owner;
}

it('releases no token when the database is killed while GitHub answers, revokes that token, and mints again after a restart', async () => {
  const before = await mintCount();
  const minted = github.knobs.holdNextAnswer(MINT);
  const minting = mint();
  await minted.arrived;
  await postgres.kill();
  minted.release();
  expectNoTokenLeft(await minting);
  await postgres.restart();
  await expectWorksAgain(before);
});

it('releases no token when the database is killed before the audit row is committed, and revokes that token', async () => {
  const before = await mintCount();
  await holdChain();
  const minting = mint();
  await expect.poll(() => asked(MINT, 201)).toBe(1);
  await expect.poll(() => waitingInserts()).toBe(1);
  await postgres.kill();
  expectNoTokenLeft(await minting);
  await postgres.restart();
  await expectWorksAgain(before);
});

it('releases no token when the database hangs for some seconds, and revokes that token', async () => {
  const before = await mintCount();
  const owner = await holdChain();
  expectNoTokenLeft(await mint());
  // PostgreSQL must give up too, so that the revoked token gets no row and no connection stays busy.
  await expect.poll(waitingInserts).toBe(0);
  await owner.end();
  await expectWorksAgain(before);
});

function waitingInserts(): Promise<number> {
  return runAsSuperuser(postgres.current(), async (client) => {
    const { rowCount } = await client.query(
      "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO audit_events%'",
    );
    return rowCount ?? 0;
  });
}
