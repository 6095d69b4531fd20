import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { UserActor } from '../actor';
import { findWorkspaceForUser } from '../auth/session';
import { makeUser, makeWorkspace, readAudit, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import { SelectedIds } from '../contract/selection';
import { getDb } from '../db/client';
import {
  acceptInvitation,
  createInvitation,
  MOST_WAITING,
  revokeInvitation,
  revokeInvitations,
} from './invitations';
import { findPendingInvitations, searchInvitations } from './list-members';
import { addMember, changeMemberRole, listMembers, listUserWorkspaces, removeMember } from './members';

await startTestApp();

async function makeInviter(role: 'owner' | 'admin' | 'member' = 'owner') {
  const workspace = await makeWorkspace(role);
  const [actor = await makeUser()] = workspace.people;
  return { workspace, by: { workspaceId: workspace.id, actor, origin: TEST_ORIGIN } };
}

/**
 * Accepts an invitation in a session whose sign-in verified `verifiedEmail`, by default the address stored for the
 * user.
 */
const accept = (id: string, actor: UserActor, verifiedEmail: string | null | undefined = actor.label) =>
  acceptInvitation(id, { actor, origin: TEST_ORIGIN }, verifiedEmail);
const roleOf = async (slug: string, user: UserActor) => (await findWorkspaceForUser(slug, user.id))?.role;

describe('an invitation', () => {
  it('makes whoever signs in with its email a member when they accept it', async () => {
    const { workspace, by } = await makeInviter();
    const email = `${randomUUID()}@acme.test`;
    const { id } = await createInvitation(by, email, 'admin');
    expect((await listMembers(workspace.id)).at(-1)).toMatchObject({
      id,
      email,
      status: 'invited',
      role: 'admin',
    });

    const invitee = await makeUser(email);
    expect(await listUserWorkspaces(invitee.id, invitee.label)).toMatchObject({
      workspaces: [],
      invitations: [{ id, role: 'admin', workspace: { slug: workspace.slug } }],
    });
    expect(await roleOf(workspace.slug, invitee)).toBeUndefined();

    await accept(id, invitee);
    expect(await roleOf(workspace.slug, invitee)).toBe('admin');
    expect(await listUserWorkspaces(invitee.id, invitee.label)).toMatchObject({
      workspaces: [{ slug: workspace.slug }],
      invitations: [],
    });
    expect((await readAudit(workspace.id)).map((event) => event.type)).toEqual([
      'member.invited',
      'member.added',
    ]);
  });

  it('reports whether it ended an earlier link to the same address, which works no longer', async () => {
    const { by } = await makeInviter();
    const invitee = await makeUser();
    const first = await createInvitation(by, invitee.label, 'member');
    expect(first.hasReplaced).toBe(false);
    const second = await createInvitation(by, invitee.label, 'member');
    expect(second.hasReplaced).toBe(true);
    await expect(accept(first.id, invitee)).rejects.toMatchObject({ code: 'not_found' });
    await getDb().invitation.update({ where: { id: second.id }, data: { expiresAt: new Date(0) } });
    expect((await createInvitation(by, invitee.label, 'member')).hasReplaced).toBe(false);
  });

  it('is invalid for anybody but the invited person', async () => {
    const { workspace, by } = await makeInviter();
    const { id } = await createInvitation(by, `${randomUUID()}@acme.test`, 'owner');
    const thief = await makeUser();
    for (const each of [id, randomUUID(), 'nonsense', ''])
      await expect(accept(each, thief)).rejects.toMatchObject({ code: 'not_found' });
    expect(await roleOf(workspace.slug, thief)).toBeUndefined();
  });

  it('is invalid once it has expired or was revoked or replaced', async () => {
    const { by } = await makeInviter();
    const invitee = await makeUser();
    const replaced = await createInvitation(by, invitee.label, 'owner');
    const revoked = await createInvitation(by, invitee.label, 'member');
    await revokeInvitation(by, revoked.id);
    const expired = await createInvitation(by, invitee.label, 'member');
    await getDb().invitation.update({ where: { id: expired.id }, data: { expiresAt: new Date() } });
    for (const { id } of [replaced, revoked, expired])
      await expect(accept(id, invitee)).rejects.toMatchObject({ code: 'not_found' });
    expect((await listUserWorkspaces(invitee.id, invitee.label)).invitations).toEqual([]);
  });

  it('works once, however often it is accepted concurrently', async () => {
    const { workspace, by } = await makeInviter();
    const invitee = await makeUser();
    const { id } = await createInvitation(by, invitee.label, 'member');
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => accept(id, invitee)));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    expect((await readAudit(workspace.id)).filter((event) => event.type === 'member.added')).toHaveLength(1);
  });

  it('raises the role of an existing member, and never lowers it', async () => {
    for (const [has, invitedAs, becomes] of [
      ['member', 'admin', 'admin'],
      ['owner', 'member', 'owner'],
    ] as const) {
      const { workspace, by } = await makeInviter();
      const invitee = await makeUser();
      const { id } = await createInvitation(by, invitee.label, invitedAs);
      await getDb().membership.create({ data: { workspaceId: workspace.id, userId: invitee.id, role: has } });
      await accept(id, invitee);
      expect(await roleOf(workspace.slug, invitee)).toBe(becomes);
    }
  });

  it('can be sent by admins but not for an owner, and not by members', async () => {
    const email = `${randomUUID()}@acme.test`;
    const admin = await makeInviter('admin');
    await expect(createInvitation(admin.by, email, 'owner')).rejects.toMatchObject({ code: 'forbidden' });
    await createInvitation(admin.by, email, 'admin');
    const member = await makeInviter('member');
    await expect(createInvitation(member.by, email, 'member')).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('cannot be replaced by an admin if it is for an owner, and each replacement and revocation is recorded', async () => {
    const workspace = await makeWorkspace('owner', 'admin');
    const [owner, admin] = workspace.people.map((actor) => ({
      workspaceId: workspace.id,
      actor,
      origin: TEST_ORIGIN,
    }));
    if (!owner || !admin) throw new Error('no people');
    const invitee = await makeUser();
    const first = await createInvitation(owner, invitee.label, 'owner');
    await expect(createInvitation(admin, invitee.label, 'member')).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect((await listUserWorkspaces(invitee.id, invitee.label)).invitations).toMatchObject([
      { id: first.id },
    ]);

    const second = await createInvitation(owner, invitee.label, 'member');
    await revokeInvitation(admin, second.id);
    const told = (await readAudit(workspace.id)).map(({ type, details }) => [
      type,
      (details as { invitation_id: string }).invitation_id,
    ]);
    expect(told).toEqual([
      ['member.invited', first.id],
      ['member.invitation_revoked', first.id],
      ['member.invited', second.id],
      ['member.invitation_revoked', second.id],
    ]);
  });

  it('is refused beyond as many as can be revoked together, not counting those replaced or expired', async () => {
    const { workspace, by } = await makeInviter();
    const row = { workspaceId: workspace.id, role: 'member', invitedBy: by.actor.id } as const;
    const expiresAt = new Date(Date.now() + 3_600_000);
    await getDb().invitation.createMany({
      data: [
        ...Array.from({ length: MOST_WAITING - 1 }, () => ({
          ...row,
          expiresAt,
          email: `${randomUUID()}@acme.test`,
        })),
        { ...row, expiresAt: new Date(0), email: `${randomUUID()}@acme.test` },
      ],
    });
    const email = `${randomUUID()}@acme.test`;
    await createInvitation(by, email, 'member');
    await createInvitation(by, email, 'admin');
    await expect(createInvitation(by, `${randomUUID()}@acme.test`, 'member')).rejects.toMatchObject({
      code: 'invalid_request',
      message: 'At most 150 invitations can be pending. Revoke some of them first.',
    });
    expect(await listMembers(workspace.id)).toHaveLength(MOST_WAITING + 1);
  });

  it('cannot be sent to a member, nor revoked from another workspace', async () => {
    const { by } = await makeInviter();
    await expect(createInvitation(by, by.actor.label, 'member')).rejects.toMatchObject({
      errors: [{ path: 'email', message: 'is a member already' }],
    });
    const other = await makeInviter();
    const { id } = await createInvitation(other.by, `${randomUUID()}@acme.test`, 'member');
    await expect(revokeInvitation(by, id)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is invalid once its inviter could no longer send it, for any reason', async () => {
    for (const [was, invitedAs, becomes] of [
      ['admin', 'member', 'member'],
      ['owner', 'owner', 'admin'],
      ['admin', 'admin', null],
    ] as const) {
      const { workspace, by } = await makeInviter(was);
      const secondAddress = await makeUser();
      const { id } = await createInvitation(by, secondAddress.label, invitedAs);
      const key = { workspaceId_userId: { workspaceId: workspace.id, userId: by.actor.id } };
      // Change the row directly, because `removeMember` would revoke the invitation.
      if (becomes === null) await getDb().membership.delete({ where: key });
      else await getDb().membership.update({ where: key, data: { role: becomes } });
      await expect(accept(id, secondAddress)).rejects.toMatchObject({ code: 'not_found' });
      expect(await roleOf(workspace.slug, secondAddress)).toBeUndefined();
    }
  });

  it('is revoked and recorded exactly when its inviter loses the authority to send it', async () => {
    const workspace = await makeWorkspace('owner', 'owner', 'admin');
    const [first, second, admin] = workspace.people;
    if (!first || !second || !admin) throw new Error('no people');
    const by = (actor: UserActor) => ({ workspaceId: workspace.id, actor, origin: TEST_ORIGIN });
    const address = () => `${randomUUID()}@acme.test`;
    const kept = await createInvitation(by(first), address(), 'owner');
    const ofOwner = await createInvitation(by(second), address(), 'owner');
    const ofAdmin = await createInvitation(by(second), address(), 'admin');
    const ofMember = await createInvitation(by(admin), address(), 'member');
    const waiting = async () =>
      (await listMembers(workspace.id)).filter(({ status }) => status === 'invited').map(({ id }) => id);
    const lastEvent = async () => (await readAudit(workspace.id)).at(-1);

    await changeMemberRole(by(first), second.id, 'admin');
    expect((await waiting()).sort()).toEqual([kept.id, ofAdmin.id, ofMember.id].sort());
    expect(await lastEvent()).toMatchObject({
      type: 'member.invitation_revoked',
      actorId: first.id,
      details: { invitation_id: ofOwner.id, role: 'owner' },
    });
    await changeMemberRole(by(first), second.id, 'member');
    expect((await waiting()).sort()).toEqual([kept.id, ofMember.id].sort());
    await removeMember(by(first), admin.id);
    expect(await waiting()).toEqual([kept.id]);
    expect(await lastEvent()).toMatchObject({
      type: 'member.invitation_revoked',
      details: { invitation_id: ofMember.id },
    });
  });

  it('cannot be accepted once its inviter’s removal has committed', async () => {
    for (let round = 0; round < 5; round++) {
      const workspace = await makeWorkspace('owner', 'admin');
      const [owner, admin] = workspace.people;
      if (!owner || !admin) throw new Error('no people');
      const invitee = await makeUser();
      const by = (actor: UserActor) => ({ workspaceId: workspace.id, actor, origin: TEST_ORIGIN });
      const { id } = await createInvitation(by(admin), invitee.label, 'member');
      await Promise.allSettled([removeMember(by(owner), admin.id), accept(id, invitee)]);
      const events = (await readAudit(workspace.id)).map(({ type }) => type);
      const [added, removed] = [events.indexOf('member.added'), events.indexOf('member.removed')];
      expect(removed).toBeGreaterThan(-1);
      expect(added < removed).toBe(true);
    }
  });
});

describe('an address', () => {
  it('accepts no invitation if only an earlier sign-in verified it', async () => {
    const { workspace, by } = await makeInviter();
    const email = `${randomUUID()}@acme.test`;
    const former = await makeUser(email);
    const { id } = await createInvitation(by, email, 'admin');
    // The identity provider now verifies a different address, or none at all.
    for (const verified of [`${randomUUID()}@acme.test`, null]) {
      await expect(accept(id, former, verified)).rejects.toMatchObject({ code: 'not_found' });
      expect((await listUserWorkspaces(former.id, verified)).invitations).toEqual([]);
    }
    expect(await roleOf(workspace.slug, former)).toBeUndefined();
  });

  it('requires a new sign-in if the session has no verified address', async () => {
    const { workspace, by } = await makeInviter();
    const invitee = await makeUser();
    const { id } = await createInvitation(by, invitee.label, 'member');
    expect((await listUserWorkspaces(invitee.id, undefined)).invitations).toHaveLength(1);
    const old = acceptInvitation(id, { actor: invitee, origin: TEST_ORIGIN }, undefined);
    await expect(old).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(await roleOf(workspace.slug, invitee)).toBeUndefined();
    await accept(id, invitee);
    expect(await roleOf(workspace.slug, invitee)).toBe('member');
  });

  it('accepts an invitation if this sign-in verified it, even if an older address is stored', async () => {
    const { workspace, by } = await makeInviter();
    const holder = await makeUser();
    const email = `${randomUUID()}@acme.test`;
    const { id } = await createInvitation(by, email, 'member');
    expect((await listUserWorkspaces(holder.id, email)).invitations).toHaveLength(1);
    await accept(id, holder, email);
    expect(await roleOf(workspace.slug, holder)).toBe('member');
  });
});

describe('a user’s workspaces', () => {
  it('are listed by name, apart from invitations to others, and not for a user who is gone', async () => {
    const user = await makeUser();
    const named = async (name: string) => {
      const { workspace, by } = await makeInviter();
      await getDb().workspace.update({ where: { id: workspace.id }, data: { name } });
      return { workspace, by };
    };
    const [second, first, invited] = [await named('B'), await named('A'), await named('C')];
    for (const { by } of [second, first]) await addMember(by, user.id, 'admin');
    const { id } = await createInvitation(invited.by, user.label, 'member');
    // A member's invitation to the same workspace isn't pending for them. Our code creates none, so insert it.
    await getDb().invitation.create({
      data: {
        workspaceId: first.workspace.id,
        email: user.label,
        role: 'member',
        expiresAt: new Date(Date.now() + 3_600_000),
      },
    });
    expect(await listUserWorkspaces(user.id, user.label)).toEqual({
      workspaces: [
        { slug: first.workspace.slug, name: 'A', role: 'admin' },
        { slug: second.workspace.slug, name: 'B', role: 'admin' },
      ],
      invitations: [
        {
          id,
          role: 'member',
          expiresAt: expect.any(Date),
          workspace: { slug: invited.workspace.slug, name: 'C' },
        },
      ],
    });
    expect(await listUserWorkspaces(randomUUID(), user.label)).toEqual({ workspaces: [], invitations: [] });
  });
});

describe('a pending invitation', () => {
  const waitingIn = (workspaceId: string) =>
    getDb().invitation.count({ where: { workspaceId, acceptedAt: null } });

  /** Invites a user, then adds them directly while the invitation is pending. */
  async function invitedAndAdded(role: 'member' | 'owner' = 'owner') {
    const { workspace, by } = await makeInviter();
    const person = await makeUser();
    const { id } = await createInvitation(by, person.label, role);
    await addMember(by, person.id, 'member');
    return { workspace, by, person, id };
  }

  it('ends when its user is added', async () => {
    const { workspace, person, id } = await invitedAndAdded();
    expect(await waitingIn(workspace.id)).toBe(0);
    await expect(accept(id, person)).rejects.toMatchObject({ code: 'not_found' });
    expect(await roleOf(workspace.slug, person)).toBe('member');
    const revoked = (await readAudit(workspace.id)).filter(
      ({ type }) => type === 'member.invitation_revoked',
    );
    expect(revoked.map(({ details }) => details)).toMatchObject([{ invitation_id: id, email: person.label }]);
  });

  it('ends when its user is removed, so that it cannot bring them back', async () => {
    const { workspace, by, person } = await invitedAndAdded();
    // Old databases may contain such a row, because adding a user used to leave the user's invitations pending.
    const left = await getDb().invitation.create({
      data: {
        workspaceId: workspace.id,
        email: person.label,
        role: 'owner',
        invitedBy: by.actor.id,
        expiresAt: new Date(Date.now() + 86_400_000),
      },
    });
    await removeMember(by, person.id);
    expect(await waitingIn(workspace.id)).toBe(0);
    await expect(accept(left.id, person)).rejects.toMatchObject({ code: 'not_found' });
    expect(await roleOf(workspace.slug, person)).toBeUndefined();
  });

  it('ends when its user joins with an address other than the stored one', async () => {
    const { workspace, by } = await makeInviter();
    const person = await makeUser();
    const newer = `${randomUUID()}@acme.test`;
    await createInvitation(by, person.label, 'owner');
    const { id } = await createInvitation(by, newer, 'member');
    await accept(id, person, newer);
    expect(await waitingIn(workspace.id)).toBe(0);
  });

  it('is revoked with as many others as may be pending', async () => {
    const { workspace, by } = await makeInviter();
    await getDb().invitation.createMany({
      data: Array.from({ length: MOST_WAITING }, (_, n) => ({
        workspaceId: workspace.id,
        email: `${n}@acme.test`,
        role: 'member' as const,
        expiresAt: new Date(Date.now() + 86_400_000),
      })),
    });
    const ids = (await searchInvitations(workspace.id, '')).map(({ id }) => id);
    const selected = SelectedIds.parse(ids);
    expect(await findPendingInvitations(workspace.id, selected)).toHaveLength(MOST_WAITING);
    expect(await revokeInvitations(by, selected)).toEqual({ revoked: MOST_WAITING, already: 0 });
    expect(await waitingIn(workspace.id)).toBe(0);
  });

  it('is counted apart once it has ended, while ids that are foreign or invented count nowhere', async () => {
    const { workspace, by } = await makeInviter();
    const other = await makeInviter();
    const [revoked, accepted, pending] = [await makeUser(), await makeUser(), await makeUser()];
    const ids = [];
    for (const { label } of [revoked, accepted, pending])
      ids.push((await createInvitation(by, label, 'member')).id);
    const foreign = await createInvitation(other.by, 'mia@acme.test', 'member');
    const selected = [...ids, foreign.id, randomUUID()];
    await revokeInvitation(by, ids[0] ?? '');
    await accept(ids[1] ?? '', accepted);
    const found = await findPendingInvitations(workspace.id, selected);
    expect(found).toEqual([{ id: ids[2], email: pending.label, role: 'member' }]);
    expect(await revokeInvitations(by, selected)).toEqual({ revoked: 1, already: 2 });
    expect(await revokeInvitations(by, selected)).toEqual({ revoked: 0, already: 3 });
    expect(await waitingIn(other.workspace.id)).toBe(1);
  });

  it('stays valid in another workspace', async () => {
    const { by, person } = await invitedAndAdded();
    const other = await makeInviter();
    await createInvitation(other.by, person.label, 'member');
    await removeMember(by, person.id);
    expect(await waitingIn(other.workspace.id)).toBe(1);
  });
});

describe('open connect attempts', () => {
  const OPEN = ['started', 'proven', 'awaiting_approval', 'awaiting_confirmation'] as const;
  const begin = (workspaceId: string, userId: string, status: (typeof OPEN)[number]) =>
    getDb().connectAttempt.create({
      data: {
        workspaceId,
        userId,
        status,
        stateHash: new Uint8Array(randomBytes(32)),
        expiresAt: new Date(Date.now() + 3_600_000),
      },
    });

  it.each([
    ['is removed', (by: Parameters<typeof removeMember>[0], id: string) => removeMember(by, id)],
    [
      'is no longer an admin',
      (by: Parameters<typeof removeMember>[0], id: string) => changeMemberRole(by, id, 'member'),
    ],
  ])('end in this workspace when their user %s', async (_, change) => {
    const { workspace, by } = await makeInviter();
    const admin = await makeUser();
    await addMember(by, admin.id, 'admin');
    for (const status of OPEN) await begin(workspace.id, admin.id, status);
    const others = await begin(workspace.id, by.actor.id, 'awaiting_approval');
    const elsewhere = await begin((await makeWorkspace()).id, admin.id, 'awaiting_approval');
    await change(by, admin.id);
    const open = await getDb().connectAttempt.findMany({
      where: { userId: { in: [admin.id, by.actor.id] }, status: { not: 'finished' } },
    });
    expect(open.map(({ id }) => id).sort()).toEqual([others.id, elsewhere.id].sort());
  });

  it('continue when an admin becomes an owner', async () => {
    const { workspace, by } = await makeInviter();
    const admin = await makeUser();
    await addMember(by, admin.id, 'admin');
    await begin(workspace.id, admin.id, 'awaiting_approval');
    await changeMemberRole(by, admin.id, 'owner');
    const where = { userId: admin.id, status: 'awaiting_approval' as const };
    expect(await getDb().connectAttempt.count({ where })).toBe(1);
  });
});
