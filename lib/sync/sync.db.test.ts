import pg from 'pg';
import { beforeEach, describe, expect, it } from 'vitest';
import { readAudit } from '../auth/test-fixtures';
import { getDb } from '../db/client';
import {
  clearWorld,
  connectedScene,
  type Scene,
  signedDelivery,
  storedInstallation,
  storedNames,
} from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { receiveDelivery } from '../webhooks/receive';
import { syncOnDemand } from './on-demand';
import { syncInstallation } from './sync';

const world = await startTestWorld();
const { github } = world;

const LIST = 'GET /installation/repositories';
const MINT = 'POST /app/installations/{installation_id}/access_tokens';
const ACME = { account: 'acme', by: 'olivia', repositories: ['acme/api', 'acme/web'] };

let scene: Scene;
beforeEach(async () => {
  await clearWorld(world);
  scene = await connectedScene(world, ACME);
});

/**
 * Simulates a second holder that took over the expired lease and then crashed. The first holder must not extend the
 * second holder's lease.
 */
const loseLease = () =>
  getDb().$executeRaw`UPDATE installations SET sync_leased_until = now() - interval '1 second',
    sync_lease = gen_random_uuid() WHERE id = ${scene.installationId}`;
const types = async () => (await readAudit(scene.workspaceId)).map(({ type }) => type);

describe('a holder whose lease expired', () => {
  it('neither writes nor takes the lease back from the next holder', async () => {
    const [late, atWork] = [github.knobs.holdNextAnswer(LIST), github.knobs.holdNextAnswer(LIST)];
    const slow = syncInstallation(scene.installationId);
    await late.arrived;
    await loseLease();
    const next = syncInstallation(scene.installationId);
    await atWork.arrived;
    late.release();
    expect(await slow).toBe('busy');
    atWork.release();
    expect(await next).toBe('synced');
    expect(github.requests.filter({ route: MINT })).toHaveLength(2);
  });

  it('leaves the next holder’s lease and error alone when it fails', async () => {
    github.knobs.failNext(LIST, { kind: 'status', status: 502 });
    const [late, atWork] = [github.knobs.holdNextAnswer(LIST), github.knobs.holdNextAnswer(LIST)];
    const slow = syncInstallation(scene.installationId);
    await late.arrived;
    await loseLease();
    const next = syncInstallation(scene.installationId);
    await atWork.arrived;
    late.release();
    expect(await slow).toBe('failed');
    const during = await storedInstallation(scene.installationId);
    expect(during.syncLeasedUntil?.getTime()).toBeGreaterThan(Date.now());
    expect(during.syncError).toBeNull();
    atWork.release();
    expect(await next).toBe('synced');
  });
});

