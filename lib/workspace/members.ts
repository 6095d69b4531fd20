import { recordAuditEvent } from '../audit/record';
import type { VerifiedEmail } from '../auth/session';
import { endConnectAttemptsOf } from '../connect/attempts';
import { hasRole, type Member, ROLES, type Role } from '../contract/members';
import { getDb, inTransaction, type Transaction } from '../db/client';
import type { Invitation, Membership, User } from '../db/generated/client';
import { query, sql } from '../db/sql';
import { isUuid } from '../db/uuid';
import { notFound, Problem } from '../problem';
import { beginAdministration, type MemberAdministration, requireAuthorityOver } from './authority';
import { endInvitationsFor, revokeInvitationsOf } from './invitations';

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

/** Lists a workspace's owners, then admins, then plain members, then pending invitations. */
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

/**
 * Finds a member or a pending invitation.
 *
 * @throws {Problem} `not_found`
 */
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

export type UserWorkspaces = {
  workspaces: { slug: string; name: string; role: Role }[];
  /** Pending invitations to the user's email address, ordered by expiry, earliest first. */
  invitations: { id: string; workspace: { slug: string; name: string }; role: Role; expiresAt: Date }[];
};

/**
 * Lists the workspaces that a signed-in user belongs to or is invited to. The result is shown on `/`, in the workspace
 * switcher and on the page for new users. It is one statement without Prisma, because nearly every page waits for it.
 *
 * @param verifiedEmail the address verified by the session's sign-in. Only invitations to this address are listed. In
 *   an older session without one, invitations to the stored address are listed, but the user must sign in again to
 *   accept
 */
export async function listUserWorkspaces(
  userId: string,
  verifiedEmail: VerifiedEmail,
): Promise<UserWorkspaces> {
  const rows = await query(
    'work',
    sql<VisitedWorkspace>`
      SELECT NULL::uuid AS invitation, w.slug, w.name, m.role::text AS role, NULL::timestamptz AS expires_at
      FROM memberships m JOIN workspaces w ON w.id = m.workspace_id WHERE m.user_id = ${userId}::uuid
      UNION ALL
      SELECT i.id, w.slug, w.name, i.role::text, i.expires_at
      FROM users u
      JOIN invitations i ON i.email = CASE WHEN ${verifiedEmail === undefined}::boolean THEN u.email
        ELSE ${verifiedEmail ?? null}::text END
      JOIN workspaces w ON w.id = i.workspace_id
      WHERE u.id = ${userId}::uuid AND i.accepted_at IS NULL AND i.expires_at > ${new Date()}::timestamptz
        AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.workspace_id = w.id AND m.user_id = u.id)
      ORDER BY expires_at, name`,
  );
  const workspaces: UserWorkspaces['workspaces'] = [];
  const invitations: UserWorkspaces['invitations'] = [];
  for (const { invitation, slug, name, role, expires_at } of rows) {
    if (invitation === null || expires_at === null) workspaces.push({ slug, name, role });
    else invitations.push({ id: invitation, role, expiresAt: expires_at, workspace: { slug, name } });
  }
  return { workspaces, invitations };
}

/** A workspace that the user is a member of, or is invited to if `invitation` is set. */
type VisitedWorkspace = {
  invitation: string | null;
  slug: string;
  name: string;
  role: Role;
  expires_at: Date | null;
};

type StoredMember = { userId: string; role: Role; email: string };

/**
 * Reads a member.
 *
 * @throws {Problem} `not_found`
 */
export async function readMember(
  tx: Transaction,
  workspaceId: string,
  userId: string,
): Promise<StoredMember> {
  const member = isUuid(userId)
    ? await tx.membership.findUnique({
        where: { workspaceId_userId: { workspaceId, userId } },
        select: { role: true, user: { select: { email: true } } },
      })
    : null;
  if (member === null) throw notFound();
  return { userId, role: member.role, email: member.user.email };
}

/**
 * Throws if the member is the workspace's last owner. Call it under the workspace's lock, so that two owners cannot
 * leave concurrently.
 */
async function refuseToLoseLastOwner(
  tx: Transaction,
  workspaceId: string,
  member: StoredMember,
): Promise<void> {
  if (member.role !== 'owner') return;
  if ((await tx.membership.count({ where: { workspaceId, role: 'owner' } })) > 1) return;
  throw new Problem('forbidden', 'This is the last owner. Make somebody else an owner first.');
}

/**
 * Locks the membership's row first, so that a removal and a bind cannot deadlock. Both lock the membership, then the
 * connect attempts, then the head of the audit chain. (Deleting the membership locks the head too.)
 */
