import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Actor, SYSTEM_CLI } from '../actor';
import { recordAuditEvent } from '../audit/record';
import { untyped } from '../audit/test-event';
import { findWorkspaceForUser, requireAdmin } from '../auth/session';
import { makeUser, makeWorkspace, readAudit, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import { getDb, inTransaction } from '../db/client';
import { createWorkspace } from './create';
import { addMember, changeMemberRole, listMembers, removeMember } from './members';

await startTestApp();

const by = (workspace: { id: string }, actor: Actor) => ({
  workspaceId: workspace.id,
  actor,
  origin: TEST_ORIGIN,
});
const owners = (id: string) => getDb().membership.count({ where: { workspaceId: id, role: 'owner' } });

/**
 * Creates a workspace with members in these roles. If there are fewer than three, a user without a membership takes the
 * place of the others.
 */
async function makeStaffed(...roles: Parameters<typeof makeWorkspace>) {
  const workspace = await makeWorkspace(...roles);
  const [first, second, third] = workspace.people;
  const nobody = await makeUser();
  return { workspace, first: first ?? nobody, second: second ?? nobody, third: third ?? nobody };
}

describe('a new workspace', () => {
  it('has its creator as owner, and records this in its audit log', async () => {
    const actor = await makeUser();
    const workspace = await createWorkspace({ slug: 'brand-new', name: 'New' }, actor.id, {
      actor,
      origin: TEST_ORIGIN,
    });
    expect(await findWorkspaceForUser('brand-new', actor.id)).toEqual({ ...workspace, role: 'owner' });
    expect(await readAudit(workspace.id)).toMatchObject([
      {
        type: 'workspace.created',
        actorId: actor.id,
        details: { slug: 'brand-new', owner: { email: actor.label } },
      },
    ]);
  });

  it('is created only once if several requests use its slug concurrently', async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => makeUser()));
    const results = await Promise.allSettled(
      people.map((actor) =>
        createWorkspace({ slug: 'contested', name: 'C' }, actor.id, { actor, origin: TEST_ORIGIN }),
      ),
    );
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({
          code: 'invalid_request',
          errors: [{ path: 'slug', message: 'is taken' }],
        });
    const { id } = await getDb().workspace.findUniqueOrThrow({ where: { slug: 'contested' } });
    expect(await getDb().membership.count({ where: { workspaceId: id } })).toBe(1);
  });

  it('gets no slug that could be mistaken for a page', async () => {
    const actor = await makeUser();
    await expect(
      createWorkspace({ slug: 'settings', name: 'S' }, actor.id, { actor, origin: TEST_ORIGIN }),
    ).rejects.toMatchObject({ errors: [{ path: 'slug', message: 'is reserved' }] });
  });
});