describe('a sync', () => {
  it('makes a running sync read again if it is requested meanwhile', async () => {
    github.knobs.set({ webhooks: { drop: 1 } });
    const list = github.knobs.holdNextAnswer(LIST);
    const running = syncInstallation(scene.installationId);
    await list.arrived;
    github.actions.addRepositories({ installation: scene.installationId, repositories: ['acme/infra'] });
    const { toSync } = await receiveDelivery(
      signedDelivery(github, 'installation_repositories', {
        action: 'added',
        installation: { id: scene.installationId },
      }),
    );
    expect(toSync).toEqual([scene.installationId]);
    expect(await syncInstallation(scene.installationId)).toBe('busy');
    list.release();
    expect(await running).toBe('synced');
    expect(await storedNames(scene.installationId)).toEqual(['acme/api', 'acme/infra', 'acme/web']);
  });

  it('does not start for a user who is no longer an admin', async () => {
    const { workspaceId, installationId, actor } = scene;
    await getDb().membership.updateMany({
      where: { workspaceId, userId: actor.id },
      data: { role: 'member' },
    });
    const before = await storedInstallation(installationId);
    await expect(syncOnDemand(workspaceId, installationId, actor)).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect(await storedInstallation(installationId)).toEqual(before);
  });

  it('does not restart if an admin requests it again while it runs', async () => {
    const { workspaceId, installationId, actor } = scene;
    await getDb()
      .$executeRaw`UPDATE installations SET sync_requested_at = now(), sync_lease = gen_random_uuid(),
      sync_leased_until = now() + interval '1 hour' WHERE id = ${installationId}`;
    const running = await storedInstallation(installationId);
    for (let n = 0; n < 5; n++) await syncOnDemand(workspaceId, installationId, actor);
    expect(await storedInstallation(installationId)).toEqual(running);
    await loseLease();
    await syncOnDemand(workspaceId, installationId, actor);
    expect((await storedInstallation(installationId)).syncRequestedAt).toBeNull();
  });

  it('stores a suspension that happens during the sync, and does not fail', async () => {
    github.knobs.set({ webhooks: { drop: 1 } });
    const active = github.knobs.holdNextAnswer('GET /app/installations/{installation_id}');
    const running = syncInstallation(scene.installationId);
    await active.arrived;
    github.actions.suspend({ installation: scene.installationId });
    active.release();
    expect(await running).toBe('synced');
    const { status, suspendedAt, syncError, syncRequestedAt } = await storedInstallation(
      scene.installationId,
    );
    expect(status).toBe('suspended');
    expect(suspendedAt).not.toBeNull();
    expect({ syncError, syncRequestedAt }).toEqual({ syncError: null, syncRequestedAt: null });
    expect((await types()).filter((type) => type === 'github.installation_suspended')).toHaveLength(1);
  });

  it('reads the list once more when it changes between two pages', async () => {
    github.actions.createRepositories({ account: 'globex', count: 150 });
    const globex = await connectedScene(world, { account: 'globex', by: 'eve' });
    github.knobs.set({ webhooks: { drop: 1 } });
    const firstPage = github.knobs.holdNextAnswer(LIST);
    const running = syncInstallation(globex.installationId);
    await firstPage.arrived;
    github.actions.createRepository({ account: 'globex', name: 'new' });
    firstPage.release();
    expect(await running).toBe('synced');
    expect(await storedNames(globex.installationId)).toContain('globex/new');
    await github.actions.deleteRepository({ repository: 'globex/new' });
  });

  it('reports an ended installation, and marks it deleted once, after GitHub’s second 404', async () => {
    github.knobs.set({ webhooks: { drop: 1 } });
    github.actions.uninstall({ installation: scene.installationId });
    expect(await syncInstallation(scene.installationId)).toBe('ending');
    await expect.poll(() => syncInstallation(scene.installationId)).toBe('gone');
    expect(await syncInstallation(scene.installationId)).toBe('gone');
    expect((await types()).filter((type) => type === 'github.installation_deleted')).toHaveLength(1);
  });
});

describe('a 404 that does not prove an end', () => {
  it('deletes nothing when it is a proxy’s HTML page', async () => {
    github.knobs.failNext('GET /app/installations/{installation_id}', { kind: 'html', status: 404 });
    expect(await syncInstallation(scene.installationId)).toBe('failed');
    expect((await storedInstallation(scene.installationId)).status).toBe('active');
  });

  it('deletes nothing when the server does not have the App', async () => {
    for (const route of ['GET /app/installations/{installation_id}', 'GET /app'])
      github.knobs.failNext(route, { kind: 'status', status: 404, message: 'no Route matched' });
    expect(await syncInstallation(scene.installationId)).toBe('failed');
    expect((await storedInstallation(scene.installationId)).status).toBe('active');
  });

  it('deletes nothing when it is the response to the list of repositories', async () => {
    github.knobs.failNext(LIST, { kind: 'status', status: 404, message: 'Not Found' });
    expect(await syncInstallation(scene.installationId)).toBe('failed');
    expect((await storedInstallation(scene.installationId)).status).toBe('active');
  });
});