export async function lockMembership(tx: Transaction, workspaceId: string, userId: string): Promise<void> {
  await query(
    tx,
    sql`
      SELECT 1 FROM memberships WHERE workspace_id = ${workspaceId}::uuid AND user_id = ${userId}::uuid FOR UPDATE`,
  );
}

export async function setRole(
  tx: Transaction,
  by: MemberAdministration,
  member: StoredMember,
  role: Role,
): Promise<void> {
  if (member.role === role) return;
  if (role !== 'owner') await refuseToLoseLastOwner(tx, by.workspaceId, member);
  await tx.membership.update({
    where: { workspaceId_userId: { workspaceId: by.workspaceId, userId: member.userId } },
    data: { role },
  });
  if (!hasRole(role, 'admin')) await endConnectAttemptsOf(tx, by.workspaceId, member.userId);
  await recordAuditEvent(tx, {
    ...by,
    type: 'member.role_changed',
    details: { user_id: member.userId, email: member.email, from: member.role, to: role },
  });
  await revokeInvitationsOf(tx, by, member.userId, role);
}

/**
 * Adds a user as a member, or changes the role of an existing member.
 *
 * @throws {Problem} `forbidden`
 */
export async function addMember(by: MemberAdministration, userId: string, role: Role): Promise<void> {
  await inTransaction(async (tx) => {
    const authority = await beginAdministration(tx, by);
    const existing = await tx.membership.findUnique({
      where: { workspaceId_userId: { workspaceId: by.workspaceId, userId } },
      select: { role: true, user: { select: { email: true } } },
    });
    requireAuthorityOver(authority, existing === null ? [role] : [role, existing.role]);
    if (existing === null) await insertMember(tx, by, userId, role);
    else await setRole(tx, by, { userId, role: existing.role, email: existing.user.email }, role);
    // Revoke invitations last, because that locks the head of the audit chain, and the membership's row must be locked
    // before it (ADR 0012).
    await endInvitationsFor(tx, by, userId);
  });
}

async function insertMember(
  tx: Transaction,
  by: MemberAdministration,
  userId: string,
  role: Role,
): Promise<void> {
  const { user } = await tx.membership.create({
    data: { workspaceId: by.workspaceId, userId, role },
    select: { user: { select: { email: true } } },
  });
  await recordAuditEvent(tx, {
    ...by,
    type: 'member.added',
    details: { user_id: userId, email: user.email, role },
  });
}

/**
 * Changes a member's role.
 *
 * @throws {Problem} `not_found`; `forbidden`, also for the last owner
 */
export async function changeMemberRole(by: MemberAdministration, userId: string, role: Role): Promise<void> {
  await inTransaction((tx) => changeRole(tx, by, userId, role));
}

/** Does what {@link changeMemberRole} does, in the caller's transaction. */
export async function changeRole(
  tx: Transaction,
  by: MemberAdministration,
  userId: string,
  role: Role,
): Promise<void> {
  const authority = await beginAdministration(tx, by);
  const member = await readMember(tx, by.workspaceId, userId);
  requireAuthorityOver(authority, [role, member.role]);
  await setRole(tx, by, member, role);
}

/**
 * Removes a member, who loses access on their next request. API keys stay valid, because they belong to the workspace.
 * Pending invitations to and from the user are revoked, and the user's connect attempts end.
 *
 * @throws {Problem} `not_found`; `forbidden`, also for the last owner
 */
export async function removeMember(by: MemberAdministration, userId: string): Promise<void> {
  await inTransaction(async (tx) => {
    const authority = await beginAdministration(tx, by);
    const member = await readMember(tx, by.workspaceId, userId);
    requireAuthorityOver(authority, [member.role]);
    await endMembership(tx, by, member);
  });
}

/** Ends a membership, with the member's connect attempts and invitations. Call it under the workspace's lock. */
export async function endMembership(
  tx: Transaction,
  by: MemberAdministration,
  member: StoredMember,
): Promise<void> {
  const { userId, email, role } = member;
  await refuseToLoseLastOwner(tx, by.workspaceId, member);
  await lockMembership(tx, by.workspaceId, userId);
  await endConnectAttemptsOf(tx, by.workspaceId, userId);
  await tx.membership.delete({ where: { workspaceId_userId: { workspaceId: by.workspaceId, userId } } });
  await recordAuditEvent(tx, {
    ...by,
    type: 'member.removed',
    details: { user_id: userId, email, role },
  });
  await revokeInvitationsOf(tx, by, userId, null);
  await endInvitationsFor(tx, by, userId);
}
