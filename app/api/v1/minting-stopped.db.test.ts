/** Stops and starts minting by the operator's CLI, and calls both mint routes in this process. */
import { NextRequest } from 'next/server';
import { encode } from 'next-auth/jwt';
import pg from 'pg';
import { beforeEach, describe, expect, it } from 'vitest';
import { runHere } from '@/cli/test-admin';
import { createApiKey } from '@/lib/api-keys/manage';
import { verifyAuditChain } from '@/lib/audit/verify';
import { readAudit, TEST_ORIGIN } from '@/lib/auth/test-fixtures';
import { getConfig } from '@/lib/config';
import { getDb } from '@/lib/db/client';
import { listInstallations } from '@/lib/installation/list';
import { syncInstallation } from '@/lib/sync/sync';
import { clearWorld, connectedScene, type Scene } from '@/lib/testing/test-scene';
import { startTestWorld } from '@/lib/testing/test-world';
import { POST as mintForService } from './internal/github/token/route';
import { POST as mintForMember } from './workspaces/[workspace]/github/token/route';

const world = await startTestWorld();
const { github } = world;
const MINT = 'POST /app/installations/{installation_id}/access_tokens';
const REVOKE = 'DELETE /installation/token';
const REASON = 'The App’s key may have leaked';

type Key = { id: string; key: string };

let acme: Scene;
let globex: Scene;
let engine: Key;
let other: Key;
let foreign: Key;

const newKey = ({ workspaceId, actor }: Scene, name: string) =>
  createApiKey({ workspaceId, actor, origin: TEST_ORIGIN }, { name });

beforeEach(async () => {
  await clearWorld(world);
  await getDb().mintingStop.deleteMany();
  acme = await connectedScene(world, { account: 'acme', by: 'olivia', repositories: ['acme/api'] });
  globex = await connectedScene(world, { account: 'globex', by: 'eve', repositories: ['globex/reactor'] });
  engine = await newKey(acme, 'engine');
  other = await newKey(acme, 'other');
  foreign = await newKey(globex, 'engine');
  github.requests.clear();
});

let clients = 0;

