import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { readAudit, TEST_ORIGIN } from '../auth/test-fixtures';
import { getDb } from '../db/client';
import { reconcile } from '../sync/reconcile';
import { syncInstallation } from '../sync/sync';
import {
  clearWorld,
  connectedScene,
  type Scene,
  signedDelivery,
  storedInstallation,
  storedNames,
} from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { type Delivery, receiveDelivery } from './receive';

const world = await startTestWorld();
const { github } = world;

let scene: Scene;
beforeEach(async () => {
  await clearWorld(world);
  const repositories = ['acme/api', 'acme/web'];
  scene = await connectedScene(world, { account: 'acme', by: 'olivia', repositories });
});

const about = (action: string, more: object = {}) => ({
  action,
  installation: { id: scene.installationId, account: { id: 30001, login: 'acme', type: 'Organization' } },
  sender: { id: 20001 },
  ...more,
});
const signed = (event: string, payload: unknown, guid: string = randomUUID()) =>
  signedDelivery(github, event, payload, { guid });
const stored = () => storedInstallation(scene.installationId);
const syncedLongAgo = () =>
  getDb().installation.update({
    where: { id: scene.installationId },
    data: { syncedAt: new Date(Date.now() - 3_600_000), syncRequestedAt: null },
  });
const suspensions = async () =>
  (await readAudit(scene.workspaceId)).filter(({ type }) => type === 'github.installation_suspended').length;

/** Returns a new delivery with exactly these bytes as its body. */
function delivered(event: string, body: Buffer): Delivery {
  return { id: randomUUID(), event, body, origin: TEST_ORIGIN };
}

describe('a captured body', () => {
  it('has no second effect under another delivery id, but makes the app ask GitHub', async () => {
    await receiveDelivery(signed('installation', about('suspend')));
    await syncInstallation(scene.installationId);
    expect((await stored()).status).toBe('active');
    await syncedLongAgo();
    const replayed = await receiveDelivery(signed('installation', about('suspend')));
    expect(replayed).toMatchObject({ outcome: 'duplicate', toSync: [scene.installationId] });
    expect((await stored()).status).toBe('active');
    expect(await suspensions()).toBe(1);
  });

  it('leads to the right state if it is true again after a suspend, unsuspend and suspend in one second', async () => {
    github.knobs.set({ webhooks: { drop: 1 } });
    await receiveDelivery(signed('installation', about('suspend')));
    await syncInstallation(scene.installationId);
    await syncedLongAgo();
    github.actions.suspend({ installation: scene.installationId });
    const { toSync } = await receiveDelivery(signed('installation', about('suspend')));
    await Promise.all(toSync.map(syncInstallation));
    expect((await stored()).status).toBe('suspended');
  });

  it('starts no sync within 30 seconds of the last one, and reconcile does the rest', async () => {
    await receiveDelivery(signed('installation', about('suspend')));
    await syncInstallation(scene.installationId);
    for (let n = 0; n < 5; n++)
      expect(await receiveDelivery(signed('installation', about('suspend')))).toMatchObject({ toSync: [] });
    github.requests.clear();
    await reconcile();
    expect(github.requests.filter({ route: 'GET /installation/repositories' })).toHaveLength(1);
    expect((await stored()).status).toBe('active');
  });

  it('takes effect once if it arrives eight times concurrently under eight ids', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => receiveDelivery(signed('installation', about('suspend')))),
    );
    expect(outcomes.filter(({ outcome }) => outcome === 'handled')).toHaveLength(1);
    expect(await suspensions()).toBe(1);
  });

  it('does not block the real webhook if it was first sent as another event', async () => {
    const guid = randomUUID();
    await receiveDelivery(signed('star', about('suspend'), guid));
    await receiveDelivery(signed('repository', about('suspend')));
    expect((await stored()).status).toBe('active');
    await expect(receiveDelivery(signed('installation', about('suspend'), guid))).resolves.toMatchObject({
      outcome: 'handled',
    });
    expect((await stored()).status).toBe('suspended');
  });

  it('ends nothing and removes no repository if a repository.deleted is sent as an uninstall', async () => {
    const { id } = await getDb().repository.findFirstOrThrow({
      where: { installationId: scene.installationId, name: 'web' },
    });
    const repository = { id: Number(id), name: 'web', full_name: 'acme/web', owner: { id: 30001 } };
    const body = {
      ...about('deleted'),
      installation: { id: scene.installationId, node_id: 'x' },
      repository,
    };
    expect(await receiveDelivery(signed('installation', body))).toMatchObject({
      outcome: 'handled',
      toSync: [scene.installationId],
    });
    expect(await stored()).toMatchObject({ status: 'active', endSeenAt: null });
    expect(await storedNames(scene.installationId)).toEqual(['acme/api', 'acme/web']);
  });
});

describe('a delivery id', () => {
  it('does not block a webhook’s effect if another body has used it', async () => {
    const guid = randomUUID();
    await receiveDelivery(signed('installation', about('unsuspend'), guid));
    const [once, twice] = [
      await receiveDelivery(signed('installation', about('suspend'), guid)),
      await receiveDelivery(signed('installation', about('suspend'), guid)),
    ];
    expect(once.outcome).toBe('handled');
    expect(twice.outcome).toBe('duplicate');
    expect((await stored()).status).toBe('suspended');
  });

  it('still identifies a duplicate of a row that was written before body hashes were stored', async () => {
    const guid = randomUUID();
    await receiveDelivery(signed('installation', about('suspend'), guid));
    await getDb().webhookDelivery.update({ where: { id: guid }, data: { bodyFingerprint: null } });
    await expect(receiveDelivery(signed('installation', about('suspend'), guid))).resolves.toEqual({
      outcome: 'duplicate',
      toSync: [],
      toCompare: false,
    });
  });

  it('is deleted with the hash of its body after 30 days', async () => {
    await receiveDelivery(signed('installation', about('suspend')));
    await getDb().$executeRaw`UPDATE webhook_deliveries SET received_at = now() - interval '31 days'`;
    await reconcile();
    expect(await getDb().webhookDelivery.count()).toBe(0);
  });
});

describe('a form', () => {
  it('takes effect like JSON, byte for byte', async () => {
    const json = JSON.stringify(about('suspend', { note: 'ä & b=c + d%20 \u{1f600}' }));
    const body = Buffer.from(new URLSearchParams({ payload: json }).toString());
    await expect(receiveDelivery(delivered('installation', body))).resolves.toMatchObject({
      outcome: 'handled',
    });
    expect((await stored()).status).toBe('suspended');
  });

  it.each(['payload=', 'payload=%7B', 'payload', 'a=b', '{', 'null', '[]', '\u0000', '"text"'])(
    'has no effect and causes no error without a payload: %j',
    async (text) => {
      const received = await receiveDelivery(delivered('installation', Buffer.from(text)));
      expect(received).toMatchObject({ toSync: [], toCompare: true });
      expect(await stored()).toMatchObject({ status: 'active', endSeenAt: null });
    },
  );
});
