/**
 * Tests that a caller who loses authority during a mint gets no token. The authority ends while GitHub's response is
 * held back, or while the audit row waits for a lock.
 */
import pg from 'pg';
import { beforeEach, describe, expect, it } from 'vitest';
import { type ApiKeyActor, SYSTEM_CLI, type UserActor } from '../actor';
import { createApiKey, revokeApiKey, rotateApiKey } from '../api-keys/manage';
import { updateApiKey } from '../api-keys/update';
import { makeApiKeyActor, makeUser, makeWorkspace, readAudit, TEST_ORIGIN } from '../auth/test-fixtures';
import type { MintRequest } from '../contract/mint';
import { getDb, inTransaction } from '../db/client';
import { forgetGitHub } from '../github/client';
import { Problem } from '../problem';
import { clearWorld, connectedScene, type Scene } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { setApiKeysAllowed } from '../workspace/api-keys-allowed';
import { removeMember } from '../workspace/members';
import { mintToken } from './mint';

const world = await startTestWorld();
const { github } = world;
const MINT = 'POST /app/installations/{installation_id}/access_tokens';
const REVOKE = 'DELETE /installation/token';
const PROBE = 'GET /installation/repositories';

let scene: Scene;
let key: ApiKeyActor;
let member: UserActor;
let ids: { api: number; web: number };

beforeEach(async () => {
  await clearWorld(world);
  forgetGitHub();
  scene = await connectedScene(world, {
    account: 'acme',
    by: 'olivia',
    repositories: ['acme/api', 'acme/web'],
  });
  key = await makeApiKeyActor({ id: scene.workspaceId, slug: scene.slug });
  member = await makeUser();
  await getDb().membership.create({
    data: { workspaceId: scene.workspaceId, userId: member.id, role: 'member' },
  });
  const stored = await getDb().repository.findMany({ where: { installationId: scene.installationId } });
  const idOf = (name: string) => Number(stored.find((each) => each.name === name)?.id);
  ids = { api: idOf('api'), web: idOf('web') };
  github.requests.clear();
});

const by = () => ({ workspaceId: scene.workspaceId, actor: SYSTEM_CLI, origin: TEST_ORIGIN });

function mint(actor: ApiKeyActor | UserActor, request: MintRequest = {}) {
  return mintToken({ workspaceId: scene.workspaceId, actor, origin: TEST_ORIGIN, request });
}

/** Returns the problem that a mint throws. Fails the test if a token is released. */
async function refusal(minting: Promise<unknown>): Promise<Problem> {
  const outcome: unknown = await minting.then(
    () => 'a token was released',
    (error: unknown) => error,
  );
  if (!(outcome instanceof Problem)) throw new Error(String(outcome));
  return outcome;
}

async function eventsOf(actor: { id: string }, type: string) {
  return (await readAudit(scene.workspaceId)).filter(
    (event) => event.type === type && event.actorId === actor.id,
  );
}

/** Expects no `token_minted` row, one `token_denied` row with the token's hash, and one revocation at GitHub. */
async function expectNothingReleased(actor: { id: string }, reason: string): Promise<void> {
  expect(await eventsOf(actor, 'github.token_minted')).toEqual([]);
  expect(await eventsOf(actor, 'github.token_denied')).toMatchObject([
    { details: { reason, hashed_token: expect.any(String) } },
  ]);
  expect(github.requests.filter({ route: MINT, status: 201 })).toHaveLength(1);
  expect(github.requests.filter({ route: REVOKE, status: 204 })).toHaveLength(1);
}

async function asOwner<T>(run: (db: pg.Client) => Promise<T>): Promise<T> {
  const db = new pg.Client(world.environment.OWNER_DATABASE_URL);
  await db.connect();
  try {
    return await run(db);
  } finally {
    await db.end();
  }
}

type Ending = [what: string, end: () => Promise<unknown>, code: string];

