import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeInstallation, makeWorkspace, startTestApp } from '@/lib/auth/test-fixtures';
import { cloneCommands } from './clone-commands';

const environment = await startTestApp();
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
beforeAll(() => owner.connect());
afterAll(() => owner.end());

it('name the first repository that the key may read now', async () => {
  const { id } = await makeWorkspace();
  expect(await cloneCommands(id, null)).toBeNull();
  const { repositoryIds } = await makeInstallation(id, ['acme/api', 'acme/web']);
  expect(await cloneCommands(id, null)).toMatchObject({ repository: 'acme/api' });
  const [, web = 0] = repositoryIds;
  expect(await cloneCommands(id, [{ id: web }])).toMatchObject({ repository: 'acme/web' });
  expect(await cloneCommands(id, [])).toBeNull();
});

it('name no repository of a suspended connection or another workspace', async () => {
  const { id } = await makeWorkspace();
  const suspended = await makeInstallation(id, ['acme/api'], 'suspended');
  expect(await cloneCommands(id, null)).toBeNull();
  const other = await makeWorkspace();
  const foreign = await makeInstallation(other.id, ['globex/reactor']);
  const ids = [...suspended.repositoryIds, ...foreign.repositoryIds];
  expect(
    await cloneCommands(
      id,
      ids.map((each) => ({ id: each })),
    ),
  ).toBeNull();
});

it('are missing if the list cannot be read, because the new key has to be shown in any case', async () => {
  const { id } = await makeWorkspace();
  await makeInstallation(id, ['acme/api']);
  await owner.query('ALTER TABLE repositories RENAME TO unreadable');
  try {
    expect(await cloneCommands(id, null)).toBeNull();
  } finally {
    await owner.query('ALTER TABLE unreadable RENAME TO repositories');
  }
  expect(await cloneCommands(id, null)).not.toBeNull();
});
