/** Covers the reads of the pages of one repository and one member. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { UserActor } from '../actor';
import {
  makeApiKeyActor,
  makeInstallation,
  makeUser,
  makeWorkloadActor,
  makeWorkspace,
  startTestApp,
} from '../auth/test-fixtures';
import { listReaders, MAX_READERS } from '../credentials/readers';
import { getDb } from '../db/client';
import { findRepository } from '../installation/find-repository';
import { listMadeBy } from './made-by';
import { findMemberIds } from './member-ids';

await startTestApp();

let workspace: { id: string; slug: string };
let other: { id: string; slug: string };
let admin: UserActor;
beforeEach(async () => {
  const { people, ...made } = await makeWorkspace('admin');
  workspace = made;
  other = await makeWorkspace();
  const [first] = people;
  if (first === undefined) throw new Error('no admin');
  admin = first;
});

describe('a repository', () => {
  it('is found with its state, and in its own workspace only', async () => {
    const shared = await makeInstallation(workspace.id, ['acme/api']);
    const suspended = await makeInstallation(workspace.id, ['labs/web'], 'suspended');
    const [api = 0] = shared.repositoryIds;
    const [web = 0] = suspended.repositoryIds;
    expect(await findRepository(workspace.id, api)).toMatchObject({
      id: api,
      installation_id: shared.id,
      full_name: 'acme/api',
      account: 'acme',
      state: 'readable',
      shared_since: expect.any(String),
      unshared_at: null,
    });
    expect(await findRepository(workspace.id, web)).toMatchObject({ state: 'suspended' });
    for (const [of, id] of [
      [other.id, api],
      [workspace.id, 0],
      [workspace.id, Number.MAX_SAFE_INTEGER],
    ] as const)
      await expect(findRepository(of, id)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('stays there after its removal, and is that of the connection which shares it now', async () => {
    const { id, repositoryIds } = await makeInstallation(workspace.id, ['acme/api']);
    const [api = 0] = repositoryIds;
    const removedAt = new Date();
    await getDb().repository.updateMany({ where: { installationId: id }, data: { removedAt } });
    expect(await findRepository(workspace.id, api)).toMatchObject({
      state: 'unshared',
      unshared_at: removedAt.toISOString(),
    });
    const next = await makeInstallation(workspace.id, []);
    await getDb().repository.create({
      data: {
        id: BigInt(api),
        installationId: BigInt(next.id),
        owner: 'labs',
        name: 'api',
        cloneUrl: 'https://github.test/labs/api.git',
        defaultBranch: 'main',
        private: false,
      },
    });
    expect(await findRepository(workspace.id, api)).toMatchObject({
      installation_id: next.id,
      full_name: 'labs/api',
      state: 'readable',
    });
  });

  it('is read by live keys and rules that name it or are for all, and by none of another workspace', async () => {
    const { repositoryIds } = await makeInstallation(workspace.id, ['acme/api', 'acme/web']);
    const [api = 0, web = 0] = repositoryIds;
    const forAll = await makeApiKeyActor(workspace, { label: 'all' });
    const bound = await makeApiKeyActor(workspace, { label: 'bound', repositoryIds: [api, web] });
    const rule = await makeWorkloadActor(workspace, { repositoryIds: [api] });
    await makeApiKeyActor(workspace, { label: 'other', repositoryIds: [web] });
    await makeApiKeyActor(workspace, { label: 'nothing', repositoryIds: [] });
    await makeApiKeyActor(other, { label: 'foreign' });
    const revoked = await makeApiKeyActor(workspace, { label: 'revoked' });
    const expired = await makeWorkloadActor(workspace);
    await getDb().apiKey.update({ where: { id: revoked.id }, data: { revokedAt: new Date() } });
    await getDb().trustRule.update({ where: { id: expired.id }, data: { expiresAt: new Date(0) } });
    await getDb().apiKey.update({ where: { id: bound.id }, data: { lastUsedAt: new Date() } });
    expect(await listReaders(workspace.id, api)).toEqual([
      { kind: 'api_key', id: bound.id, name: 'bound', is_for_all: false, last_used_at: expect.any(String) },
      { kind: 'api_key', id: forAll.id, name: 'all', is_for_all: true, last_used_at: null },
      { kind: 'trust_rule', id: rule.id, name: 'ci', is_for_all: false, last_used_at: null },
    ]);
  });

  it('has a bounded list of readers', async () => {
    await getDb().trustRule.createMany({
      data: Array.from({ length: MAX_READERS + 10 }, (_, n) => ({
        workspaceId: workspace.id,
        name: `r${n}`,
        issuer: 'https://issuer.test',
        subject: 'repo:acme/api:ref:refs/heads/main',
      })),
    });
    expect(await listReaders(workspace.id, 1)).toHaveLength(MAX_READERS + 1);
  });
});

describe('a member', () => {
  it('is found by address, and a stranger or a member of another workspace is not', async () => {
    const stranger = await makeUser();
    const ids = await findMemberIds(workspace.id, [admin.label, stranger.label, null, admin.label]);
    expect([...ids]).toEqual([[admin.label, admin.id]]);
    expect(await findMemberIds(workspace.id, [null])).toEqual(new Map());
    expect(await findMemberIds(other.id, [admin.label])).toEqual(new Map());
  });

  it('has made the live keys, rules and connections of one workspace, the newest first', async () => {
    const key = await makeApiKeyActor(workspace, { label: 'engine' });
    const ended = await makeApiKeyActor(workspace, { label: 'ended' });
    const foreign = await makeApiKeyActor(other, { label: 'foreign' });
    await getDb().apiKey.updateMany({
      where: { id: { in: [key.id, ended.id, foreign.id] } },
      data: { createdBy: admin.id, createdAt: new Date(1_700_000_000_000) },
    });
    await getDb().apiKey.update({ where: { id: ended.id }, data: { revokedAt: new Date() } });
    const rule = await makeWorkloadActor(workspace, { createdBy: admin.id });
    const { id } = await makeInstallation(workspace.id, []);
    await getDb().installation.update({
      where: { id: BigInt(id) },
      data: { boundBy: admin.id, boundAt: new Date(1_600_000_000_000) },
    });
    expect(await listMadeBy(workspace.id, admin.id)).toMatchObject([
      { kind: 'trust_rule', id: rule.id, name: 'ci' },
      { kind: 'api_key', id: key.id, name: 'engine' },
      { kind: 'connection', id: String(id), name: 'acme' },
    ]);
  });
});
