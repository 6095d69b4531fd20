/** Tests that bursts of deliveries about a few workspaces take neither connections nor turns from other workspaces. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeApiKeyActor, makeInstallation, makeWorkspace, TEST_ORIGIN } from '../auth/test-fixtures';
import { getDb } from '../db/client';
import { connectedScene, signedDelivery, storedInstallation } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { mintToken } from '../token/mint';
import { receiveDelivery } from './receive';

const BURST = 200;

const world = await startTestWorld();
const owner = new pg.Client(world.environment.OWNER_DATABASE_URL);
/** Has no transaction, in which pg_stat_activity would leave out all connections that were opened after its first read. */
const observer = new pg.Client(world.environment.OWNER_DATABASE_URL);
beforeAll(() => Promise.all([owner.connect(), observer.connect()]));
afterAll(() => Promise.all([owner.end(), observer.end()]));

const about = (id: number, guid: string, action: string, more: object = {}) =>
  receiveDelivery(
    signedDelivery(
      world.github,
      action === 'removed' ? 'installation_repositories' : 'installation',
      {
        action,
        installation: { id, account: { id: 30001, login: 'acme', type: 'Organization' } },
        sender: { id: 20001 },
        nonce: guid,
        ...more,
      },
      { guid },
    ),
  );

const repositoryOf = async (installationId: number) => {
  const { id } = await getDb().repository.findFirstOrThrow({ where: { installationId, removedAt: null } });
  return Number(id);
};

async function waiting(): Promise<number> {
  const { rows } = await observer.query<{ count: number }>(
    `SELECT count(DISTINCT pid)::int FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE NOT granted AND datname = current_database()`,
  );
  return rows[0]?.count ?? 0;
}

it('serves deliveries and mints of another workspace while 200 deliveries of one wait for its audit chain', async () => {
  const noisy = await makeWorkspace();
  // One after the other, because the test itself must not wait for connections either.
  const installations: { id: number; repository: number; guids: [string, string] }[] = [];
  for (let n = 0; n < BURST / 2; n++) {
    const { id } = await makeInstallation(noisy.id, [`noisy/r${n}`]);
    installations.push({ id, repository: await repositoryOf(id), guids: [randomUUID(), randomUUID()] });
  }
  await about(installations[0]?.id ?? 0, randomUUID(), 'suspend');
  const quiet = await connectedScene(world, {
    account: 'acme',
    by: 'olivia',
    repositories: ['acme/api', 'acme/web'],
  });
  const actor = await makeApiKeyActor({ id: quiet.workspaceId, slug: quiet.slug });
  const mint = () => mintToken({ workspaceId: quiet.workspaceId, actor, origin: TEST_ORIGIN, request: {} });

  await owner.query('BEGIN');
  await owner.query('SELECT FROM audit_chains WHERE workspace_id = $1 FOR UPDATE', [noisy.id]);
  const sendAll = () =>
    Promise.allSettled(
      installations.flatMap(({ id, repository, guids: [removal, end] }) => [
        about(id, removal, 'removed', { repositories_removed: [{ id: repository }] }),
        about(id, end, 'deleted'),
      ]),
    );
  // On a busy machine, all turns may be over before one delivery waits. Then all are sent again.
  const sendUntilOneWaits = async () => {
    for (;;) {
      let isOver = false;
      const sent = sendAll().finally(() => {
        isOver = true;
      });
      while (!isOver) if ((await waiting()) > 0) return { sent };
    }
  };
  const burst = await sendUntilOneWaits();
  // The burst cannot proceed until its chain is released, which happens only after all of this.
  const removed = await repositoryOf(quiet.installationId);
  expect(await mint()).toHaveProperty('token');
  expect(
    await about(quiet.installationId, randomUUID(), 'removed', { repositories_removed: [{ id: removed }] }),
  ).toMatchObject({ outcome: 'handled' });
  expect(await about(quiet.installationId, randomUUID(), 'suspend')).toMatchObject({ outcome: 'handled' });
  expect((await storedInstallation(quiet.installationId)).status).toBe('suspended');
  await owner.query('COMMIT');

  // A delivery that got no turn in time was answered with 503, and its redelivery repairs it.
  await burst.sent;
  const refused = async () => (await sendAll()).filter(({ status }) => status === 'rejected').length;
  await expect.poll(refused, { timeout: 120_000 }).toBe(0);
  expect(await getDb().installation.count({ where: { workspaceId: noisy.id, status: 'deleted' } })).toBe(
    installations.length,
  );
});

it('answers a mint of another workspace although the deliveries of three workspaces wait for their audit chains', async () => {
  const deliveries: (() => Promise<unknown>)[] = [];
  const busy: string[] = [];
  for (let n = 0; n < 3; n++) {
    const { id: workspaceId } = await makeWorkspace();
    busy.push(workspaceId);
    for (let m = 0; m < 3; m++) {
      const { id } = await makeInstallation(workspaceId, ['noisy/api', 'noisy/web']);
      const repository = await repositoryOf(id);
      deliveries.push(() =>
        about(id, randomUUID(), 'removed', { repositories_removed: [{ id: repository }] }),
      );
      await about(id, randomUUID(), 'suspend');
    }
  }
  const quiet = await connectedScene(world, {
    account: 'globex',
    by: 'eve',
    repositories: ['globex/reactor'],
  });
  const actor = await makeApiKeyActor({ id: quiet.workspaceId, slug: quiet.slug });
  world.github.knobs.set({ webhooks: { drop: 1 } });
  world.github.actions.uninstall({ installation: quiet.installationId });

  await owner.query('BEGIN');
  await owner.query(
    'SELECT FROM audit_chains WHERE workspace_id = ANY ($1::uuid[]) ORDER BY workspace_id FOR UPDATE',
    [busy],
  );
  const burst = Promise.allSettled(deliveries.map((deliver) => deliver()));
  await expect.poll(waiting).toBeGreaterThanOrEqual(busy.length);
  const mint = mintToken({
    workspaceId: quiet.workspaceId,
    actor,
    origin: TEST_ORIGIN,
    request: {},
  });
  // Not `database_unavailable`: the mint was given a turn to store what GitHub had answered.
  await expect(mint).rejects.toMatchObject({ code: 'github_unavailable' });
  expect(await storedInstallation(quiet.installationId)).toMatchObject({ endSeenBy: 'mint' });
  await owner.query('COMMIT');
  await burst;
});
