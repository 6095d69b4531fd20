/** Uses names that are common on GitHub: logins with capitals, and repositories with dots, dashes and underscores. */

import { cloneUrl, git } from 'offline-github/testing';
import { expect, it } from 'vitest';
import { makeApiKeyActor, TEST_ORIGIN } from '../auth/test-fixtures';
import { listRepositories } from '../installation/list-repositories';
import { clearWorld, connectedScene, storedNames } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { mintToken } from '../token/mint';

const NAMES = ['.github', 'API.git-mirror', 'Snake_Case-Repo', 'site.example'].map(
  (name) => `Acme-Labs/${name}`,
);
const world = await startTestWorld();

it('connects, lists, mints and clones an account whose names have capitals and dots', async () => {
  await clearWorld(world);
  const { github } = world;
  const scene = await connectedScene(world, { account: 'Acme-Labs', by: 'Nadia-K' });
  expect(await storedNames(scene.installationId)).toEqual([...NAMES].sort());
  const scope = { workspaceId: scene.workspaceId, repositoryIds: null };
  const found = await listRepositories(scope, { q: 'ACME-labs/.GIT', limit: 10 });
  expect(found.data.map(({ full_name }) => full_name)).toEqual(['Acme-Labs/.github']);
  const actor = await makeApiKeyActor({ id: scene.workspaceId, slug: scene.slug });
  for (const name of NAMES) {
    for (const asked of [name, name.toLowerCase(), name.toUpperCase()]) {
      const answer = await mintToken({
        workspaceId: scene.workspaceId,
        actor,
        origin: TEST_ORIGIN,
        request: { repositories: [asked], verify: false },
      });
      expect(answer.repositories?.map(({ full_name }) => full_name)).toEqual([name]);
      expect(answer.account.login).toBe('Acme-Labs');
      if (asked !== name) continue;
      const { code, stderr } = await git('ls-remote', cloneUrl(github, name, answer.token), 'HEAD');
      expect(code, stderr).toBe(0);
    }
  }
});
