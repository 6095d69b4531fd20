/** Tests that a sync of 10,000 repositories reads pages in parallel, writes in bulk, and rewrites no unchanged row. */
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { readAudit } from '../auth/test-fixtures';
import { getDb } from '../db/client';
import { listInstallations } from '../installation/list';
import { listRepositories } from '../installation/list-repositories';
import { clearWorld, connectedScene, type Scene, storedInstallation } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { syncInstallation } from './sync';

const COUNT = 10_000;
const LIST = 'GET /installation/repositories';
const world = await startTestWorld();
const { github } = world;

let scene: Scene;
beforeAll(async () => {
  await clearWorld(world);
  github.actions.createOrganization({ login: 'large', owner: 'olivia' });
  github.actions.createRepositories({ account: 'large', count: COUNT });
  scene = await connectedScene(world, { account: 'large', by: 'olivia', syncMs: 240_000 });
});

/** Returns each row's physical version, which changes with every write. */
async function versions(): Promise<Map<string, string>> {
  const rows = await getDb().$queryRaw<{ id: bigint; version: string }[]>`
    SELECT id, xmin::text || ' ' || ctid::text AS version FROM repositories
    WHERE installation_id = ${scene.installationId}`;
  return new Map(rows.map(({ id, version }) => [String(id), version]));
}

const events = async (type: string) =>
  (await readAudit(scene.workspaceId)).filter((event) => event.type === type);

describe('ten thousand repositories', () => {
  it('are all stored as they are on GitHub, and one audit row states their number', async () => {
    const rows = await getDb().repository.findMany({ where: { installationId: scene.installationId } });
    const account = github.state.accountByLogin('large');
    if (!account) throw new Error('no organization');
    const stored = new Map(rows.map((row) => [Number(row.id), `${row.owner}/${row.name}`]));
    const expected = github.state.repositoriesOf(account);
    expect(stored).toEqual(new Map(expected.map((each) => [each.id, `large/${each.name}`])));
    const added = await events('github.repositories_added');
    expect(added.map(({ details }) => details)).toMatchObject([{ count: COUNT }]);
  });

  it('are counted while they are read, so that the waiting page shows progress', async () => {
    github.knobs.latency(LIST, 250);
    const seen: { read: number; total: number }[] = [];
    let under = true;
    const sync = syncInstallation(scene.installationId).finally(() => {
      under = false;
    });
    while (under) {
      const progress = (await listInstallations(scene.workspaceId))[0]?.sync_progress;
      if (progress) seen.push(progress);
      await setTimeout(50);
    }
    expect(await sync).toBe('synced');
    github.knobs.latency(LIST, 0);
    github.requests.clear();
    expect(new Set(seen.map(({ total }) => total))).toEqual(new Set([COUNT]));
    const read = seen.map((each) => each.read);
    expect(read).toEqual([...read].sort((a, b) => a - b));
    expect(read.at(-1)).toBeGreaterThan(read[0] ?? COUNT);
    expect((await listInstallations(scene.workspaceId))[0]?.sync_progress).toBeNull();
  });

  it('are read page by page, each page once and some concurrently', async () => {
    github.knobs.latency(LIST, 30);
    expect(await syncInstallation(scene.installationId)).toBe('synced');
    github.knobs.latency(LIST, 0);
    const asked = github.requests.filter({ route: LIST });
    const pages = asked.map(({ query }) => Number(query.page)).sort((a, b) => a - b);
    expect(pages).toEqual(Array.from({ length: COUNT / 100 }, (_, index) => index + 1));
    // Requests that were sent before the response to the previous request had arrived.
    const overlapping = asked.slice(1).filter((each, index) => {
      const before = asked[index];
      return before !== undefined && each.at < before.at + (before.durationMs ?? 0);
    });
    expect(overlapping.length).toBeGreaterThan(COUNT / 200);
  });

  it('are not written again if nothing has changed', async () => {
    const before = await versions();
    expect(await syncInstallation(scene.installationId)).toBe('synced');
    expect(await versions()).toEqual(before);
    expect((await storedInstallation(scene.installationId)).syncRequestedAt).toBeNull();
  });

  it('cause only three row writes after three changes, which the page finds by name', async () => {
    const before = await versions();
    github.knobs.set({ webhooks: { drop: 1 } });
    github.actions.renameRepository({ repository: 'large/repo-00001', name: 'aaa' });
    github.actions.archiveRepository({ repository: 'large/repo-05000' });
    await github.actions.deleteRepository({ repository: 'large/repo-10000' });
    expect(await syncInstallation(scene.installationId)).toBe('synced');
    const after = await versions();
    expect([...after].filter(([id, version]) => before.get(id) !== version)).toHaveLength(3);
    const scope = { workspaceId: scene.workspaceId, repositoryIds: null };
    const { data } = await listRepositories(scope, { limit: 1 });
    expect(data).toMatchObject([{ full_name: 'large/aaa' }]);
    expect(await events('github.repositories_changed')).toMatchObject([{ details: { count: 2 } }]);
    expect(await events('github.repositories_removed')).toMatchObject([{ details: { count: 1 } }]);
  });
});
