import { expect, it } from 'vitest';
import { makeInstallation, makeWorkspace } from '../auth/test-fixtures';
import type { Order } from '../contract/sort';
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
  const list = async (order: Order) => {
    const pages: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await listRepositories(
        { workspaceId, repositoryIds: null },
        { limit: 1, order, ...(cursor && { cursor }) },
      );
      pages.push(...page.data.map(({ full_name, installation_id }) => `${full_name} ${installation_id}`));
      cursor = page.next_cursor;
    }
    return pages;
  };
  const expected = names.flatMap((name) => [`${name} ${one.id}`, `${name} ${two.id}`]);
  expect(await list('asc')).toEqual(expected);
  expect(await list('desc')).toEqual(expected.reverse());
});

it('refuses a cursor of the other order', async () => {
  const { id: workspaceId } = await makeWorkspace('owner');
  await makeInstallation(workspaceId, ['acme/a', 'acme/b', 'acme/c']);
  const scope = { workspaceId, repositoryIds: null };
  for (const order of ['asc', 'desc'] as const) {
    const { next_cursor } = await listRepositories(scope, { limit: 1, order });
    const cursor = next_cursor ?? '';
    const { data } = await listRepositories(scope, { limit: 1, order, cursor });
    expect(data.map(({ full_name }) => full_name)).toEqual(['acme/b']);
    const other = order === 'asc' ? 'desc' : 'asc';
    await expect(listRepositories(scope, { limit: 1, order: other, cursor })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  }
});
