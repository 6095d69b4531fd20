import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeApiKeyActor, TEST_ORIGIN } from '../auth/test-fixtures';
import { getDb, inTransaction } from '../db/client';
import { disconnectInstallation } from '../installation/disconnect';
import { listInstallations } from '../installation/list';
import {
  clearWorld,
  connectedScene,
  newPerson,
  type Scene,
  signedDelivery,
  storedInstallation,
  storedNames,
} from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { mintToken } from '../token/mint';
import { receiveDelivery } from '../webhooks/receive';
import { reconcile } from './reconcile';
import { syncInstallation } from './sync';

const world = await startTestWorld();
const { github } = world;
const WEBHOOK_URL = github.app.webhookUrl ?? '';
const NOBODY_LISTENS = 'http://127.0.0.1:1/';

const PAGES = 'GET /app/installations';
const ASK = 'GET /app/installations/{installation_id}';
const MINT = 'POST /app/installations/{installation_id}/access_tokens';
const UNINSTALL = 'DELETE /app/installations/{installation_id}';
const DELIVERIES = 'GET /app/hook/deliveries';
const ATTEMPT = 'POST /app/hook/deliveries/{delivery_id}/attempts';
const DOWN = { kind: 'status', status: 502 } as const;

let scene: Scene;
beforeEach(async () => {
  github.configureApp({ webhookUrl: WEBHOOK_URL });
  await clearWorld(world);
  scene = await connectedScene(world, {
    account: 'acme',
    by: 'olivia',
    repositories: ['acme/api', 'acme/web'],
  });
  github.deliveries.clear();
});

const asked = (route: string) => github.requests.filter({ route });
const view = async () => {
  const [installation] = await listInstallations(scene.workspaceId);
  if (!installation) throw new Error('nothing is connected');
  return installation;
};
const mint = async () =>
  mintToken({
    workspaceId: scene.workspaceId,
    actor: await makeApiKeyActor({ id: scene.workspaceId, slug: scene.slug }),
    origin: TEST_ORIGIN,
    request: {},
  });

/** Creates organizations with the App installed, each connected to its own workspace long ago. */
async function connectMany(count: number, prefix: string, isDue: boolean): Promise<number[]> {
  github.knobs.set({ webhooks: { drop: 1 } });
  const installations = Array.from({ length: count }, (_, index) => {
    const login = `${prefix}-${index}`;
    const { id: account_id } = github.actions.createOrganization({ login, owner: 'olivia' });
    const { id } = github.actions.install({ account: login, by: 'olivia' });
    return { id, account_id, login };
  });
  await getDb().$executeRaw`
    WITH given AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(installations)}::jsonb) AS g (id bigint, account_id bigint, login text)
    ), workspaces AS (INSERT INTO workspaces (slug, name) SELECT login, login FROM given RETURNING id, slug)
    INSERT INTO installations (id, workspace_id, account_id, account_login, account_type, repository_selection,
      bound_at, synced_at, sync_requested_at)
    SELECT g.id, w.id, g.account_id, g.login, 'Organization', 'all', now(), now(),
      CASE WHEN ${isDue} THEN now() END
    FROM given g JOIN workspaces w ON w.slug = g.login`;
  github.deliveries.clear();
  github.requests.clear();
  return installations.map(({ id }) => id);
}