function request(path: string, authorization: string, body: object): NextRequest {
  // Each request comes from another address, so that no limit is reached.
  clients += 1;
  const client = `198.51.${100 + Math.floor(clients / 250)}.${clients % 250}`;
  return new NextRequest(`http://localhost:3000/api/v1/${path}`, {
    method: 'POST',
    headers: { authorization, 'x-forwarded-for': client, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

const asService = ({ key }: Key, body = {}): Promise<Response> =>
  mintForService(request('internal/github/token', `Bearer ${key}`, body), { params: Promise.resolve({}) });

async function asMember({ slug, actor }: Scene): Promise<Response> {
  const jwt = await encode({ token: { sub: actor.id }, secret: getConfig().auth.secret });
  return mintForMember(request(`workspaces/${slug}/github/token`, `Bearer ${jwt}`, {}), {
    params: Promise.resolve({ workspace: slug }),
  });
}

/** The status of each caller's mint. */
const statuses = async () =>
  Object.fromEntries(
    await Promise.all(
      Object.entries({
        engine: asService(engine),
        other: asService(other),
        member: asMember(acme),
        foreign: asService(foreign),
      }).map(async ([name, response]) => [name, (await response).status]),
    ),
  );
const ALL_MINT = { engine: 201, other: 201, member: 201, foreign: 201 };

async function operate(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await runHere(...args);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

const stop = (...scope: string[]) => operate('minting:stop', '--reason', REASON, ...scope);
const start = (...scope: string[]) => operate('minting:start', ...scope);
const minted = () => github.requests.filter({ route: MINT, status: 201 }).length;
const stopsOf = async ({ workspaceId }: Scene) =>
  (await readAudit(workspaceId)).filter(({ type }) => type.startsWith('minting.'));

async function asOwner<T>(run: (db: pg.Client) => Promise<T>): Promise<T> {
  const db = new pg.Client(world.environment.OWNER_DATABASE_URL);
  await db.connect();
  try {
    return await run(db);
  } finally {
    await db.end();
  }
}

const SCOPES: [what: string, scope: () => string[], stopped: Record<string, number>][] = [
  ['everything', () => [], { engine: 503, other: 503, member: 503, foreign: 503 }],
  ['a workspace', () => ['--workspace', acme.slug], { engine: 503, other: 503, member: 503 }],
  ['an API key', () => ['--key', engine.id], { engine: 503 }],
];

it.each(SCOPES)(
  'refuses mints from the next request on when the operator stops %s, and no others, until it is started again',
  async (_, scope, stopped) => {
    await stop(...scope());
    expect(await statuses()).toEqual({ ...ALL_MINT, ...stopped });
    expect(minted()).toBe(Object.keys(ALL_MINT).length - Object.keys(stopped).length);
    expect(await start(...scope())).toMatchObject({ started: true });
    expect(await statuses()).toEqual(ALL_MINT);
  },
);

it('tells the caller the code, the reason and when to try again, and records the refusal', async () => {
  await stop('--key', engine.id);
  const response = await asService(engine);
  expect(response.headers.get('retry-after')).toBe('60');
  expect(await response.json()).toMatchObject({
    status: 503,
    code: 'minting_stopped',
    detail: `The operator has stopped issuing tokens for this API key. Reason: ${REASON}`,
  });
  expect(await readAudit(acme.workspaceId)).toContainEqual(
    expect.objectContaining({
      type: 'github.token_denied',
      actorId: engine.id,
      details: expect.objectContaining({ reason: 'minting_stopped' }),
    }),
  );
});

describe('a mint under way', () => {
  it.each(SCOPES)('releases no token when the operator stops %s while GitHub answers', async (_, scope) => {
    const held = github.knobs.holdNextAnswer(MINT);
    const minting = asService(engine);
    await held.arrived;
    await stop(...scope());
    held.release();
    expect(await (await minting).json()).toMatchObject({ code: 'minting_stopped' });
    expect(github.requests.filter({ route: REVOKE, status: 204 })).toHaveLength(1);
    const rows = (await readAudit(acme.workspaceId)).filter(({ actorId }) => actorId === engine.id);
    expect(rows).toMatchObject([
      { type: 'github.token_denied', details: { hashed_token: expect.any(String) } },
    ]);
  });

  it.each(SCOPES)('releases no token when the operator stops %s while it is verified', async (_, scope) => {
    const held = github.knobs.holdNextAnswer('GET /installation/repositories');
    const minting = asService(engine, { verify: true });
    await held.arrived;
    await stop(...scope());
    held.release();
    expect((await minting).status).toBe(503);
    expect(github.requests.filter({ route: REVOKE, status: 204 })).toHaveLength(1);
  });
});

it('mints nothing while the stops cannot be read', async () => {
  await asOwner((db) => db.query('REVOKE SELECT ON minting_stops FROM pulsestream_app'));
  const refused = await statuses();
  await asOwner((db) => db.query('GRANT SELECT ON minting_stops TO pulsestream_app'));
  for (const status of Object.values(refused)) expect(status).toBeGreaterThanOrEqual(500);
  expect(minted()).toBe(0);
  expect(await statuses()).toEqual(ALL_MINT);
});

describe('a sync', () => {
  it.each([
    ['everything', () => []],
    ['its workspace', () => ['--workspace', acme.slug]],
  ] as const)('mints no token while %s is stopped, says so, and catches up afterwards', async (_, scope) => {
    await stop(...scope());
    expect(await syncInstallation(acme.installationId)).toBe('failed');
    expect(minted()).toBe(0);
    expect(await listInstallations(acme.workspaceId)).toMatchObject([{ sync_error: 'minting_stopped' }]);
    await start(...scope());
    expect(await listInstallations(acme.workspaceId)).toMatchObject([{ next_check_at: null }]);
    expect(await syncInstallation(acme.installationId)).toBe('synced');
  });

  it('uses no token that GitHub minted while minting was stopped', async () => {
    const held = github.knobs.holdNextAnswer(MINT);
    const syncing = syncInstallation(acme.installationId);
    await held.arrived;
    await stop();
    held.release();
    expect(await syncing).toBe('failed');
    expect(github.requests.filter({ route: 'GET /installation/repositories' })).toEqual([]);
    expect(github.requests.filter({ route: REVOKE, status: 204 })).toHaveLength(1);
  });

  it('continues while only a key is stopped', async () => {
    await stop('--key', engine.id);
    expect(await syncInstallation(acme.installationId)).toBe('synced');
  });
});

describe('the audit log', () => {
  const names = (events: { type: string }[]) => events.map(({ type }) => type);

  it('names the key and the reason, in the log of its workspace alone', async () => {
    await stop('--key', engine.id);
    await start('--key', engine.id);
    const details = { scope: 'api_key', reason: REASON, api_key_id: engine.id, name: 'engine' };
    expect(await stopsOf(acme)).toMatchObject([
      { type: 'minting.stopped', actorId: 'system:cli', details },
      { type: 'minting.started', actorId: 'system:cli', details },
    ]);
    expect(await stopsOf(globex)).toEqual([]);
  });

  it('names a stop of everything once in every workspace, even if the command is repeated', async () => {
    await stop();
    const again = await runHere('minting:stop', '--reason', 'Another reason');
    expect([again.code, JSON.parse(again.stdout)]).toMatchObject([0, { is_new: false, reason: REASON }]);
    await start();
    expect((await runHere('minting:start')).stderr).toContain('it was not stopped');
    for (const scene of [acme, globex]) {
      expect(names(await stopsOf(scene))).toEqual(['minting.stopped', 'minting.started']);
      expect(await verifyAuditChain(scene.workspaceId)).toMatchObject({ ok: true });
    }
  });

  it('neither delays a stop of everything nor lets it be started unrecorded if one workspace’s log takes no event', async () => {
    await asOwner((db) =>
      db.query(`CREATE FUNCTION take_none() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'full'; END $$;
        CREATE TRIGGER a_take_none BEFORE INSERT ON audit_events FOR EACH ROW
          WHEN (NEW.workspace_slug IS NULL AND NEW.workspace_id = '${acme.workspaceId}' AND NEW.type LIKE 'minting.%')
          EXECUTE FUNCTION take_none()`),
    );
    const stopped = await runHere('minting:stop', '--reason', REASON);
    expect([stopped.code, JSON.parse(stopped.stdout)]).toMatchObject([1, { not_recorded: [acme.slug] }]);
    expect(await statuses()).toMatchObject({ engine: 503, foreign: 503 });
    const started = await runHere('minting:start');
    expect([started.code, started.stderr]).toEqual([1, expect.stringContaining(acme.slug)]);
    expect(await statuses()).toMatchObject({ engine: 503, foreign: 503 });

    await asOwner((db) => db.query('DROP TRIGGER a_take_none ON audit_events; DROP FUNCTION take_none'));
    await stop();
    await start();
    for (const scene of [acme, globex])
      expect(names(await stopsOf(scene)).sort()).toEqual(['minting.started', 'minting.stopped']);
    expect(await statuses()).toEqual(ALL_MINT);
  });
});

it.each<[complaint: RegExp, args: () => string[]]>([
  [/--reason: missing/, () => ['minting:stop']],
  [/--reason/, () => ['minting:stop', '--reason', 'two\nlines']],
  [/either --workspace or --key/, () => ['minting:start', '--workspace', acme.slug, '--key', engine.id]],
  [/no API key/, () => ['minting:start', '--key', acme.workspaceId]],
  [/no workspace/, () => ['minting:start', '--workspace', 'nowhere']],
])('a command that is not understood stops and starts nothing: %s', async (complaint, args) => {
  const { code, stderr } = await runHere(...args());
  expect([code, stderr]).toEqual([1, expect.stringMatching(complaint)]);
  expect(await statuses()).toEqual(ALL_MINT);
});