describe('a late delivery', () => {
  const payload = (action: string, more: object = {}) => ({
    action,
    installation: { id: scene.installationId, account: { id: 30001, login: 'acme', type: 'Organization' } },
    sender: { id: 20001 },
    ...more,
  });

  it('suspends immediately even if the reported suspension is over, until a sync has asked GitHub', async () => {
    const { toSync } = await receiveDelivery(signedDelivery(github, 'installation', payload('suspend')));
    expect((await storedInstallation(scene.installationId)).status).toBe('suspended');
    expect(toSync).toEqual([scene.installationId]);
    await Promise.all(toSync.map(syncInstallation));
    expect((await storedInstallation(scene.installationId)).status).toBe('active');
  });

  it('makes a running sync read again if it reports the deletion of a repository that was already read', async () => {
    github.knobs.set({ webhooks: { drop: 1 } });
    const doomed = github.actions.createRepository({ account: 'acme', name: 'doomed' });
    github.actions.addRepositories({ installation: scene.installationId, repositories: ['acme/doomed'] });
    const list = github.knobs.holdNextAnswer(LIST);
    const running = syncInstallation(scene.installationId);
    await list.arrived;
    await github.actions.deleteRepository({ repository: doomed.id });
    await receiveDelivery(
      signedDelivery(github, 'repository', payload('deleted', { repository: { id: doomed.id } })),
    );
    list.release();
    expect(await running).toBe('synced');
    expect(await storedNames(scene.installationId)).toEqual(['acme/api', 'acme/web']);
  });

  it('is matched by the repository’s owner if it names no installation', async () => {
    const { toSync } = await receiveDelivery(
      signedDelivery(github, 'repository', {
        action: 'created',
        repository: { id: 1, owner: { id: 30001 } },
        sender: { id: 20001 },
      }),
    );
    expect(toSync).toEqual([scene.installationId]);
  });

  it('does not take a transferred repository from its new owner', async () => {
    const { id } = await getDb().repository.findFirstOrThrow({
      where: { installationId: scene.installationId, name: 'web' },
    });
    await receiveDelivery(
      signedDelivery(github, 'repository', payload('transferred', { repository: { id: Number(id) } })),
    );
    expect(await storedNames(scene.installationId)).toEqual(['acme/api', 'acme/web']);
  });
});

describe('an uninstall of an unknown installation', () => {
  it('is stored, and whoever uninstalled does not count as the installer', async () => {
    await receiveDelivery(
      signedDelivery(github, 'installation', {
        action: 'deleted',
        installation: { id: 777_001, account: { id: 30002, login: 'globex', type: 'Organization' } },
        sender: { id: 20004 },
      }),
    );
    const stored = await storedInstallation(777_001);
    expect(stored).toMatchObject({ status: 'deleted', installedByGithubId: null, syncRequestedAt: null });
  });

  it('is stored even if GitHub omits the account', async () => {
    await receiveDelivery(
      signedDelivery(github, 'installation', {
        action: 'deleted',
        installation: { id: 777_002, account: null },
        sender: { id: 20004 },
      }),
    );
    expect(await storedInstallation(777_002)).toMatchObject({ status: 'deleted', workspaceId: null });
  });
});

describe('two installations of one workspace', () => {
  it('do not block each other when two deliveries touch them in opposite order', async () => {
    const { workspaceId } = scene;
    const second = await connectedScene(world, { account: 'globex', by: 'eve' });
    // Store the same repository for both installations of one workspace, as happens in the middle of a transfer.
    const row = { id: 900_001n, owner: 'x', name: 'x', cloneUrl: 'x', defaultBranch: 'main', private: true };
    const [one, other] = [scene.installationId, second.installationId];
    const owner = new pg.Client(world.environment.OWNER_DATABASE_URL);
    const observer = new pg.Client(world.environment.OWNER_DATABASE_URL);
    await Promise.all([owner.connect(), observer.connect()]);
    await owner.query('ALTER TABLE installations DISABLE TRIGGER installations_deleted_is_final');
    await owner.query('UPDATE installations SET workspace_id = $1 WHERE id = $2', [workspaceId, other]);
    await owner.query('ALTER TABLE installations ENABLE ALWAYS TRIGGER installations_deleted_is_final');
    await getDb().repository.createMany({
      data: [one, other].map((installationId) => ({ ...row, installationId })),
    });

    await owner.query('BEGIN');
    await owner.query('SELECT 1 FROM installations WHERE id = $1 FOR UPDATE', [Math.max(one, other)]);
    const blocked = async () => {
      const { rows } = await observer.query(`SELECT 1 FROM pg_locks JOIN pg_stat_activity a USING (pid)
        WHERE NOT granted AND a.datname = current_database()`);
      return rows;
    };
    const suspended = receiveDelivery(
      signedDelivery(github, 'installation', {
        action: 'suspend',
        installation: { id: Math.max(one, other) },
      }),
    );
    await expect.poll(blocked).toHaveLength(1);
    const deleted = receiveDelivery(
      signedDelivery(github, 'repository', { action: 'deleted', repository: { id: 900_001 } }),
    );
    await expect.poll(blocked).toHaveLength(2);
    await owner.query('COMMIT');
    await Promise.all([owner.end(), observer.end()]);
    await expect(Promise.all([suspended, deleted])).resolves.toMatchObject([
      { outcome: 'handled' },
      { outcome: 'handled' },
    ]);
  });
});