describe('replicas that reconcile concurrently', () => {
  it('share the work, so each due installation is synced once', async () => {
    const ids = await connectMany(12, 'shared', true);
    // Make the first pass slow, so that all replicas start while it is still running.
    github.knobs.latency(PAGES, 300);
    const reports = await Promise.all(Array.from({ length: 6 }, () => reconcile()));
    expect(reports.reduce((sum, { synced }) => sum + synced, 0)).toBe(ids.length);
    for (const id of ids) {
      expect(asked(ASK).filter(({ installationId }) => installationId === id)).toHaveLength(1);
      expect(asked(MINT).filter(({ installationId }) => installationId === id)).toHaveLength(1);
    }
    // Replicas that called after the first pass had begun needed a second pass, but there must be no third.
    expect(asked(PAGES).length).toBeLessThanOrEqual(2);
  });

  it('do not repeat a pass within the interval', async () => {
    await reconcile();
    github.requests.clear();
    await Promise.all([reconcile(240), reconcile(240)]);
    expect(github.requests.list()).toEqual([]);
  });

  it('take over from a replica that died in the middle of a sync', async () => {
    await getDb().$executeRaw`
      UPDATE installations SET sync_requested_at = now(), sync_lease = gen_random_uuid(),
        sync_leased_until = now() + interval '2 seconds' WHERE id = ${scene.installationId}`;
    expect(await reconcile()).toMatchObject({ synced: 1 });
  });

  it('wait for an installation whose row a webhook has locked', async () => {
    const { installationId: id } = scene;
    await getDb().$executeRaw`UPDATE installations SET sync_requested_at = now() WHERE id = ${id}`;
    const pass = await inTransaction(async (tx) => {
      await tx.$queryRaw`SELECT id FROM installations WHERE id = ${id} FOR UPDATE`;
      github.requests.clear();
      const running = reconcile();
      await expect.poll(() => asked(DELIVERIES)).toHaveLength(1);
      // Give the pass time to reach its search for due installations, while the row is still locked.
      await Promise.race([running, sleep(1000)]);
      return { running };
    });
    expect(await pass.running).toMatchObject({ synced: 1 });
  });

  it('take over from a replica that died in the middle of a pass', async () => {
    await getDb().$executeRaw`
      UPDATE reconcile_state SET lease = gen_random_uuid(), leased_until = now() + interval '2 seconds'`;
    expect(await reconcile()).toMatchObject({ listed: 1 });
  });
});

describe('a pass with nothing to do', () => {
  it('only requests GitHub’s list and one page of deliveries, even with 1,000 installations', async () => {
    const ids = await connectMany(999, 'many', false);
    expect(await reconcile()).toMatchObject({ listed: 1000, synced: 0, discovered: 0, redelivered: 0 });
    expect(github.requests.list().map(({ route }) => route)).toEqual([...Array(10).fill(PAGES), DELIVERIES]);
    // Uninstall while webhooks are off, because otherwise, the next test would wait for a thousand webhooks.
    for (const id of ids) github.actions.uninstall({ installation: id });
  });
});

describe('while GitHub does not respond', () => {
  it('a pass fails and delays the next one, and the page shows the cause and the last success', async () => {
    await reconcile();
    const before = await view();
    expect(before.last_checked_at).not.toBeNull();
    github.knobs.failNext(PAGES, DOWN);
    await expect(reconcile()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await view()).toMatchObject({
      sync_error: 'github_unavailable',
      last_checked_at: before.last_checked_at,
    });
    github.requests.clear();
    await reconcile(1);
    expect(github.requests.list()).toEqual([]);
    await reconcile();
    const after = await view();
    expect(after.sync_error).toBeNull();
    expect(Date.parse(after.last_checked_at ?? '')).toBeGreaterThan(Date.parse(before.last_checked_at ?? ''));
  });

  it('each failed pass doubles the delay', async () => {
    const waits: number[] = [];
    for (let failure = 0; failure < 3; failure++) {
      github.knobs.failNext(PAGES, DOWN);
      await expect(reconcile()).rejects.toThrow();
      const [row] = await getDb().$queryRaw<{ wait: number }[]>`
        SELECT extract(epoch FROM retry_at - now())::float8 AS wait FROM reconcile_state`;
      waits.push(Math.round((row?.wait ?? 0) / 30));
    }
    expect(waits).toEqual([1, 2, 4]);
  });

  it('a pass respects Retry-After, even when a caller requests it', async () => {
    github.knobs.failNext(PAGES, { kind: 'secondary-rate-limit', retryAfterSeconds: 120 });
    await expect(reconcile()).rejects.toMatchObject({ kind: 'rate_limited' });
    github.requests.clear();
    await reconcile();
    expect(asked(PAGES)).toEqual([]);
    await getDb().$executeRaw`UPDATE reconcile_state SET retry_at = retry_at - interval '60 seconds'`;
    await reconcile();
    expect(asked(PAGES)).toEqual([]);
    await getDb().$executeRaw`UPDATE reconcile_state SET retry_at = now()`;
    expect(await reconcile()).toMatchObject({ listed: 1 });
  });

  it('an installation waits for as long as GitHub demands, and no others are tried', async () => {
    await connectMany(8, 'limited', true);
    github.knobs.failNext(ASK, { kind: 'secondary-rate-limit', retryAfterSeconds: 90 }, 8);
    expect(await reconcile()).toMatchObject({ synced: 0 });
    expect(asked(ASK).length).toBeLessThanOrEqual(4);
    github.requests.clear();
    github.knobs.reset();
    await reconcile();
    expect(asked(ASK).length).toBeLessThanOrEqual(8);
    const limited = await getDb().installation.findMany({ where: { syncError: 'rate_limited' } });
    expect(limited.length).toBeGreaterThan(0);
    for (const { syncRetryAt } of limited)
      expect((syncRetryAt?.getTime() ?? 0) - Date.now()).toBeGreaterThan(60_000);
  });

  it('a failed sync is retried after a while, and immediately when requested', async () => {
    github.knobs.failNext(ASK, DOWN);
    expect(await syncInstallation(scene.installationId)).toBe('failed');
    expect(await view()).toMatchObject({ sync_error: 'github_unavailable' });
    await getDb().$executeRaw`UPDATE installations SET sync_requested_at = now()`;
    github.requests.clear();
    await reconcile(1);
    expect(asked(ASK)).toEqual([]);
    expect(await reconcile()).toMatchObject({ synced: 1 });
    expect(await view()).toMatchObject({ sync_error: null, sync_pending: false });
  });
});

