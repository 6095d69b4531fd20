import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Fault } from 'offline-github';
import { beforeEach, describe, expect, it } from 'vitest';
import { SYSTEM_SYNC } from '../actor';
import { recordMint } from '../audit/record';
import { makeApiKeyActor, readAudit, TEST_ORIGIN } from '../auth/test-fixtures';
import { backgroundWorkEnded } from '../background';
import type { AuditDetails } from '../contract/audit-types';
import { getDb, inTransaction } from '../db/client';
import { forgetGitHub } from '../github/client';
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
import { mintToken } from '../token/mint';
import { receiveDelivery } from '../webhooks/receive';
import { confirmEnd, confirmPendingEnds, resumeEndChecks } from './confirm-end';
import { disconnectInstallation } from './disconnect';
import { noteEndSeen } from './transitions';

const world = await startTestWorld();
const { github } = world;

const ROUTE = 'GET /app/installations/{installation_id}';
const LIST = 'GET /app/installations';
const MINT = 'POST /app/installations/{installation_id}/access_tokens';
const GONE: Fault = { kind: 'status', status: 404, message: 'Not Found' };
const DOWN: Fault = { kind: 'status', status: 502 };
/** Long enough for every timer, even on a busy machine. */
const PATIENCE = { timeout: 60_000 };

let scene: Scene;
beforeEach(async () => {
  await clearWorld(world);
  forgetGitHub();
  const repositories = ['acme/api', 'acme/web'];
  scene = await connectedScene(world, { account: 'acme', by: 'olivia', repositories });
});

const mint = async () =>
  mintToken({
    workspaceId: scene.workspaceId,
    actor: await makeApiKeyActor({ id: scene.workspaceId, slug: scene.slug }),
    origin: TEST_ORIGIN,
    request: {},
  });
const mintCode = () =>
  mint().then(
    () => 'minted',
    (error: { code?: string }) => error.code ?? String(error),
  );
const stored = () => storedInstallation(scene.installationId);
const status = async () => (await stored()).status;
const uninstallUnheard = () => {
  github.knobs.set({ webhooks: { drop: 1 } });
  github.actions.uninstall({ installation: scene.installationId });
};
const told = (guid: string = randomUUID()) =>
  signedDelivery(
    github,
    'installation',
    {
      action: 'deleted',
      installation: { id: scene.installationId, account: { id: 30001, login: 'acme', type: 'Organization' } },
      sender: { id: 20001 },
    },
    { guid },
  );
const endRows = async () =>
  (await readAudit(scene.workspaceId)).filter(({ type }) => type === 'github.installation_deleted');

