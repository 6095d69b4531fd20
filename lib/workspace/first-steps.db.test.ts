import { beforeEach, expect, it } from 'vitest';
import { recordAuditEventNow } from '../audit/record';
import { untyped } from '../audit/test-event';
import {
  makeApiKeyActor,
  makeInstallation,
  makeUser,
  makeWorkloadActor,
  makeWorkspace,
  startTestApp,
  TEST_ORIGIN,
} from '../auth/test-fixtures';
import { getDb } from '../db/client';
import { hideFirstSteps, readFirstSteps } from './first-steps';

await startTestApp();

let workspace: { id: string; slug: string };
let other: { id: string; slug: string };
let reader: { id: string };
beforeEach(async () => {
  const { people, ...made } = await makeWorkspace('admin');
  workspace = made;
  other = await makeWorkspace();
  reader = people[0] ?? (await makeUser());
});

const read = () => readFirstSteps(workspace.id, reader.id);

const record = (type: 'github.token_minted', actorId: string) =>
  recordAuditEventNow(
    untyped({
      workspaceId: workspace.id,
      type,
      actor: { type: 'system', id: actorId as 'system:sync', label: actorId as 'system:sync' },
      origin: TEST_ORIGIN,
      details: {},
    }),
  );

const NONE = {
  isConnected: false,
  hasRepositories: false,
  areKeysAllowed: true,
  waiting: null,
  firstToken: null,
  hasInvited: false,
  isHidden: false,
};

it('complete one by one', async () => {
  expect(await read()).toEqual(NONE);
  await makeApiKeyActor(other);
  await record('github.token_minted', 'system:sync');
  expect(await read()).toEqual(NONE);
  const { id } = await makeApiKeyActor(workspace);
  expect(await read()).toEqual({ ...NONE, waiting: { kind: 'api_key', id, name: 'engine' } });
  await record('github.token_minted', 'system:cli');
  await getDb().invitation.create({
    data: {
      workspaceId: workspace.id,
      email: 'mia@acme.test',
      role: 'member',
      expiresAt: new Date(Date.now() + 60_000),
    },
  });
  expect(await read()).toEqual({
    ...NONE,
    firstToken: { issued_at: expect.any(String), to: 'system:cli' },
    hasInvited: true,
  });
});

it('begin with a connection, and go on with a repository that it shares', async () => {
  await makeInstallation(other.id, ['acme/api']);
  expect(await read()).toEqual(NONE);
  await makeInstallation(workspace.id, []);
  expect(await read()).toMatchObject({ isConnected: true, hasRepositories: false });
  await makeInstallation(workspace.id, ['acme/api'], 'suspended');
  expect(await read()).toMatchObject({ isConnected: true, hasRepositories: false });
  await makeInstallation(workspace.id, ['acme/web']);
  expect(await read()).toMatchObject({ isConnected: true, hasRepositories: true });
});

it('wait for the newest live key, and for a rule only without one', async () => {
  const rule = await makeWorkloadActor(workspace);
  expect(await read()).toMatchObject({ waiting: { kind: 'trust_rule', id: rule.id, name: 'ci' } });
  const old = await makeApiKeyActor(workspace);
  await getDb().apiKey.update({ where: { id: old.id }, data: { createdAt: new Date(0) } });
  const key = await makeApiKeyActor(workspace);
  expect(await read()).toMatchObject({ waiting: { kind: 'api_key', id: key.id } });
  await getDb().apiKey.update({ where: { id: key.id }, data: { revokedAt: new Date() } });
  expect(await read()).toMatchObject({ waiting: { id: old.id } });
});

it('count neither an ended key or invitation, nor a key where keys are forbidden', async () => {
  const key = await makeApiKeyActor(workspace);
  await getDb().workspace.update({ where: { id: workspace.id }, data: { apiKeysAllowed: false } });
  expect(await read()).toMatchObject({ areKeysAllowed: false, waiting: null });
  await getDb().workspace.update({ where: { id: workspace.id }, data: { apiKeysAllowed: true } });
  await getDb().apiKey.update({ where: { id: key.id }, data: { expiresAt: new Date(0) } });
  await getDb().invitation.create({
    data: { workspaceId: workspace.id, email: 'mia@acme.test', role: 'member', expiresAt: new Date(0) },
  });
  expect(await read()).toEqual(NONE);
});

it('are hidden from one member of one workspace, and come back', async () => {
  const colleague = await makeUser();
  const memberships = [
    { workspaceId: workspace.id, userId: colleague.id, role: 'admin' as const },
    { workspaceId: other.id, userId: reader.id, role: 'admin' as const },
  ];
  await getDb().membership.createMany({ data: memberships });
  await hideFirstSteps(workspace.id, reader.id, true);
  expect((await read()).isHidden).toBe(true);
  expect((await readFirstSteps(workspace.id, colleague.id)).isHidden).toBe(false);
  expect((await readFirstSteps(other.id, reader.id)).isHidden).toBe(false);
  await hideFirstSteps(workspace.id, reader.id, false);
  expect((await read()).isHidden).toBe(false);
});
