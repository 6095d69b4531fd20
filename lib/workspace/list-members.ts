import { type Member, ROLES } from '../contract/members';
import { getDb } from '../db/client';
import { notFound } from '../problem';

/** Owners first, then admins, then members, then the invitations that wait. */
export async function listMembers(workspaceId: string): Promise<Member[]> {
  const db = getDb();
  const [memberships, invitations] = await Promise.all([
    db.membership.findMany({ where: { workspaceId }, include: { user: true } }),
    db.invitation.findMany({ where: { workspaceId, acceptedAt: null, expiresAt: { gt: new Date() } } }),
  ]);
  const members = memberships.map(
    ({ user, role, createdAt }): Member => ({
      id: user.id,
      status: 'active',
      email: user.email,
      name: user.name,
      role,
      since: createdAt.toISOString(),
      expires_at: null,
    }),
  );
  const invited = invitations.map(
    (invitation): Member => ({
      id: invitation.id,
      status: 'invited',
      email: invitation.email,
      name: null,
      role: invitation.role,
      since: invitation.createdAt.toISOString(),
      expires_at: invitation.expiresAt.toISOString(),
    }),
  );
  const byRoleThenEmail = (a: Member, b: Member) =>
    ROLES.indexOf(b.role) - ROLES.indexOf(a.role) || a.email.localeCompare(b.email);
  return [...members.sort(byRoleThenEmail), ...invited.sort(byRoleThenEmail)];
}

/** A member or a waiting invitation. @throws {Problem} `not_found` */
export async function findMember(workspaceId: string, id: string): Promise<Member> {
  const member = (await listMembers(workspaceId)).find((candidate) => candidate.id === id.toLowerCase());
  if (member === undefined) throw notFound();
  return member;
}
