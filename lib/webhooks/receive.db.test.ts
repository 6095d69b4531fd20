import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { readAudit, TEST_ORIGIN } from '../auth/test-fixtures';
import { getDb } from '../db/client';
import { reconcile } from '../sync/reconcile';
import { syncInstallation } from '../sync/sync';
import { clearWorld, connectedScene } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { type Delivery, receiveDelivery } from './receive';

const world = await startTestWorld();
const { github } = world;

let workspaceId: string;
let installationId: number;

beforeEach(async () => {
  await clearWorld(world);
  ({ workspaceId, installationId } = await connectedScene(world, {
    account: 'acme',
    by: 'olivia',
    repositories: ['acme/api', 'acme/web'],
  }));
});

function signed(event: string, payload: unknown, given: { secret?: string; guid?: string } = {}): Delivery {
  const { headers, body } = github.signDelivery(event, payload, given);
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    id: lower['x-github-delivery'] ?? null,
    event: lower['x-github-event'] ?? null,
    body: Buffer.from(body),
    origin: TEST_ORIGIN,
  };
}

const suspension = (action = 'suspend') => ({
  action,
  installation: { id: installationId, account: { id: 30001, login: 'acme', type: 'Organization' } },
  sender: { id: 20001 },
});

const stored = () => getDb().installation.findUniqueOrThrow({ where: { id: installationId } });
const names = async () =>
  (
    await getDb().repository.findMany({
      where: { installationId, removedAt: null },
      orderBy: { name: 'asc' },
    })
  ).map(({ owner, name }) => `${owner}/${name}`);

describe('a signed body', () => {
  it('has no effect if it cannot be parsed, and GitHub is asked instead', async () => {
    for (const payload of [
      { action: 'deleted', installation: { id: '1; DROP TABLE' } },
      { action: 'deleted', installation: { id: -1 } },
      { action: 'deleted', installation: [] },
    ])
      await expect(receiveDelivery(signed('installation', payload))).resolves.toMatchObject({
        toSync: [],
        toCompare: true,
      });
    expect(await stored()).toMatchObject({ status: 'active', endSeenAt: null });
  });

  it('is accepted for an event that has no effect, whatever it contains', async () => {
    for (const payload of [
      {},
      [1],
      'text',
      { action: 'created', installation: null },
      { repository: { name: 'x' } },
    ])
      await expect(receiveDelivery(signed('star', payload))).resolves.toMatchObject({ outcome: 'ignored' });
  });
});

describe('a text that the database cannot store', () => {
  const account = { id: 30001, login: 'acme', type: 'Organization' };
  const installation = (given: object) => ({ id: 990_000_001, account: { ...account, ...given } });

  it.each([
    ['action', 'installation', () => ({ ...suspension(), action: 'sus\u0000pend' })],
    ['action of another event', 'push', () => ({ action: 'x\u0000' })],
    [
      'login of an installing account',
      'installation',
      () => ({ action: 'created', installation: installation({ login: 'a\u0000' }) }),
    ],
    [
      'login of an uninstalling account',
      'installation',
      () => ({ action: 'deleted', installation: installation({ login: 'a\u0000' }) }),
    ],
    [
      'type of an account',
      'installation',
      () => ({ action: 'created', installation: installation({ type: 'a\u0000' }) }),
    ],
  ])('as the %s is left out, and the webhook still counts', async (_, event, payload) => {
    const { outcome } = await receiveDelivery(signed(event, payload()));
    expect(outcome).toBe(event === 'push' ? 'ignored' : 'handled');
    expect((await stored()).status).toBe('active');
  });
});

describe('one delivery', () => {
  it('takes effect once, however often it arrives concurrently', async () => {
    const delivery = signed('installation', suspension(), { guid: randomUUID() });
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => receiveDelivery(delivery)));
    expect(outcomes.filter(({ outcome }) => outcome === 'handled')).toHaveLength(1);
    expect(outcomes.filter(({ outcome }) => outcome === 'duplicate')).toHaveLength(7);
    const audited = (await readAudit(workspaceId)).filter(
      ({ type }) => type === 'github.installation_suspended',
    );
    expect(audited).toHaveLength(1);
  });

  it('leaves no trace if its effect cannot be committed, so a redelivery repairs it', async () => {
    const delivery = signed('installation', suspension(), { guid: randomUUID() });
    const owner = new (await import('pg')).default.Client(world.environment.OWNER_DATABASE_URL);
    await owner.connect();
    await owner.query(
      "ALTER TABLE audit_events ADD CONSTRAINT broken CHECK (type <> 'github.installation_suspended') NOT VALID",
    );
    await expect(receiveDelivery(delivery)).rejects.toThrow();
    expect((await stored()).status).toBe('active');
    await owner.query('ALTER TABLE audit_events DROP CONSTRAINT broken');
    await owner.end();
    await expect(receiveDelivery(delivery)).resolves.toMatchObject({ outcome: 'handled' });
    expect((await stored()).status).toBe('suspended');
  });
});