describe('a live installation', () => {
  it.each([
    ['a mint', MINT, () => mintCode()],
    ['a sync', ROUTE, () => syncInstallation(scene.installationId)],
    ['a sync’s own token', MINT, () => syncInstallation(scene.installationId)],
  ])('keeps minting after a single 404 to %s', async (_, route, call) => {
    github.knobs.failNext(route, GONE);
    await call();
    expect(await stored()).toMatchObject({ status: 'active', endSeenAt: null });
    expect(await mintCode()).toBe('minted');
  });

  it.each([
    ['a mint', [MINT, ROUTE], () => mintCode()],
    ['a sync', [ROUTE, ROUTE], () => syncInstallation(scene.installationId)],
    ['a reconcile that was told to look', [ROUTE, ROUTE], () => requestAndReconcile(false)],
  ])(
    'mints nothing after 404s to %s, then recovers by itself and keeps all its repositories',
    async (_, routes, call) => {
      for (const route of routes) github.knobs.failNext(route, GONE);
      await call();
      expect(await stored()).toMatchObject({ status: 'active' });
      expect((await stored()).endSeenAt).not.toBeNull();
      expect(await mintCode()).toBe('github_unavailable');
      await expect.poll(mintCode, PATIENCE).toBe('minted');
      expect(await stored()).toMatchObject({ status: 'active', endSeenAt: null, endSeenBy: null });
      expect(await storedNames(scene.installationId)).toEqual(['acme/api', 'acme/web']);
      expect(await endRows()).toEqual([]);
    },
  );

  it(
    'is synced once it is seen again, and the process finishes that sync before it exits',
    async () => {
      github.knobs.failNext(ROUTE, GONE, 40);
      expect(await syncInstallation(scene.installationId)).toBe('ending');
      github.knobs.reset();
      const { arrived, release } = github.knobs.holdNextAnswer('GET /installation/repositories');
      await arrived;
      let isOver = false;
      const over = backgroundWorkEnded().then(() => {
        isOver = true;
      });
      for (let turn = 0; turn < 10; turn++) await setImmediate();
      expect(isOver).toBe(false);
      release();
      await over;
      expect(await stored()).toMatchObject({ status: 'active', endSeenAt: null });
    },
    PATIENCE.timeout,
  );

  it('does not end while GitHub’s route for it and the list contradict each other', async () => {
    github.knobs.failNext(ROUTE, GONE, 40);
    expect(await syncInstallation(scene.installationId)).toBe('ending');
    await expect.poll(() => github.requests.filter({ route: LIST }).length, PATIENCE).toBeGreaterThan(0);
    await expect.poll(() => syncInstallation(scene.installationId)).toBe('ending');
    expect(await status()).toBe('active');
    github.knobs.reset();
    await expect.poll(mintCode, PATIENCE).toBe('minted');
  });

  it('ends after two 404s seconds apart, but not after two that are closer together', async () => {
    github.knobs.failNext(ROUTE, GONE, 40);
    github.knobs.alterNextAnswers(LIST, () => ({ json: [] }), 40);
    await inTransaction((tx) => noteEndSeen(tx, scene.installationId, 'sync'));
    // Set the witness's age in the database, so that it does not depend on the machine's speed.
    const firstSeen = (endSeenAt: Date) =>
      getDb().installation.update({ where: { id: scene.installationId }, data: { endSeenAt } });
    const anHour = 3_600_000;
    await firstSeen(new Date(Date.now() + 30_000));
    expect(await confirmEnd(scene.installationId)).toBe('pending');
    expect(await status()).toBe('active');
    await firstSeen(new Date(Date.now() - anHour));
    expect(await confirmEnd(scene.installationId)).toBe('deleted');
    expect(await status()).toBe('deleted');
  });

  it('recovers and mints again although the database’s clock was set back since the first witness', async () => {
    await inTransaction((tx) => noteEndSeen(tx, scene.installationId, 'sync'));
    const endSeenAt = new Date(Date.now() + 3 * 3_600_000);
    await getDb().installation.update({ where: { id: scene.installationId }, data: { endSeenAt } });
    expect(await confirmPendingEnds(true)).toBe(1);
    expect(await mintCode()).toBe('minted');
  });

  it('survives a signed delivery that reports its uninstall, even when it is replayed', async () => {
    const { outcome } = await receiveDelivery(told());
    expect(outcome).toBe('handled');
    expect(await mintCode()).toBe('github_unavailable');
    await expect.poll(mintCode, PATIENCE).toBe('minted');
    // A replay of the same body under other delivery ids must not block mints again.
    for (let n = 0; n < 3; n++) {
      expect(await receiveDelivery(told())).toMatchObject({ outcome: 'duplicate' });
      expect(await mintCode()).toBe('minted');
    }
    expect(await endRows()).toEqual([]);
  });

  it('survives a delivery that reports its uninstall while GitHub is down, and mints nothing until GitHub responds', async () => {
    github.knobs.failNext(ROUTE, DOWN, 2);
    await receiveDelivery(told());
    expect(await mintCode()).toBe('github_unavailable');
    await expect.poll(mintCode, PATIENCE).toBe('minted');
    expect(await status()).toBe('active');
  });
});

async function requestAndReconcile(wait: boolean): Promise<void> {
  await getDb().installation.update({
    where: { id: scene.installationId },
    data: { syncRequestedAt: new Date() },
  });
  await reconcile(wait ? 0 : 1);
}

