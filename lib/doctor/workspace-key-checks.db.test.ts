import { expect, it } from 'vitest';
import { SYSTEM_CLI } from '../actor';
import { createApiKey } from '../api-keys/manage';
import { makeWorkspace, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import { setApiKeysAllowed } from '../workspace/api-keys-allowed';
import { createFacts, runChecks } from './run';
import { workspaceKeyChecks } from './workspace-key-checks';

await startTestApp();

const DAY_MS = 86_400_000;

it('warns of a workspace’s keys that expire soon, unless it does not allow keys', async () => {
  const { id: workspaceId, slug } = await makeWorkspace();
  const by = { workspaceId, actor: SYSTEM_CLI, origin: TEST_ORIGIN };
  const findings = async (of = slug) =>
    runChecks(await workspaceKeyChecks(of), createFacts([], { asksGitHub: false }));
  await createApiKey(by, { name: 'later', expires_in: 90 * DAY_MS });
  expect(await findings()).toMatchObject([{ id: 'api-keys', status: 'ok' }]);
  const { id, expires_at } = await createApiKey(by, { name: 'engine', expires_in: 3 * DAY_MS });
  expect(await findings()).toMatchObject([
    {
      status: 'warn',
      found: `API keys expire soon: "engine" (${id}) on ${expires_at?.slice(0, 10)}.`,
      todo: expect.stringContaining('rotates'),
    },
  ]);
  await setApiKeysAllowed(by, false);
  expect(await findings()).toMatchObject([{ status: 'ok', found: 'The workspace does not allow API keys.' }]);
  expect(await findings('w-no-such-workspace')).toEqual([]);
});
