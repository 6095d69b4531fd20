import { expect, it } from 'vitest';
import { makeInstallation, makeWorkspace } from '../auth/test-fixtures';
import { getDb } from '../db/client';
import { startTestWorld } from '../testing/test-world';
import { listRepositories } from './list-repositories';

await startTestWorld();

it('lists a repository once for each installation while two installations share it', async () => {
  const { id: workspaceId } = await makeWorkspace('owner');
  const names = ['acme/a', 'acme/b', 'acme/c'];
  const one = await makeInstallation(workspaceId, names);
  const two = await makeInstallation(workspaceId, []);
  for (const row of await getDb().repository.findMany({ where: { installationId: one.id } }))
    await getDb().repository.create({ data: { ...row, installationId: two.id } });
  const pages: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const scope = { workspaceId, repositoryIds: null };
    const { data, next_cursor: next } = await listRepositories(scope, {
      limit: 1,
      ...(cursor && { cursor }),
    });
    pages.push(...data.map(({ full_name, installation_id }) => `${full_name} ${installation_id}`));
    if (next === null) break;
    cursor = next;
  }
  expect(pages).toEqual(names.flatMap((name) => [`${name} ${one.id}`, `${name} ${two.id}`]));
});
