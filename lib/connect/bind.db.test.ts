/** Tests the statement that binds an installation, with every state that the installation's row can be in. */
import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeWorkspace, readAudit, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import { getDb } from '../db/client';
import type { InstallationStatus } from '../db/generated/client';
import type { GitHubInstallation } from '../github/installations';
import { bindInstallation } from './bind';

await startTestApp();

const SUSPENDED_AT = new Date('2026-11-01T10:00:00Z');
const EARLIER = new Date('2026-10-01T10:00:00Z');

const newId = () => randomInt(1_000_000, 2_000_000_000);

async function newAdmin() {
  const { id: workspaceId, people } = await makeWorkspace('admin');
  const [actor] = people;
  if (!actor) throw new Error('no admin');
  return { workspaceId, actor };
}

/** Stores an installation's row as an earlier webhook or another workspace might have left it behind. */
async function storedRow(given: {
  status: InstallationStatus;
  workspaceId?: string;
  suspendedAt?: Date;
}): Promise<number> {
  const id = newId();
  await getDb().installation.create({
    data: {
      id,
      accountId: id,
      accountLogin: 'acme',
      accountType: 'Organization',
      repositorySelection: 'all',
      ...(given.status === 'deleted' ? { deletedAt: EARLIER } : {}),
      ...given,
    },
  });
  return id;
}

const stored = (id: number) => getDb().installation.findUnique({ where: { id } });

function bind(
  { workspaceId, actor }: Awaited<ReturnType<typeof newAdmin>>,
  id: number,
  suspendedAt: Date | null = null,
) {
  const installation: GitHubInstallation = {
    id,
    account: { id, login: 'acme', type: 'Organization', isNamed: true },
    repositorySelection: 'all',
    suspendedAt,
    createdAt: EARLIER,
  };
  const provenBy = { id: 20001, login: 'olivia' };
  return bindInstallation({
    workspaceId,
    actor,
    origin: TEST_ORIGIN,
    installation,
    proof: 'installed_by_user',
    provenBy,
  });
}

const lastEvent = async (workspaceId: string) => (await readAudit(workspaceId)).at(-1);

describe('a bind', () => {
  it.each<[string, (workspaceId: string) => Promise<string | undefined>]>([
    ['nobody’s', async () => undefined],
    ['this workspace’s', async (workspaceId) => workspaceId],
    ['another workspace’s', async () => (await newAdmin()).workspaceId],
  ])('does not bind or change an ended installation that was %s', async (_, ownerOf) => {
    const admin = await newAdmin();
    const workspaceId = await ownerOf(admin.workspaceId);
    const id = await storedRow({ status: 'deleted', ...(workspaceId === undefined ? {} : { workspaceId }) });
    const before = await stored(id);
    expect(await bind(admin, id)).toBe('installation_not_found');
    expect(await stored(id)).toEqual(before);
    expect(await lastEvent(admin.workspaceId)).toMatchObject({
      type: 'github.bind_refused',
      details: { reason: 'installation_not_found' },
    });
  });

  it.each<['active' | 'suspended']>([['active'], ['suspended']])(
    'does not bind or change another workspace’s installation that is %s',
    async (status) => {
      const [admin, owner] = [await newAdmin(), await newAdmin()];
      const id = await storedRow({ status, workspaceId: owner.workspaceId });
      const before = await stored(id);
      expect(await bind(admin, id)).toBe('already_connected_elsewhere');
      expect(await stored(id)).toEqual(before);
      expect(await readAudit(owner.workspaceId)).toEqual([]);
      expect(await lastEvent(admin.workspaceId)).toMatchObject({ type: 'github.bind_refused' });
    },
  );

  it('changes and records nothing when the workspace already has the installation', async () => {
    const admin = await newAdmin();
    const id = await storedRow({ status: 'active', workspaceId: admin.workspaceId });
    const before = await stored(id);
    expect(await bind(admin, id)).toBe('already_connected_here');
    expect(await stored(id)).toEqual(before);
    expect(await readAudit(admin.workspaceId)).toEqual([]);
  });

  it('binds as suspended if GitHub reports a suspension, even if the stored row is active', async () => {
    const admin = await newAdmin();
    for (const id of [newId(), await storedRow({ status: 'active' })]) {
      expect(await bind(admin, id, SUSPENDED_AT)).toBe('connected');
      expect(await stored(id)).toMatchObject({
        workspaceId: admin.workspaceId,
        status: 'suspended',
        suspendedAt: SUSPENDED_AT,
      });
    }
  });

  it('binds as suspended if a webhook suspended it, and requests a sync', async () => {
    const admin = await newAdmin();
    const id = await storedRow({ status: 'suspended', suspendedAt: SUSPENDED_AT });
    expect(await bind(admin, id)).toBe('connected');
    const row = await stored(id);
    expect(row).toMatchObject({
      workspaceId: admin.workspaceId,
      boundBy: admin.actor.id,
      status: 'suspended',
      suspendedAt: SUSPENDED_AT,
      revision: 1n,
    });
    expect(row?.boundAt).not.toBeNull();
    expect(row?.syncRequestedAt).not.toBeNull();
  });

  it('binds nothing for a user who is no longer an admin', async () => {
    const admin = await newAdmin();
    const { workspaceId, actor } = admin;
    await getDb().membership.updateMany({
      where: { workspaceId, userId: actor.id },
      data: { role: 'member' },
    });
    const id = newId();
    expect(await bind(admin, id)).toBe('not_admin');
    expect(await stored(id)).toBeNull();
  });
});
