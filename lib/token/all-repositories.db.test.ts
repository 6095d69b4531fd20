import { beforeEach, expect, it } from 'vitest';
import { listAuditEvents } from '../audit/list';
import { TEST_ORIGIN } from '../auth/test-fixtures';
import { AuditEventsQuery } from '../contract/audit-event';
import { clearWorld, connectedScene, type Scene, storedNames } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { mintToken } from './mint';

const world = await startTestWorld();
const { github } = world;
let scene: Scene;

beforeEach(async () => {
  await clearWorld(world);
  scene = await connectedScene(world, {
    account: 'acme',
    by: 'olivia',
    repositories: ['acme/api', 'acme/web'],
  });
});

const mint = (repositories?: string[]) =>
  mintToken({
    workspaceId: scene.workspaceId,
    actor: scene.actor,
    origin: TEST_ORIGIN,
    request: repositories === undefined ? {} : { repositories },
  });

async function mints(filters: Record<string, string> = {}) {
  const query = AuditEventsQuery.parse({ type: 'github.token_minted', syncs: 'hide', ...filters });
  return (await listAuditEvents(scene.workspaceId, query)).data;
}

it('records a mint for all repositories with their number and the list’s version, which every change increments', async () => {
  await mint();
  const [first] = await mints();
  expect(first?.details).toMatchObject({
    repositories: 'all',
    repository_count: 2,
    repository_list_version: expect.any(Number),
  });
  github.actions.removeRepositories({ installation: scene.installationId, repositories: ['acme/web'] });
  await github.flush();
  await expect.poll(() => storedNames(scene.installationId)).toEqual(['acme/api']);
  await mint();
  const [second] = await mints();
  expect(second?.details).toMatchObject({ repositories: 'all', repository_count: 1 });
  expect(second?.details.repository_list_version).toBeGreaterThan(
    Number(first?.details.repository_list_version),
  );
  expect((await mints({ repository: 'acme/web' })).map(({ seq }) => seq)).toEqual([first?.seq]);
  expect((await mints({ repository: 'acme/api' })).map(({ seq }) => seq)).toEqual([second?.seq, first?.seq]);
});

it('finds a mint for named repositories when the log is filtered by one of them, and not by another', async () => {
  await mint(['acme/api']);
  const [only] = await mints();
  expect(only?.details).not.toHaveProperty('repository_count');
  expect(await mints({ repository: 'acme/web' })).toEqual([]);
  expect((await mints({ repository: 'acme/api' })).map(({ seq }) => seq)).toEqual([only?.seq]);
});