const OF_A_KEY: Ending[] = [
  ['is revoked', () => revokeApiKey(by(), key.id), 'unauthenticated'],
  ['is rotated without overlap', () => rotateApiKey(by(), key.id, { overlap: -1000 }), 'unauthenticated'],
  [
    'expires',
    () =>
      getDb()
        .$executeRaw`UPDATE api_keys SET expires_at = now() - interval '1 ms' WHERE id = ${key.id}::uuid`,
    'unauthenticated',
  ],
  ['is deleted', () => getDb().apiKey.delete({ where: { id: key.id } }), 'unauthenticated'],
  [
    'is moved to another workspace',
    async () => {
      const { id } = await getDb().workspace.create({ data: { slug: `x-${key.id.slice(0, 8)}`, name: 'x' } });
      await getDb().apiKey.update({ where: { id: key.id }, data: { workspaceId: id } });
    },
    'unauthenticated',
  ],
  [
    'is bound to other repositories',
    () =>
      getDb().apiKey.update({
        where: { id: key.id },
        data: { bound: true, repositoryIds: [BigInt(ids.web)] },
      }),
    'repository_not_accessible',
  ],
  [
    'loses its list of repositories',
    () => getDb().apiKey.update({ where: { id: key.id }, data: { bound: true, repositoryIds: [] } }),
    'repository_not_accessible',
  ],
];

const OF_A_NETWORK: Ending[] = [
  [
    'is bound to networks without this client',
    () => updateApiKey(by(), key.id, { networks: ['198.51.100.0/24', '2001:db8::/32'] }),
    'forbidden',
  ],
  ['is forbidden by its workspace', () => setApiKeysAllowed(by(), false), 'forbidden'],
];

const OF_A_USER: Ending[] = [
  ['is removed from the workspace', () => removeMember(by(), member.id), 'not_found'],
  [
    'is deleted',
    () => asOwner((db) => db.query('DELETE FROM users WHERE id = $1', [member.id])),
    'not_found',
  ],
];

describe('a token is not released, and is revoked at GitHub', () => {
  it.each([...OF_A_KEY, ...OF_A_NETWORK])('when the key %s while GitHub answers', async (_, end, code) => {
    const held = github.knobs.holdNextAnswer(MINT);
    const minting = refusal(mint(key, { repositories: ['acme/api'] }));
    await held.arrived;
    await end();
    held.release();
    expect((await minting).code).toBe(code);
    await expectNothingReleased(key, code);
  });

  it.each(OF_A_USER)('when the user %s while GitHub answers', async (_, end, code) => {
    const held = github.knobs.holdNextAnswer(MINT);
    const minting = refusal(mint(member));
    await held.arrived;
    await end();
    held.release();
    expect((await minting).code).toBe(code);
    await expectNothingReleased(member, code);
  });

  it('when an unbound key is bound to repositories while GitHub answers', async () => {
    const held = github.knobs.holdNextAnswer(MINT);
    const minting = refusal(mint(key));
    await held.arrived;
    await getDb().apiKey.update({
      where: { id: key.id },
      data: { bound: true, repositoryIds: [BigInt(ids.api), BigInt(ids.web)] },
    });
    held.release();
    expect((await minting).code).toBe('repository_not_accessible');
    await expectNothingReleased(key, 'repository_not_accessible');
  });
});

const rowWaits = () =>
  getDb().$queryRaw<unknown[]>`
    SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
      AND query LIKE 'INSERT INTO audit_events%'`;

const endOfKeyWaits = () =>
  getDb().$queryRaw<unknown[]>`
    SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
      AND query LIKE 'DELETE FROM%api_keys%'`;

