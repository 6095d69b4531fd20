/** Tests repository lists that are too long for one transaction. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readAudit } from '../auth/test-fixtures';
import { getDb } from '../db/client';
import { type GitHubRepository, getInstallation } from '../github/installations';
import {
  clearWorld,
  connectedScene,
  type Scene,
  storedInstallation,
  storedNames,
} from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { applySnapshot } from './apply-snapshot';

const world = await startTestWorld();
const origin = { requestId: randomUUID(), clientIp: null, userAgent: null };
let scene: Scene;
beforeEach(async () => {
  await clearWorld(world);
  scene = await connectedScene(world, {
    account: 'acme',
    by: 'olivia',
    repositories: ['acme/api', 'acme/web'],
  });
});

const repositories = (count: number): GitHubRepository[] =>
  Array.from({ length: count }, (_, index) => ({
    id: 5_000_000 + index,
    owner: 'acme',
    name: `repo-${String(index).padStart(6, '0')}`,
    cloneUrl: `https://github.test/acme/repo-${index}.git`,
    defaultBranch: 'main',
    private: true,
    archived: false,
  }));

/** Applies a snapshot where GitHub shares exactly these repositories. */
async function apply(list: GitHubRepository[], batch?: number): Promise<boolean> {
  const installation = await getInstallation(scene.installationId);
  const { revision } = await storedInstallation(scene.installationId);
  const snapshot = { installation, list: { repositories: list, odd: [], isWhole: true, seq: 1 } };
  return applySnapshot(snapshot, revision, origin, batch);
}

const counted = async (type: string) =>
  (await readAudit(scene.workspaceId))
    .filter((event) => event.type === type)
    .map(({ details }) => (details as { count: number }).count);

const countStored = () =>
  getDb().repository.count({ where: { installationId: scene.installationId, removedAt: null } });

describe('a hundred thousand repositories', () => {
  it('is written in several short transactions with removals first, each of them audited', async () => {
    const seen: number[] = [];
    let isDone = false;
    const writing = apply(repositories(100_000)).finally(() => {
      isDone = true;
    });
    while (!isDone) {
      seen.push(await countStored());
      // This update succeeds only between batches, because a batch locks the installation's row.
      await getDb().$executeRaw`UPDATE installations SET sync_read = 1 WHERE id = ${scene.installationId}`;
    }
    expect(await writing).toBe(true);
    expect(await countStored()).toBe(100_000);
    expect(new Set(seen).size).toBeGreaterThan(2);
    // The first batch removed the two old repositories, so no query ever saw more than GitHub shares.
    expect(seen.filter((count) => count !== 2 && count % 10_000 !== 0)).toEqual([]);
    expect(await counted('github.repositories_added')).toEqual([2, ...Array(10).fill(10_000)]);
    expect(await counted('github.repositories_removed')).toEqual([2]);
    expect((await storedInstallation(scene.installationId)).syncRequestedAt).toBeNull();
  });
});

describe('a change between two batches', () => {
  let owner: pg.Client;
  beforeEach(async () => {
    owner = new pg.Client(world.environment.OWNER_DATABASE_URL);
    await owner.connect();
    // This trigger simulates a webhook that changes the installation right after this repository's batch.
    await owner.query(`
      CREATE FUNCTION change_meanwhile() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
        UPDATE installations SET revision = revision + 1 WHERE id = NEW.installation_id; RETURN NEW; END $$;
      CREATE TRIGGER change_meanwhile AFTER INSERT ON repositories FOR EACH ROW WHEN (NEW.id = 5000003)
        EXECUTE FUNCTION change_meanwhile();`);
  });
  afterEach(async () => {
    await owner.query('DROP TRIGGER change_meanwhile ON repositories; DROP FUNCTION change_meanwhile();');
    await owner.end();
  });

  it('makes the snapshot stale, so nothing more is written and the sync stays requested', async () => {
    expect(await apply(repositories(9), 2)).toBe(false);
    expect(await storedNames(scene.installationId)).toEqual(
      [0, 1, 2, 3].map((index) => `acme/repo-00000${index}`),
    );
    const { syncRequestedAt } = await storedInstallation(scene.installationId);
    expect(syncRequestedAt).not.toBeNull();
    expect(await counted('github.repositories_added')).toEqual([2, 2, 2]);
  });

  it('does not restore a repository that was removed in the meantime', async () => {
    expect(await apply(repositories(9), 2)).toBe(false);
    await getDb().repository.updateMany({ where: { id: 5_000_000n }, data: { removedAt: new Date() } });
    const { revision } = await storedInstallation(scene.installationId);
    const installation = await getInstallation(scene.installationId);
    const list = { repositories: repositories(9), odd: [], isWhole: true, seq: 1 };
    expect(await applySnapshot({ installation, list }, revision - 1n, origin, 2)).toBe(false);
    expect(await storedNames(scene.installationId)).not.toContain('acme/repo-000000');
  });
});

