import { expect, it } from 'vitest';
import { makeWorkspace, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import { createApiKey, revokeApiKey, rotateApiKey } from './manage';
import { findExpiringKeys } from './read-api-keys';

await startTestApp();

const DAY_MS = 86_400_000;

it('warns of the workspace’s live keys that expire within 14 days, the first to expire first', async () => {
  const [workspace, other] = [await makeWorkspace('owner'), await makeWorkspace('owner')];
  const create = (name: string, expires_in?: number, { id, people } = workspace) =>
    createApiKey(
      { workspaceId: id, actor: people[0] ?? expect.unreachable(), origin: TEST_ORIGIN },
      { name, expires_in },
    );
  const [actor] = workspace.people;
  const by = { workspaceId: workspace.id, actor: actor ?? expect.unreachable(), origin: TEST_ORIGIN };
  await create('never');
  await create('in a quarter', 90 * DAY_MS);
  await create('in 15 days', 15 * DAY_MS);
  await create('elsewhere', DAY_MS, other);
  await create('expired', -1000);
  await revokeApiKey(by, (await create('revoked', DAY_MS)).id);
  // The successor expires in 90 days. The rotated key expires by the rotation.
  await rotateApiKey(by, (await create('rotated', 2 * DAY_MS)).id, {
    overlap: DAY_MS,
    expires_in: 90 * DAY_MS,
  });
  const later = await create('in 13 days', 13 * DAY_MS);
  const sooner = await create('in an hour', 3_600_000);
  expect(await findExpiringKeys(workspace.id)).toEqual(
    [sooner, later].map(({ id, name, expires_at }) => ({ id, name, expires_at })),
  );
});