describe('missed deliveries', () => {
  it('are redelivered, take effect, and are not requested again', async () => {
    github.configureApp({ webhookUrl: NOBODY_LISTENS });
    const { id } = github.actions.install({ account: 'globex', by: 'eve' });
    github.actions.renameRepository({ repository: 'acme/web', name: 'site' });
    await github.flush();
    github.configureApp({ webhookUrl: WEBHOOK_URL });
    expect(await reconcile()).toMatchObject({ discovered: 1, redelivered: 2 });
    expect(await storedNames(scene.installationId)).toEqual(['acme/api', 'acme/site']);
    await github.flush();
    // Only the redelivered webhook names the installer, who needs it as a proof of ownership.
    expect(await storedInstallation(id)).toMatchObject({ installedByGithubId: 20004n });
    github.requests.clear();
    expect(await reconcile()).toMatchObject({ redelivered: 0 });
    expect(asked(ATTEMPT)).toEqual([]);
    github.actions.renameRepository({ repository: 'acme/site', name: 'web' });
  });

  it('are redelivered even if GitHub refuses to redeliver an older one', async () => {
    github.configureApp({ webhookUrl: NOBODY_LISTENS });
    github.actions.suspend({ installation: scene.installationId });
    github.actions.unsuspend({ installation: scene.installationId });
    await github.flush();
    github.knobs.failNext(ATTEMPT, { kind: 'status', status: 422, message: 'This delivery is too old' });
    expect(await reconcile()).toMatchObject({ redelivered: 1 });
    expect(asked(ATTEMPT)).toHaveLength(2);
  });

  it('are requested less and less often when they fail repeatedly', async () => {
    github.configureApp({ webhookUrl: NOBODY_LISTENS });
    github.actions.suspend({ installation: scene.installationId });
    await github.flush();
    expect(await reconcile()).toMatchObject({ redelivered: 1 });
    await github.flush();
    expect(await reconcile()).toMatchObject({ redelivered: 0 });
    expect(asked(ATTEMPT)).toHaveLength(1);
    expect((await storedInstallation(scene.installationId)).status).toBe('suspended');
  });

  it('are not requested if they took effect and only the response was lost', async () => {
    github.configureApp({ webhookUrl: NOBODY_LISTENS });
    github.actions.suspend({ installation: scene.installationId });
    await github.flush();
    const [lost] = github.deliveries.list();
    await receiveDelivery(signedDelivery(github, 'installation', lost?.payload, { guid: lost?.guid ?? '' }));
    expect(await reconcile()).toMatchObject({ redelivered: 0 });
  });

  it('are skipped if GitHub’s log cannot be read, and the pass continues', async () => {
    github.knobs.failNext(DELIVERIES, DOWN);
    expect(await reconcile()).toMatchObject({ listed: 1, redelivered: 0 });
  });
});