describe('an uninstalled installation', () => {
  it('ends before the response to its signed delivery, with one audit row', async () => {
    uninstallUnheard();
    await receiveDelivery(told());
    expect(await status()).toBe('deleted');
    expect(await mintCode()).toBe('installation_deleted');
    expect(await endRows()).toMatchObject([{ actorId: 'system:github', details: { noticed_by: 'webhook' } }]);
  });

  it('ends immediately when its delivery follows a refused mint', async () => {
    uninstallUnheard();
    expect(await mintCode()).toBe('github_unavailable');
    await receiveDelivery(told());
    expect(await status()).toBe('deleted');
  });

  it('ends even if GitHub still shows it for a moment after its delivery', async () => {
    github.knobs.set({ webhooks: { drop: 1 } });
    await receiveDelivery(told());
    expect(await mintCode()).toBe('github_unavailable');
    github.actions.uninstall({ installation: scene.installationId });
    await expect.poll(mintCode, PATIENCE).toBe('installation_deleted');
  });

  it.each([
    ['mint', () => mintCode()],
    ['sync', () => syncInstallation(scene.installationId)],
  ] as const)(
    'ends by itself seconds later when only a %s noticed the uninstall',
    async (noticedBy, notice) => {
      uninstallUnheard();
      await notice();
      expect(await stored()).toMatchObject({ status: 'active', endSeenBy: noticedBy });
      expect(await mintCode()).toBe('github_unavailable');
      await expect.poll(status, PATIENCE).toBe('deleted');
      expect(await mintCode()).toBe('installation_deleted');
      expect(await endRows()).toMatchObject([{ details: { noticed_by: noticedBy } }]);
      // For the second witness, the app must have read GitHub's list as well as the installation's route.
      expect(github.requests.filter({ route: LIST }).length).toBeGreaterThan(0);
    },
  );

  it('ends after one reconcile pass when nothing else noticed the uninstall', async () => {
    uninstallUnheard();
    await reconcile();
    expect(await status()).toBe('deleted');
  });

  it('ends only once when many processes confirm the uninstall concurrently', async () => {
    uninstallUnheard();
    await Promise.all([mintCode(), mintCode(), syncInstallation(scene.installationId)]);
    await expect.poll(status, PATIENCE).toBe('deleted');
    await Promise.all(Array.from({ length: 4 }, () => reconcile()));
    expect(await endRows()).toHaveLength(1);
  });

  it('ends even if the process died between the two witnesses, because the next process resumes', async () => {
    uninstallUnheard();
    // Store the first witness, as if the process had crashed right afterwards.
    await inTransaction((tx) => noteEndSeen(tx, scene.installationId, 'sync'));
    await resumeEndChecks(() => {});
    await expect.poll(status, PATIENCE).toBe('deleted');
  });
});

/** The details of a mint's audit row. */
const DETAILS: AuditDetails<'github.token_minted'> = {
  repositories: 'all',
  permissions: {},
  expires_at: '',
  hashed_token: '',
};

describe('a first witness', () => {
  it('makes the database reject a mint’s audit row, but not the row of the app’s own checks', async () => {
    await inTransaction((tx) => noteEndSeen(tx, scene.installationId, 'webhook'));
    const row = {
      workspaceId: scene.workspaceId,
      type: 'github.token_minted',
      origin: TEST_ORIGIN,
      installationId: scene.installationId,
      details: DETAILS,
    } as const;
    const user = { ...scene.actor, type: 'user' } as const;
    expect(await recordMint({ ...row, actor: user })).toBe('installation_ended');
    expect(await recordMint({ ...row, actor: SYSTEM_SYNC })).toHaveProperty('seq');
  });

  it('makes the database reject a mint’s audit row that was sent just before the witness was committed', async () => {
    const user = { ...scene.actor, type: 'user' } as const;
    const rowWaits = () => getDb().$queryRaw<unknown[]>`
      SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
        AND query LIKE 'INSERT INTO audit_events%'`;
    const { recording } = await inTransaction(async (tx) => {
      await noteEndSeen(tx, scene.installationId, 'webhook');
      let isOver = false;
      const recording = recordMint({
        workspaceId: scene.workspaceId,
        type: 'github.token_minted',
        origin: TEST_ORIGIN,
        installationId: scene.installationId,
        details: DETAILS,
        actor: user,
      }).finally(() => {
        isOver = true;
      });
      await expect.poll(async () => isOver || (await rowWaits()).length === 1).toBe(true);
      return { recording };
    });
    expect(await recording).toBe('installation_ended');
  });

  it('stops a mint in progress and revokes its token', async () => {
    const minted = github.knobs.holdNextAnswer(MINT);
    const minting = mintCode();
    await minted.arrived;
    await inTransaction((tx) => noteEndSeen(tx, scene.installationId, 'webhook'));
    minted.release();
    expect(await minting).toBe('github_unavailable');
    expect(github.requests.filter({ route: 'DELETE /installation/token', status: 204 })).toHaveLength(1);
  });

  it('does not keep an admin from disconnecting, which ends the installation immediately', async () => {
    await inTransaction((tx) => noteEndSeen(tx, scene.installationId, 'sync'));
    const { workspaceId, installationId, actor } = scene;
    await disconnectInstallation({ workspaceId, installationId, actor, origin: TEST_ORIGIN });
    expect(await status()).toBe('deleted');
    expect(github.state.installations.has(installationId)).toBe(false);
  });
});

describe('an uninstall by disconnect', () => {
  it('is retried after a temporary 404 until the App is uninstalled', async () => {
    github.knobs.failNext('DELETE /app/installations/{installation_id}', GONE);
    const { workspaceId, installationId, actor } = scene;
    await disconnectInstallation({ workspaceId, installationId, actor, origin: TEST_ORIGIN });
    expect(github.state.installations.has(installationId)).toBe(true);
    expect(await reconcile()).toMatchObject({ uninstalled: 1 });
    expect(github.state.installations.has(installationId)).toBe(false);
    expect((await stored()).uninstallRequestedAt).toBeNull();
  });
});