describe('a list that was stored before', () => {
  const list = repositories(9);
  const shared = async () =>
    JSON.stringify(
      await getDb()
        .$queryRaw`SELECT * FROM repositories WHERE installation_id = ${scene.installationId} AND removed_at IS NULL ORDER BY id`,
      (_, value) => (typeof value === 'bigint' ? String(value) : value),
    );
  let owner: pg.Client;
  beforeEach(async () => {
    expect(await apply(list, 2)).toBe(true);
    owner = new pg.Client(world.environment.OWNER_DATABASE_URL);
    await owner.connect();
  });
  afterEach(async () => {
    await owner.end();
  });

  it('is stored again without touching the table of repositories', async () => {
    await owner.query('BEGIN; LOCK TABLE repositories IN ACCESS EXCLUSIVE MODE');
    // The lock would make any read or write of the table fail after the statement timeout, so success proves that there
    // was none.
    expect(await apply([...list].reverse(), 2)).toBe(true);
    await owner.query('ROLLBACK');
    const { syncRequestedAt, syncError } = await storedInstallation(scene.installationId);
    expect([syncRequestedAt, syncError]).toEqual([null, null]);
    expect(await counted('github.repositories_added')).toEqual([2, 2, 2, 2, 2, 1]);
  });

  it.each([
    ['a new owner', `UPDATE repositories SET owner = 'other' WHERE id = 5000004`],
    ['a new name', `UPDATE repositories SET name = 'other' WHERE id = 5000004`],
    ['another address', `UPDATE repositories SET clone_url = 'https://other.test' WHERE id = 5000004`],
    ['another branch', `UPDATE repositories SET default_branch = 'other' WHERE id = 5000004`],
    ['another visibility', 'UPDATE repositories SET private = false WHERE id = 5000004'],
    ['an archived repository', 'UPDATE repositories SET archived = true WHERE id = 5000004'],
    ['a removed repository', 'UPDATE repositories SET removed_at = now() WHERE id = 5000004'],
    ['a deleted row', 'DELETE FROM repositories WHERE id = 5000004'],
    ['a replaced row', 'UPDATE repositories SET id = 5000040 WHERE id = 5000004'],
  ])('is written again after %s here', async (_, change) => {
    const before = await shared();
    await owner.query(change);
    expect(await shared()).not.toBe(before);
    expect(await apply(list, 2)).toBe(true);
    expect(await shared()).toBe(before);
  });

  it('removes a repository that was inserted since', async () => {
    const before = await shared();
    await owner.query(`INSERT INTO repositories (installation_id, id, owner, name, clone_url, default_branch, private)
      VALUES (${scene.installationId}, 5000099, 'acme', 'added', 'https://github.test/acme/added.git', 'main', true)`);
    expect(await apply(list, 2)).toBe(true);
    expect(await shared()).toBe(before);
    // A removed row is not part of the list, so pruning the row must not clear the fingerprint.
    await owner.query('DELETE FROM repositories WHERE removed_at IS NOT NULL');
    expect((await storedInstallation(scene.installationId)).listFingerprint).not.toBeNull();
  });
});

it('removes every repository in one transaction if the list is empty', async () => {
  expect(await apply([])).toBe(true);
  expect(await storedNames(scene.installationId)).toEqual([]);
});
