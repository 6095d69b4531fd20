/** Tests that webhooks of a burst share a sync, and that the last change is always synced. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { beforeEach, expect, it, vi } from 'vitest';
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
import { syncInBackground, syncPause } from './queue';

const GET = 'GET /app/installations/{installation_id}';
const BURST = 500;

const world = await startTestWorld();
const { github, receiver } = world;

let scene: Scene;
beforeEach(async () => {
  await clearWorld(world);
  receiver.syncsFollow = true;
  scene = await connectedScene(world, { account: 'acme', by: 'olivia', repositories: ['acme/api'] });
  receiver.syncsFollow = false;
  github.requests.clear();
});

/** Returns a signed event that changes nothing by itself, but requests a sync. */
const event = () =>
  signedDelivery(
    github,
    'repository',
    {
      action: 'edited',
      installation: { id: scene.installationId },
      repository: { id: 4_711, owner: { id: 30001 } },
      nonce: randomUUID(),
    },
    { guid: randomUUID() },
  );

const reads = () => github.requests.filter({ route: GET }).length;

it('reads GitHub twice for 500 events during a sync, and stores the state after the last of them', async () => {
  const leases = vi.spyOn(pg.Client.prototype, 'query');
  const held = github.knobs.holdNextAnswer(GET);
  const first = syncInBackground(scene.installationId);
  await held.arrived;
  const following: Promise<unknown>[] = [];
  await Promise.all(
    Array.from({ length: BURST }, async () => {
      const { toSync } = await receiveDelivery(event());
      following.push(...toSync.map(syncInBackground));
    }),
  );
  github.actions.addRepositories({ installation: scene.installationId, repositories: ['acme/web'] });
  await github.flush();
  held.release();
  await Promise.all([first, ...following]);
  const taken = leases.mock.calls.filter(([query]) =>
    /sync_lease = \$\d/.test(String((query as { text?: string } | undefined)?.text)),
  );
  leases.mockRestore();
  expect(await storedNames(scene.installationId)).toEqual(['acme/api', 'acme/web']);
  expect((await storedInstallation(scene.installationId)).syncRequestedAt).toBeNull();
  expect(reads()).toBe(2);
  expect(taken.length).toBeLessThan(10);
});

it('stores the state after an event that arrives in the pause after a sync', async () => {
  syncPause.ms = 3000;
  await syncInBackground(scene.installationId);
  github.actions.renameRepository({ repository: 'acme/api', name: 'renamed' });
  await github.flush();
  const { toSync } = await receiveDelivery(event());
  await Promise.all(toSync.map(syncInBackground));
  expect(await storedNames(scene.installationId)).toEqual(['acme/renamed']);
});
