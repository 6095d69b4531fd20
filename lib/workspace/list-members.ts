import { type Member, ROLES } from '../contract/members';
import { getDb } from '../db/client';
import type { Invitation, Membership, User } from '../db/generated/client';
import { isUuid } from '../db/uuid';
import { notFound } from '../problem';

const toMember = ({ user, role, createdAt }: Membership & { user: User }): Member => ({
  id: user.id,
  status: 'active',
  email: user.email,
  name: user.name,
  role,
  since: createdAt.toISOString(),
  expires_at: null,
});

const toInvited = ({ id, email, role, createdAt, expiresAt }: Invitation): Member => ({
  id,
  status: 'invited',
  email,
  name: null,
  role,
  since: createdAt.toISOString(),
  expires_at: expiresAt.toISOString(),
});

const waiting = () => ({ acceptedAt: null, expiresAt: { gt: new Date() } });

/** Lists owners, then admins, then members, then pending invitations. */
export async function listMembers(workspaceId: string): Promise<Member[]> {
  const db = getDb();
  const [memberships, invitations] = await Promise.all([
    db.membership.findMany({ where: { workspaceId }, include: { user: true } }),
    db.invitation.findMany({ where: { workspaceId, ...waiting() } }),
  ]);
  const byRoleThenEmail = (a: Member, b: Member) =>
    ROLES.indexOf(b.role) - ROLES.indexOf(a.role) || a.email.localeCompare(b.email);
  return [
    ...memberships.map(toMember).sort(byRoleThenEmail),
    ...invitations.map(toInvited).sort(byRoleThenEmail),
  ];
}

/** Finds a member or a pending invitation. @throws {Problem} `not_found` */
export async function findMember(workspaceId: string, id: string): Promise<Member> {
  if (!isUuid(id)) throw notFound();
  const db = getDb();
  const membership = await db.membership.findUnique({
    where: { workspaceId_userId: { workspaceId, userId: id } },
    include: { user: true },
  });
  if (membership !== null) return toMember(membership);
  const invitation = await db.invitation.findFirst({ where: { id, workspaceId, ...waiting() } });
  if (invitation === null) throw notFound();
  return toInvited(invitation);
}