describe('a mint’s audit row that waits for the audit chain', () => {
  /**
   * Makes `change` in an open transaction that locks the audit chain, waits until the mint's row waits for that lock,
   * and then commits.
   */
  async function mintDuring(
    actor: ApiKeyActor | UserActor,
    change: (db: pg.Client) => Promise<unknown>,
  ): Promise<Problem> {
    return asOwner(async (db) => {
      await db.query('BEGIN');
      await change(db);
      const minting = refusal(mint(actor, { repositories: ['acme/api'] }));
      try {
        await expect.poll(rowWaits, { interval: 20 }).toHaveLength(1);
      } finally {
        await db.query('COMMIT');
      }
      return minting;
    });
  }

  it.each([
    ['revoked', `UPDATE api_keys SET revoked_at = now() WHERE id = $1`],
    ['expired', `UPDATE api_keys SET expires_at = clock_timestamp() WHERE id = $1`],
    ['bound to nothing', `UPDATE api_keys SET bound = true WHERE id = $1`],
    ['deleted', `DELETE FROM api_keys WHERE id = $1`],
    ['bound to another network', `UPDATE api_keys SET networks = '{198.51.100.0/24}' WHERE id = $1`],
    [
      'forbidden by its workspace',
      `UPDATE workspaces w SET api_keys_allowed = false FROM api_keys k WHERE k.workspace_id = w.id AND k.id = $1`,
    ],
  ])('is refused once the key is %s, even if no audit row records that', async (_, sql) => {
    await mintDuring(key, (db) => db.query(sql, [key.id]));
    expect(await eventsOf(key, 'github.token_minted')).toEqual([]);
    expect(github.requests.filter({ route: REVOKE, status: 204 })).toHaveLength(1);
  });

  it('is refused once the list of a bound key no longer has the repository', async () => {
    const bound = await makeApiKeyActor(key.workspace, { repositoryIds: [ids.api] });
    await mintDuring(bound, (db) =>
      db.query('UPDATE api_keys SET repository_ids = $2 WHERE id = $1', [bound.id, [ids.web]]),
    );
    expect(await eventsOf(bound, 'github.token_minted')).toEqual([]);
    expect(github.requests.filter({ route: REVOKE, status: 204 })).toHaveLength(1);
  });

  it('delays the deletion of its key until the row is committed, even in a workspace without an audit log', async () => {
    const workspace = await makeWorkspace();
    const first = await makeApiKeyActor(workspace);
    expect(await getDb().auditChain.count({ where: { workspaceId: workspace.id } })).toBe(0);
    await asOwner(async (db) => {
      await db.query('BEGIN');
      await db.query(
        `INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, request_id, details)
          VALUES ($1, 'github.token_minted', 'api_key', $2, 'x', 'r', '{}')`,
        [workspace.id, first.id],
      );
      const ending = getDb().apiKey.delete({ where: { id: first.id } });
      const ended = ending.then(() => 'ended');
      try {
        await expect.poll(endOfKeyWaits, { interval: 20 }).toHaveLength(1);
      } finally {
        await db.query('COMMIT');
      }
      expect(await ended).toBe('ended');
    });
  });

  it('is recorded while its key is bound to a network of the client', async () => {
    await updateApiKey(by(), key.id, { networks: ['192.0.2.0/24'] });
    await expect(mint(key)).resolves.toHaveProperty('token');
  });

  it.each([
    ['removed', 'DELETE FROM memberships WHERE user_id = $1'],
    ['deleted', 'DELETE FROM users WHERE id = $1'],
  ])('is refused once the user is %s, even if no audit row records that', async (_, sql) => {
    expect((await mintDuring(member, (db) => db.query(sql, [member.id]))).code).toBe('not_found');
    await expectNothingReleased(member, 'not_found');
  });

  it('is refused if the key expired after the request but before the row was stored', async () => {
    await getDb()
      .$executeRaw`UPDATE api_keys SET expires_at = now() + interval '2 s' WHERE id = ${key.id}::uuid`;
    await asOwner(async (db) => {
      await db.query('BEGIN');
      await db.query('SELECT 1 FROM audit_chains WHERE workspace_id = $1 FOR UPDATE', [scene.workspaceId]);
      const minting = refusal(mint(key));
      await expect.poll(rowWaits, { interval: 20 }).toHaveLength(1);
      const hasExpired = async () =>
        (await db.query('SELECT 1 FROM api_keys WHERE id = $1 AND expires_at < clock_timestamp()', [key.id]))
          .rowCount;
      await expect.poll(hasExpired).toBe(1);
      await db.query('COMMIT');
      expect((await minting).code).toBe('unauthenticated');
    });
    await expectNothingReleased(key, 'unauthenticated');
  });
});

