import { expect, it } from 'vitest';
import { SYSTEM_CLI } from '../actor';
import { makeInstallation, makeWorkspace, readAudit, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import type { UpdateApiKey } from '../contract/api-keys';
import { getDb } from '../db/client';
import { createApiKey, revokeApiKey } from './manage';
import { updateApiKey } from './update';

await startTestApp();

async function makeKey(more: { repositories?: string[] } = {}) {
  const { id: workspaceId, people } = await makeWorkspace('admin', 'member');
  const { id: installationId, repositoryIds } = await makeInstallation(workspaceId, ['acme/api', 'acme/web']);
  const [api = 0, web = 0] = repositoryIds;
  const by = { workspaceId, actor: SYSTEM_CLI, origin: TEST_ORIGIN };
  const created = await createApiKey(by, { name: 'engine', ...more });
  const update = (wanted: UpdateApiKey) => updateApiKey(by, created.id, wanted);
  const changes = async () => (await readAudit(workspaceId)).filter(({ type }) => type === 'api_key.updated');
  return { by, workspaceId, people, installationId, api, web, created, update, changes };
}

it('changes only the named fields, and records the former values of those', async () => {
  const { created, update, changes, api, web } = await makeKey({ repositories: ['acme/api'] });
  const { key: _, ...before } = created;
  expect(await update({ name: 'engine 2' })).toEqual({ ...before, name: 'engine 2' });
  expect(await update({ networks: ['203.0.113.0/24'] })).toMatchObject({
    name: 'engine 2',
    networks: ['203.0.113.0/24'],
    repositories: [{ id: api }],
  });
  expect(await update({ repositories: ['acme/web', api], networks: [] })).toMatchObject({
    networks: [],
    repositories: [{ id: api }, { id: web }],
  });
  expect(await update({ repositories: null })).toMatchObject({ repositories: null });
  expect(await changes()).toMatchObject([
    { details: { name: 'engine 2', before: { name: 'engine' } } },
    { details: { networks: ['203.0.113.0/24'], before: { networks: [] } } },
    {
      details: {
        repository_ids: [api, web],
        before: { repository_ids: [api], networks: ['203.0.113.0/24'] },
      },
    },
    { details: { repository_ids: null, before: { repository_ids: [api, web] } } },
  ]);
  expect((await changes())[0]?.details).toHaveProperty('before', { name: 'engine' });
});

it('records nothing when nothing changes', async () => {
  const { update, changes, created } = await makeKey({ repositories: ['acme/api'] });
  const { key: _, ...before } = created;
  for (const same of [{}, { name: 'engine' }, { networks: [] }, { repositories: ['ACME/api'] }])
    expect(await update(same)).toEqual(before);
  expect(await changes()).toEqual([]);
});

it('keeps a repository that is not shared now, and adds none that is not shared', async () => {
  const { update, installationId, api, web } = await makeKey({ repositories: ['acme/api'] });
  await getDb().installation.update({ where: { id: BigInt(installationId) }, data: { status: 'suspended' } });
  expect(await update({ name: 'renamed', repositories: [api] })).toMatchObject({
    repositories: [{ id: api }],
  });
  const foreign = await makeKey();
  for (const id of [web, foreign.api])
    await expect(update({ repositories: [api, id] })).rejects.toMatchObject({
      code: 'repository_not_accessible',
      errors: [{ path: 'repositories.1' }],
    });
  await expect(foreign.update({ repositories: [api] })).rejects.toMatchObject({
    code: 'repository_not_accessible',
  });
});

it('changes no key that has ended, of another workspace, or for a member without the role', async () => {
  const { by, created, people, changes, workspaceId } = await makeKey();
  const other = await makeKey();
  const wanted = { name: 'x' };
  await expect(updateApiKey(other.by, created.id, wanted)).rejects.toMatchObject({ code: 'not_found' });
  for (const id of ['', 'x', '0197f3a0-5d5e-7c3b-9a41-3f6b6d1c2e10'])
    await expect(updateApiKey(by, id, wanted)).rejects.toMatchObject({ code: 'not_found' });
  for (const actor of [people[1], other.people[0]])
    await expect(
      updateApiKey({ ...by, actor: actor ?? expect.unreachable() }, created.id, wanted),
    ).rejects.toMatchObject({ code: 'forbidden' });
  await getDb().apiKey.update({
    where: { id: created.id },
    data: { expiresAt: new Date(Date.now() - 1000) },
  });
  await expect(updateApiKey(by, created.id, wanted)).rejects.toMatchObject({ code: 'invalid_request' });
  await getDb().apiKey.update({ where: { id: created.id }, data: { expiresAt: null } });
  await revokeApiKey(by, created.id);
  await expect(updateApiKey(by, created.id, wanted)).rejects.toMatchObject({ code: 'invalid_request' });
  expect(await changes()).toEqual([]);
  expect(await getDb().apiKey.findMany({ where: { workspaceId } })).toMatchObject([{ name: 'engine' }]);
});
