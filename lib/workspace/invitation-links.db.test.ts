import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { makeUser, makeWorkspace, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import { getConfig, replaceConfig } from '../config';
import { linkToken } from '../connect/attempts';
import { getDb } from '../db/client';
import { findLinkedInvitation, invitationOfLink, listInvitationLinks } from './invitation-links';
import { acceptInvitation, createInvitation, renewInvitation, revokeInvitation } from './invitations';
import { addMember, listMembers, removeMember } from './members';

await startTestApp();

async function makeInvitation(role: 'member' | 'admin' | 'owner' = 'member') {
  const workspace = await makeWorkspace('owner');
  const [actor = await makeUser()] = workspace.people;
  const by = { workspaceId: workspace.id, actor, origin: TEST_ORIGIN };
  const invitee = await makeUser();
  const { id } = await createInvitation(by, invitee.label, role);
  return { workspace, by, invitee, id, token: await tokenOf(workspace.id, id) };
}

async function tokenOf(workspaceId: string, id: string): Promise<string> {
  const link = (await listInvitationLinks(workspaceId)).get(id);
  return new URL(link ?? '').searchParams.get('token') ?? '';
}

it('leads the invited address to the invitation, and no other address', async () => {
  const { workspace, by, invitee, id, token } = await makeInvitation('admin');
  expect(await findLinkedInvitation(token, invitee.id, invitee.label)).toMatchObject({
    status: 'open',
    id,
    role: 'admin',
    workspace: { slug: workspace.slug },
    invitedBy: by.actor.label,
  });
  const thief = await makeUser();
  for (const [user, verified] of [
    [thief, thief.label],
    // The stored address alone proves nothing: this sign-in verified another one, or none.
    [invitee, thief.label],
    [invitee, null],
    [invitee, undefined],
  ] as const)
    expect(await findLinkedInvitation(token, user.id, verified)).toEqual({ status: 'other_address' });
});

it('cannot be guessed from an invitation’s id, and is stored as a digest only', async () => {
  const { invitee, id, token } = await makeInvitation();
  expect(Buffer.from(token, 'base64url').length).toBe(32);
  const row = await getDb().invitation.findUniqueOrThrow({ where: { id } });
  expect(JSON.stringify(row)).not.toContain(token);
  for (const guess of [
    '',
    id,
    randomUUID(),
    linkToken('github-confirmation', id),
    `${token}=`,
    token.slice(1),
  ])
    expect(await findLinkedInvitation(guess, invitee.id, invitee.label)).toEqual({ status: 'ended' });
});

it('ends when the invitation is renewed, and the new link begins another week', async () => {
  const { workspace, by, invitee, id, token } = await makeInvitation();
  const old = new Date(Date.now() + 60_000);
  await getDb().invitation.update({ where: { id }, data: { expiresAt: old } });
  const renewed = await renewInvitation(by, id);
  expect(await findLinkedInvitation(token, invitee.id, invitee.label)).toEqual({ status: 'ended' });
  await expect(
    acceptInvitation(await invitationOfLink(token), { actor: invitee, origin: TEST_ORIGIN }, invitee.label),
  ).rejects.toMatchObject({ code: 'not_found' });
  const next = await tokenOf(workspace.id, renewed.id);
  expect(next).not.toBe(token);
  const found = await findLinkedInvitation(next, invitee.id, invitee.label);
  expect(found.status === 'open' && found.expiresAt.getTime() - old.getTime()).toBeGreaterThan(
    6 * 86_400_000,
  );
  expect((await listMembers(workspace.id)).filter(({ status }) => status === 'invited')).toHaveLength(1);
});

it('is renewed only by those who could send the invitation, and only while it is pending', async () => {
  const { workspace, by, invitee, id } = await makeInvitation('owner');
  const admin = await makeUser();
  await addMember(by, admin.id, 'admin');
  const other = await makeInvitation();
  for (const actor of [admin, invitee])
    await expect(renewInvitation({ ...by, actor }, id)).rejects.toMatchObject({ code: 'forbidden' });
  // Another workspace’s owner finds nothing.
  await expect(renewInvitation(other.by, id)).rejects.toMatchObject({ code: 'not_found' });
  await revokeInvitation(by, id);
  await expect(renewInvitation(by, id)).rejects.toMatchObject({ code: 'not_found' });
  expect(await listInvitationLinks(workspace.id)).toEqual(new Map());
});

it('leaves one working link after concurrent renewals', async () => {
  const { workspace, by, invitee, id } = await makeInvitation();
  const results = await Promise.allSettled([1, 2, 3, 4].map(() => renewInvitation(by, id)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const links = await listInvitationLinks(workspace.id);
  expect(links.size).toBe(1);
  const [newest = ''] = links.keys();
  const token = await tokenOf(workspace.id, newest);
  expect(await findLinkedInvitation(token, invitee.id, invitee.label)).toMatchObject({ status: 'open' });
});

it.each([
  [
    'has expired',
    (id: string) => getDb().invitation.update({ where: { id }, data: { expiresAt: new Date(0) } }),
  ],
  ['was revoked', (id: string) => getDb().invitation.delete({ where: { id } })],
])('says the same of a link that %s as of an unknown one', async (_, end) => {
  const { invitee, id, token } = await makeInvitation();
  await end(id);
  expect(await findLinkedInvitation(token, invitee.id, invitee.label)).toEqual({ status: 'ended' });
});

it('leads a member to the workspace again, and a removed one nowhere', async () => {
  const { workspace, by, invitee, token } = await makeInvitation();
  await acceptInvitation(
    await invitationOfLink(token),
    { actor: invitee, origin: TEST_ORIGIN },
    invitee.label,
  );
  expect(await findLinkedInvitation(token, invitee.id, invitee.label)).toEqual({
    status: 'joined',
    slug: workspace.slug,
  });
  const thief = await makeUser();
  expect(await findLinkedInvitation(token, thief.id, thief.label)).toEqual({ status: 'ended' });
  await removeMember(by, invitee.id);
  expect(await findLinkedInvitation(token, invitee.id, invitee.label)).toEqual({ status: 'ended' });
});

it('stays the same while the secret is rotated', async () => {
  const { workspace, invitee, id, token } = await makeInvitation();
  const config = getConfig();
  const secret = randomUUID();
  try {
    replaceConfig({ ...config, auth: { ...config.auth, secret, secrets: [secret, config.auth.secret] } });
    expect(await tokenOf(workspace.id, id)).toBe(token);
    expect(await findLinkedInvitation(token, invitee.id, invitee.label)).toMatchObject({ status: 'open' });
  } finally {
    replaceConfig(config);
  }
});

it('is missing for an invitation from before there were links, until it is renewed', async () => {
  const { workspace, by, id } = await makeInvitation();
  await getDb().invitation.update({ where: { id }, data: { linkDigest: null } });
  expect(await listInvitationLinks(workspace.id)).toEqual(new Map());
  const renewed = await renewInvitation(by, id);
  expect([...(await listInvitationLinks(workspace.id)).keys()]).toEqual([renewed.id]);
});