describe('revocations and mints of one workspace', () => {
  it('run concurrently without a deadlock, and no mint passes after a revocation', async () => {
    const admin = { ...by(), actor: scene.actor };
    const created = await Promise.all(
      Array.from({ length: 6 }, () => createApiKey(admin, { name: 'engine' })),
    );
    const actors: ApiKeyActor[] = created.map(({ id }) => ({ ...key, id }));
    const mints = actors.flatMap((actor) => [mint(actor), mint(actor), mint(actor)]);
    const ends = actors.map(({ id }) => revokeApiKey(admin, id));
    const people = [mint(member), removeMember(admin, member.id), mint(member)];
    const outcomes = await Promise.allSettled([...mints, ...people]);
    await Promise.all(ends);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(['unauthenticated', 'not_found']).toContain((outcome.reason as Problem).code);
    const log = await readAudit(scene.workspaceId);
    for (const { id } of actors) {
      const revoked = log.findIndex(
        ({ type, details }) =>
          type === 'api_key.revoked' && (details as { api_key_id: string }).api_key_id === id,
      );
      expect(revoked).toBeGreaterThan(0);
      const later = log
        .slice(revoked)
        .filter(({ type, actorId }) => type === 'github.token_minted' && actorId === id);
      expect(later).toEqual([]);
    }
  });

  it('lets a mint proceed while another transaction updates the key’s last use', async () => {
    await inTransaction(async (tx) => {
      await tx.$executeRaw`UPDATE api_keys SET last_used_at = now() WHERE id = ${key.id}::uuid`;
      await expect(mint(key)).resolves.toHaveProperty('token');
    });
  });
});

describe('verify: true', () => {
  it.each([
    ['its key is revoked', () => key, () => revokeApiKey(by(), key.id), 'unauthenticated'],
    ['its user is removed', () => member, () => removeMember(by(), member.id), 'not_found'],
    [
      'its installation is suspended',
      () => key,
      () =>
        getDb().installation.update({
          where: { id: scene.installationId },
          data: { status: 'suspended' },
        }),
      'installation_suspended',
    ],
  ] as const)('releases nothing when %s while GitHub is asked about the token', async (_, who, end, code) => {
    const held = github.knobs.holdNextAnswer(PROBE);
    const minting = refusal(mint(who(), { verify: true }));
    await held.arrived;
    await end();
    held.release();
    expect((await minting).code).toBe(code);
    const [minted] = await eventsOf(who(), 'github.token_minted');
    const [revoked] = await eventsOf(who(), 'github.token_revoked');
    const { hashed_token: hash } = (minted?.details ?? {}) as { hashed_token?: string };
    expect(hash).toEqual(expect.any(String));
    expect(revoked?.details).toMatchObject({ hashed_token: hash });
    expect(await eventsOf(who(), 'github.token_denied')).toMatchObject([
      { details: { reason: code, hashed_token: hash } },
    ]);
    expect(github.requests.filter({ route: REVOKE, status: 204 })).toHaveLength(1);
  });
});

describe('the database', () => {
  const insert = (type: string, id: string, details: object = {}) =>
    getDb()
      .$executeRaw`INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, request_id, details)
      VALUES (${scene.workspaceId}::uuid, 'github.token_minted', ${type}, ${id}, 'x', 'r', ${details})`;

  it('rejects a mint’s audit row for an unknown key or user, or for another kind of actor', async () => {
    const stranger = await makeUser();
    const [colleague] = (await makeWorkspace('owner')).people;
    for (const [type, id] of [
      ['user', colleague?.id ?? ''],
      ['api_key', 'key'],
      ['api_key', stranger.id],
      ['api_key', member.id],
      ['user', stranger.id],
      ['user', key.id],
      ['user', ''],
      ['robot', key.id],
    ] as const)
      await expect(insert(type, id), `${type} ${id}`).rejects.toThrow('authority');
    await expect(insert('api_key', key.id)).resolves.toBe(1);
    await expect(insert('user', member.id)).resolves.toBe(1);
  });

  it('accepts a mint’s audit row for a bound key only if the key is bound to its repositories', async () => {
    const bound = await makeApiKeyActor(
      { id: scene.workspaceId, slug: scene.slug },
      { repositoryIds: [1, 2] },
    );
    for (const repositories of ['all', [{ id: 3 }], [{ id: 1 }, { id: 3 }], [{}], ['acme/api'], [1], null])
      await expect(insert('api_key', bound.id, { repositories })).rejects.toThrow('authority');
    await expect(insert('api_key', bound.id, {})).rejects.toThrow('authority');
    await expect(insert('api_key', bound.id, { repositories: [{ id: 2 }, { id: 1 }] })).resolves.toBe(1);
  });
});