describe('a change on GitHub', () => {
  it('is applied, be it an addition, removal, rename, default branch, visibility or archiving', async () => {
    github.actions.addRepositories({ installation: installationId, repositories: ['acme/infra'] });
    await github.flush();
    expect(await names()).toEqual(['acme/api', 'acme/infra', 'acme/web']);
    github.actions.removeRepositories({ installation: installationId, repositories: ['acme/web'] });
    await github.flush();
    expect(await names()).toEqual(['acme/api', 'acme/infra']);
    github.actions.renameRepository({ repository: 'acme/infra', name: 'infrastructure' });
    await github.flush();
    expect(await names()).toEqual(['acme/api', 'acme/infrastructure']);
    await github.actions.changeDefaultBranch({ repository: 'acme/api', branch: 'trunk' });
    github.actions.archiveRepository({ repository: 'acme/api' });
    await github.flush();
    const api = await getDb().repository.findFirstOrThrow({ where: { installationId, name: 'api' } });
    expect(api).toMatchObject({ defaultBranch: 'trunk', archived: true, private: true });
    github.actions.renameRepository({ repository: 'acme/infrastructure', name: 'infra' });
    github.actions.unarchiveRepository({ repository: 'acme/api' });
    await github.actions.changeDefaultBranch({ repository: 'acme/api', branch: 'main' });
    await github.flush();
    const kinds = (await readAudit(workspaceId)).map(({ type }) => type);
    for (const type of [
      'github.repositories_added',
      'github.repositories_removed',
      'github.repositories_changed',
    ])
      expect(kinds).toContain(type);
  });

  it('ends access immediately and permanently when it is an uninstall', async () => {
    const late = signed('installation', { ...suspension('created'), requester: null });
    github.actions.uninstall({ installation: installationId });
    await github.flush();
    expect((await stored()).status).toBe('deleted');
    expect(await names()).toEqual([]);
    for (const action of ['created', 'unsuspend', 'new_permissions_accepted'])
      await receiveDelivery(signed('installation', suspension(action)));
    await receiveDelivery(late);
    await syncInstallation(installationId);
    await reconcile();
    expect((await stored()).status).toBe('deleted');
  });

  it('removes a transferred repository from its former owner, although only the new owner gets the webhook', async () => {
    github.actions.transferRepository({ repository: 'acme/web', to: 'initech' });
    await github.flush();
    await reconcile();
    await syncInstallation(installationId);
    expect(await names()).toEqual(['acme/api']);
    github.actions.transferRepository({ repository: 'initech/web', to: 'acme' });
  });

  it('never widens access from a payload, so a replayed addition only asks GitHub', async () => {
    const { id } = await getDb().repository.findFirstOrThrow({ where: { installationId, name: 'web' } });
    github.actions.removeRepositories({ installation: installationId, repositories: ['acme/web'] });
    await github.flush();
    const replay = signed('installation_repositories', {
      ...suspension('added'),
      repositories_added: [{ id: Number(id), name: 'web', full_name: 'acme/web', private: true }],
      repositories_removed: [],
    });
    const { toSync } = await receiveDelivery(replay);
    expect(await names()).toEqual(['acme/api']);
    await Promise.all(toSync.map(syncInstallation));
    expect(await names()).toEqual(['acme/api']);
  });
});

describe('a sync', () => {
  it('does not restore a repository that was removed after it read GitHub', async () => {
    const list = github.knobs.holdNextAnswer('GET /installation/repositories');
    const syncing = syncInstallation(installationId);
    await list.arrived;
    github.knobs.set({ webhooks: { hold: true } });
    const { id } = await getDb().repository.findFirstOrThrow({ where: { installationId, name: 'web' } });
    github.actions.removeRepositories({ installation: installationId, repositories: ['acme/web'] });
    await receiveDelivery(
      signed('installation_repositories', {
        ...suspension('removed'),
        repositories_removed: [{ id: Number(id), name: 'web', full_name: 'acme/web', private: true }],
      }),
    );
    expect(await names()).toEqual(['acme/api']);
    list.release();
    expect(await syncing).toBe('synced');
    expect(await names()).toEqual(['acme/api']);
  });

  it('writes no repository row that has not changed', async () => {
    const versions = () =>
      getDb()
        .$queryRaw`SELECT id, xmin::text FROM repositories WHERE installation_id = ${installationId} ORDER BY id`;
    const before = await versions();
    expect(await syncInstallation(installationId)).toBe('synced');
    expect(await versions()).toEqual(before);
  });

  it('mints a token for reading metadata only, is audited as system:sync, and revokes its token', async () => {
    await syncInstallation(installationId);
    const [minted] = github.requests.filter({
      route: 'POST /app/installations/{installation_id}/access_tokens',
    });
    expect(minted?.body).toEqual({ permissions: { metadata: 'read' } });
    expect(github.requests.filter({ route: 'DELETE /installation/token', status: 204 })).toHaveLength(1);
    const last = (await readAudit(workspaceId)).at(-1);
    expect(last).toMatchObject({ type: 'github.token_minted', actorId: 'system:sync' });
  });

  it('stores every repository of several pages', async () => {
    github.actions.createRepositories({ account: 'globex', count: 250 });
    const { installationId: id } = await connectedScene(world, { account: 'globex', by: 'eve' });
    expect(await getDb().repository.count({ where: { installationId: id, removedAt: null } })).toBe(252);
  });
});

describe('reconcile', () => {
  it('finds every change whose webhook was lost', async () => {
    github.knobs.set({ webhooks: { drop: 1 } });
    github.actions.addRepositories({ installation: installationId, repositories: ['acme/infra'] });
    github.actions.suspend({ installation: installationId });
    const { id: missed } = github.actions.install({ account: 'initech', by: 'sam' });
    expect(await reconcile()).toMatchObject({ discovered: 1 });
    expect((await stored()).status).toBe('suspended');
    expect(await getDb().installation.findUnique({ where: { id: missed } })).toMatchObject({
      workspaceId: null,
    });
    github.actions.unsuspend({ installation: installationId });
    await reconcile();
    expect((await stored()).status).toBe('active');
    expect(await names()).toEqual(['acme/api', 'acme/infra', 'acme/web']);
    github.actions.uninstall({ installation: installationId });
    await reconcile();
    expect((await stored()).status).toBe('deleted');
  });
});
