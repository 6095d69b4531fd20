import { expect, it } from 'vitest';
import { makeInstallation, makeWorkspace } from '../auth/test-fixtures';
import { getDb } from '../db/client';
import { startTestWorld } from '../testing/test-world';
import { listRepositories } from './list-repositories';

await startTestWorld();

it.each(['asc', 'desc'] as const)(
  'lists a repository once for each installation while two share it: %s',
  async (order) => {
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
        order,
        ...(cursor && { cursor }),
      });
      pages.push(...data.map(({ full_name, installation_id }) => `${full_name} ${installation_id}`));
      if (next === null) break;
      cursor = next;
    }
    const expected = names.flatMap((name) => [`${name} ${one.id}`, `${name} ${two.id}`]);
    expect(pages).toEqual(order === 'asc' ? expected : expected.reverse());
  },
);

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