describe('a disconnect while GitHub is down', () => {
  it('ends minting immediately, and reconcile repeats the uninstall until it succeeds', async () => {
    github.knobs.failNext(UNINSTALL, DOWN, 2);
    const { workspaceId, installationId, actor } = scene;
    await disconnectInstallation({ workspaceId, installationId, actor, origin: TEST_ORIGIN });
    github.requests.clear();
    await expect(mint()).rejects.toMatchObject({ code: 'installation_deleted' });
    expect(asked(MINT)).toEqual([]);
    expect(github.state.installations.has(installationId)).toBe(true);
    expect(await reconcile()).toMatchObject({ uninstalled: 0 });
    expect(github.state.installations.has(installationId)).toBe(true);
    expect(await reconcile()).toMatchObject({ uninstalled: 1 });
    expect(github.state.installations.has(installationId)).toBe(false);
    await github.flush();
    github.requests.clear();
    await reconcile();
    expect(asked(UNINSTALL)).toEqual([]);
  });

  it('is refused for a user who has just been removed', async () => {
    const { workspaceId, installationId, actor } = scene;
    await getDb().membership.deleteMany({ where: { workspaceId, userId: actor.id } });
    await expect(
      disconnectInstallation({ workspaceId, installationId, actor, origin: TEST_ORIGIN }),
    ).rejects.toMatchObject({ code: 'forbidden' });
    expect((await storedInstallation(installationId)).status).toBe('active');
    expect(asked(UNINSTALL)).toEqual([]);
  });

  it('is the only reason to uninstall, so other deleted installations stay on GitHub', async () => {
    await getDb().$executeRaw`
      UPDATE installations SET status = 'deleted', deleted_at = now() WHERE id = ${scene.installationId}`;
    expect(await reconcile()).toMatchObject({ listed: 1, discovered: 0, synced: 0, uninstalled: 0 });
    expect(github.state.installations.has(scene.installationId)).toBe(true);
    expect((await storedInstallation(scene.installationId)).status).toBe('deleted');
  });

  it('is completed later if the process died before it called GitHub', async () => {
    await getDb().$executeRaw`
      UPDATE installations SET status = 'deleted', deleted_at = now(), uninstall_requested_at = now()
      WHERE id = ${scene.installationId}`;
    expect(await reconcile()).toMatchObject({ uninstalled: 1 });
    expect(github.state.installations.has(scene.installationId)).toBe(false);
  });

  it('is not complete after a 404 from a server that does not have the App', async () => {
    const { workspaceId, installationId, actor } = scene;
    for (const route of [UNINSTALL, 'GET /app'])
      github.knobs.failNext(route, { kind: 'status', status: 404, message: 'no Route matched' });
    await disconnectInstallation({ workspaceId, installationId, actor, origin: TEST_ORIGIN });
    expect(github.state.installations.has(installationId)).toBe(true);
    expect(await reconcile()).toMatchObject({ uninstalled: 1 });
    expect(github.state.installations.has(installationId)).toBe(false);
  });

  it('stops calling GitHub for each one while GitHub stays down', async () => {
    const ids = await connectMany(5, 'down', false);
    await getDb().installation.updateMany({
      where: { id: { in: ids.map(BigInt) } },
      data: { status: 'deleted', uninstallRequestedAt: new Date() },
    });
    github.knobs.failNext(UNINSTALL, DOWN, 5);
    await reconcile();
    expect(asked(UNINSTALL)).toHaveLength(1);
  });
});

describe('an uninstall whose webhook was lost', () => {
  it('refuses mints with a retry time at first, and becomes final seconds later', async () => {
    github.knobs.set({ webhooks: { drop: 1 } });
    github.actions.uninstall({ installation: scene.installationId });
    await expect(mint()).rejects.toMatchObject({ code: 'github_unavailable', retryAfterSeconds: 5 });
    expect(await view()).toMatchObject({ status: 'active', sync_error: 'end_seen', sync_pending: true });
    // The end must become final although nothing requests a pass, a sync or a mint.
    await expect.poll(view).toMatchObject({
      status: 'deleted',
      sync_error: null,
      sync_pending: false,
    });
    await expect(mint()).rejects.toMatchObject({ code: 'installation_deleted' });
  });

  it('keeps the old installation as history, and a reinstall gets a new id', async () => {
    github.actions.uninstall({ installation: scene.installationId });
    const { id } = github.actions.install({ account: 'acme', by: 'olivia' });
    await github.flush();
    await expect.poll(async () => (await storedInstallation(id)).syncRequestedAt).toBeNull();
    expect(id).not.toBe(scene.installationId);
    expect(await storedInstallation(id)).toMatchObject({ workspaceId: null, status: 'active' });
    expect(await view()).toMatchObject({ id: scene.installationId, status: 'deleted' });
    expect((await newPerson('olivia')).login).toBe('olivia');
  });
});