describe('the last owner', () => {
  it('can neither leave nor step down', async () => {
    const { workspace, first } = await makeStaffed('owner', 'admin');
    await expect(removeMember(by(workspace, first), first.id)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(changeMemberRole(by(workspace, first), first.id, 'admin')).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(addMember(by(workspace, SYSTEM_CLI), first.id, 'member')).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect(await owners(workspace.id)).toBe(1);
  });

  it('stays when all owners leave concurrently', async () => {
    for (let round = 0; round < 5; round++) {
      const workspace = await makeWorkspace('owner', 'owner', 'owner', 'owner');
      const results = await Promise.allSettled(
        workspace.people.map((owner, index) =>
          index % 2 === 0
            ? removeMember(by(workspace, owner), owner.id)
            : changeMemberRole(by(workspace, owner), owner.id, 'member'),
        ),
      );
      expect(results.filter((result) => result.status === 'rejected')).toHaveLength(1);
      expect(await owners(workspace.id)).toBe(1);
    }
  });

  it('stays when two owners remove each other concurrently', async () => {
    for (let round = 0; round < 5; round++) {
      const { workspace, first, second } = await makeStaffed('owner', 'owner');
      await Promise.allSettled([
        removeMember(by(workspace, first), second.id),
        removeMember(by(workspace, second), first.id),
      ]);
      expect(await owners(workspace.id)).toBe(1);
    }
  });
});

describe('authority', () => {
  it('does not let an admin create, change or remove an owner', async () => {
    const {
      workspace,
      first: owner,
      second: admin,
      third: member,
    } = await makeStaffed('owner', 'admin', 'member');
    await getDb().membership.create({
      data: { workspaceId: workspace.id, userId: (await makeUser()).id, role: 'owner' },
    });
    const attempts = [
      () => addMember(by(workspace, admin), admin.id, 'owner'),
      () => changeMemberRole(by(workspace, admin), admin.id, 'owner'),
      () => changeMemberRole(by(workspace, admin), member.id, 'owner'),
      () => changeMemberRole(by(workspace, admin), owner.id, 'member'),
      () => removeMember(by(workspace, admin), owner.id),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: 'forbidden' });
    await changeMemberRole(by(workspace, admin), member.id, 'admin');
    await removeMember(by(workspace, admin), member.id);
  });

  it('does not belong to members, outsiders and API keys', async () => {
    const { workspace, first: owner, second: member } = await makeStaffed('owner', 'member');
    const outsider = await makeUser();
    const apiKey: Actor = { type: 'api_key', id: randomUUID(), label: 'k', workspace, repositoryIds: null };
    for (const actor of [member, outsider, apiKey])
      for (const attempt of [
        () => addMember(by(workspace, actor), outsider.id, 'member'),
        () => changeMemberRole(by(workspace, actor), member.id, 'admin'),
        () => removeMember(by(workspace, actor), owner.id),
      ])
        await expect(attempt()).rejects.toMatchObject({ code: 'forbidden' });
    expect(await readAudit(workspace.id)).toEqual([]);
  });

  it('ends as soon as it is revoked', async () => {
    const {
      workspace,
      first: owner,
      second: admin,
      third: member,
    } = await makeStaffed('owner', 'admin', 'member');
    await removeMember(by(workspace, owner), admin.id);
    await expect(removeMember(by(workspace, admin), member.id)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('does not extend to another workspace', async () => {
    const mine = await makeStaffed('owner');
    const theirs = await makeStaffed('owner', 'member');
    for (const id of [theirs.second.id, randomUUID(), 'nonsense'])
      await expect(removeMember(by(mine.workspace, mine.first), id)).rejects.toMatchObject({
        code: 'not_found',
      });
    expect(await listMembers(theirs.workspace.id)).toHaveLength(2);
  });
});

it('removes a former member’s access on the next request', async () => {
  const { workspace, first: owner, second: member } = await makeStaffed('owner', 'member');
  expect(await findWorkspaceForUser(workspace.slug, member.id)).not.toBeNull();
  await removeMember(by(workspace, owner), member.id);
  expect(await findWorkspaceForUser(workspace.slug, member.id)).toBeNull();
});

it('records role changes with both roles, and records nothing if nothing changed', async () => {
  const { workspace, first: owner } = await makeStaffed('owner');
  const user = await makeUser();
  await addMember(by(workspace, owner), user.id, 'member');
  await addMember(by(workspace, owner), user.id, 'member');
  await changeMemberRole(by(workspace, owner), user.id, 'admin');
  await removeMember(by(workspace, owner), user.id);
  expect(await readAudit(workspace.id)).toMatchObject([
    { type: 'member.added', details: { user_id: user.id, email: user.label, role: 'member' } },
    { type: 'member.role_changed', details: { from: 'member', to: 'admin' } },
    { type: 'member.removed', details: { user_id: user.id, role: 'admin' } },
  ]);
});

describe('a change to a member with an open connect attempt', () => {
  it.each([
    ['is removed', (id: string, actor: Actor, target: string) => removeMember(by({ id }, actor), target)],
    [
      'is demoted',
      (id: string, actor: Actor, target: string) => changeMemberRole(by({ id }, actor), target, 'member'),
    ],
  ])('does not deadlock with a request that ends the attempt if the member %s', async (_, change) => {
    const { workspace, first: owner, second: admin } = await makeStaffed('owner', 'admin');
    const { id } = await getDb().connectAttempt.create({
      data: {
        workspaceId: workspace.id,
        userId: admin.id,
        stateHash: new Uint8Array(randomBytes(32)),
        expiresAt: new Date(Date.now() + 60_000),
      },
    });
    const { changing } = await inTransaction(async (tx) => {
      await tx.connectAttempt.update({ where: { id }, data: { status: 'finished' } });
      const changing = change(workspace.id, owner, admin.id);
      await expect
        .poll(
          () => getDb().$queryRaw`SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
          AND wait_event_type = 'Lock' AND query LIKE '%connect_attempts%'`,
        )
        .toHaveLength(1);
      // If the locks were taken in another order, PostgreSQL would abort one of the two transactions here.
      await recordAuditEvent(tx, {
        ...by(workspace, owner),
        type: 'github.approval_dismissed',
        details: {},
      });
      return { changing };
    });
    await changing;
    const types = (await readAudit(workspace.id)).map(({ type }) => type);
    expect(types[0]).toBe('github.approval_dismissed');
    expect(types).toHaveLength(2);
  });
});

describe('a member with a pending invitation', () => {
  it('gets another role without deadlocking with their own request', async () => {
    const { workspace, first: owner, second: admin } = await makeStaffed('owner', 'admin');
    await getDb().invitation.create({
      data: {
        workspaceId: workspace.id,
        email: admin.label,
        role: 'member',
        expiresAt: new Date(Date.now() + 60_000),
      },
    });
    const { changing } = await inTransaction(async (tx) => {
      // Lock the membership, as every request that requires an admin does.
      await requireAdmin(tx, workspace.id, admin);
      const changing = addMember(by(workspace, owner), admin.id, 'member');
      await expect
        .poll(
          () => getDb().$queryRaw`SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
          AND wait_event_type = 'Lock' AND query LIKE '%memberships%'`,
        )
        .toHaveLength(1);
      // If the locks were taken in another order, PostgreSQL would abort one of the two transactions here.
      await recordAuditEvent(tx, untyped({ ...by(workspace, admin), type: 'api_key.created' }));
      return { changing };
    });
    await changing;
    expect((await readAudit(workspace.id)).map(({ type }) => type)).toEqual([
      'api_key.created',
      'member.role_changed',
      'member.invitation_revoked',
    ]);
  });
});
