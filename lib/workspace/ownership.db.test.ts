import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { UserActor } from '../actor';
import { findWorkspaceForUser } from '../auth/session';
import { makeUser, makeWorkspace, readAudit, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import type { Role } from '../contract/members';
import { createInvitation } from './invitations';
import { addMember, listMembers } from './members';
import { leaveWorkspace, transferOwnership } from './ownership';
import { renameWorkspace } from './rename-workspace';

await startTestApp();

async function makePeople(...roles: Role[]) {
  const workspace = await makeWorkspace('owner');
  const [owner = await makeUser()] = workspace.people;
  const as = (actor: UserActor) => ({ workspaceId: workspace.id, actor, origin: TEST_ORIGIN });
  const others = await Promise.all(roles.map(() => makeUser()));
  for (const [index, { id }] of others.entries()) await addMember(as(owner), id, roles[index] ?? 'member');
  const [first = owner, second = owner] = others;
  const role = async (user: UserActor) => (await findWorkspaceForUser(workspace.slug, user.id))?.role;
  const types = async () => (await readAudit(workspace.id)).map(({ type }) => type);
  return { workspace, owner, first, second, as, role, types };
}

describe('leaving', () => {
  it.each<Role>(['member', 'admin', 'owner'])(
    'is free to a workspace’s %s while an owner remains',
    async (given) => {
      const { first, as, role, types } = await makePeople(given);
      await leaveWorkspace(as(first));
      expect(await role(first)).toBeUndefined();
      expect((await types()).at(-1)).toBe('member.removed');
    },
  );

  it('is refused to the last owner, also when two owners leave concurrently', async () => {
    const { workspace, owner, first, as } = await makePeople('owner');
    const results = await Promise.allSettled([owner, first].map((each) => leaveWorkspace(as(each))));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const [last] = await listMembers(workspace.id);
    const left = [owner, first].find(({ id }) => id === last?.id) ?? owner;
    await expect(leaveWorkspace(as(left))).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('revokes the invitations that the leaver sent', async () => {
    const { workspace, first, as } = await makePeople('admin');
    await createInvitation(as(first), `${randomUUID()}@acme.test`, 'member');
    await leaveWorkspace(as(first));
    expect((await listMembers(workspace.id)).filter(({ status }) => status === 'invited')).toEqual([]);
  });

  it('ends nothing for those who are no members', async () => {
    const { as, types } = await makePeople();
    const before = await types();
    await expect(leaveWorkspace(as(await makeUser()))).rejects.toMatchObject({ code: 'not_found' });
    expect(await types()).toEqual(before);
  });
});

describe('a transfer of the ownership', () => {
  it('makes the member an owner and the owner an admin, in the log too', async () => {
    const { owner, first, as, role, types } = await makePeople('member');
    await transferOwnership(as(owner), first.id);
    expect([await role(owner), await role(first)]).toEqual(['admin', 'owner']);
    expect((await types()).slice(-2)).toEqual(['member.role_changed', 'member.role_changed']);
  });

  it('is for owners only, and to members only', async () => {
    const { owner, first, second, as, role } = await makePeople('admin', 'member');
    for (const actor of [first, second, await makeUser()])
      await expect(transferOwnership(as(actor), second.id)).rejects.toMatchObject({ code: 'forbidden' });
    for (const [to, code] of [
      [owner.id, 'invalid_request'],
      [(await makeUser()).id, 'not_found'],
      ['nonsense', 'not_found'],
    ] as const)
      await expect(transferOwnership(as(owner), to)).rejects.toMatchObject({ code });
    expect(await role(owner)).toBe('owner');
  });

  it('leaves one owner, when it is made twice concurrently', async () => {
    const { workspace, owner, first, second, as } = await makePeople('member', 'member');
    const results = await Promise.allSettled(
      [first, second].map(({ id }) => transferOwnership(as(owner), id)),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const owners = (await listMembers(workspace.id)).filter(({ role }) => role === 'owner');
    expect(owners).toHaveLength(1);
  });
});

describe('a new name', () => {
  it('is recorded with the old one, and only once', async () => {
    const { workspace, owner, as, types } = await makePeople();
    await renameWorkspace(as(owner), 'Acme Corporation');
    await renameWorkspace(as(owner), 'Acme Corporation');
    const found = await findWorkspaceForUser(workspace.slug, owner.id);
    expect(found).toMatchObject({ slug: workspace.slug, name: 'Acme Corporation' });
    expect((await types()).filter((type) => type === 'workspace.renamed')).toHaveLength(1);
  });

  it('is for owners only', async () => {
    const { workspace, owner, first, second, as } = await makePeople('admin', 'member');
    for (const actor of [first, second, await makeUser()])
      await expect(renameWorkspace(as(actor), 'Stolen')).rejects.toMatchObject({ code: 'forbidden' });
    expect(await findWorkspaceForUser(workspace.slug, owner.id)).not.toMatchObject({ name: 'Stolen' });
  });
});
