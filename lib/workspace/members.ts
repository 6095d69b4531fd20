import { recordAuditEvent } from '../audit/record';
import { endConnectAttemptsOf } from '../connect/attempts';
import { hasRole, type Role } from '../contract/members';
import { inTransaction, type Transaction } from '../db/client';
import { isUuid } from '../db/uuid';
import { notFound, Problem } from '../problem';
import { endInvitationsFor, revokeInvitationsOf } from './invitations';
import {
  lockWorkspace,
  type MemberAdministration,
  readAuthority,
  requireAuthorityOver,
} from './lock-workspace';

type Member = { userId: string; role: Role; email: string };

/** @throws {Problem} `not_found` */
async function findMember(tx: Transaction, workspaceId: string, userId: string): Promise<Member> {
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
 * Refuses to leave a workspace without an owner. Call it under the workspace's lock, so that two owners cannot
 * leave concurrently.
 */
async function refuseToLoseLastOwner(tx: Transaction, workspaceId: string, member: Member): Promise<void> {
  if (member.role !== 'owner') return;
  if ((await tx.membership.count({ where: { workspaceId, role: 'owner' } })) > 1) return;
  throw new Problem('forbidden', 'This is the last owner. Make somebody else an owner first.');
}

/**
 * Locks in the order of a bind: the membership, then connect attempts, then the head of the audit chain, which the
 * deletion locks. Another order could deadlock.
 */
async function lockMembership(tx: Transaction, workspaceId: string, userId: string): Promise<void> {
  await tx.$queryRaw`
    SELECT 1 FROM memberships WHERE workspace_id = ${workspaceId}::uuid AND user_id = ${userId}::uuid FOR UPDATE`;
}

async function setRole(tx: Transaction, by: MemberAdministration, member: Member, role: Role): Promise<void> {
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
 * Makes a user a member, or changes the role of an existing member.
 *
 * @throws {Problem} `forbidden`
 */
export async function addMember(by: MemberAdministration, userId: string, role: Role): Promise<void> {
  await inTransaction(async (tx) => {
    await lockWorkspace(tx, by.workspaceId);
    const authority = await readAuthority(tx, by.workspaceId, by.actor);
    const existing = await tx.membership.findUnique({
      where: { workspaceId_userId: { workspaceId: by.workspaceId, userId } },
      select: { role: true, user: { select: { email: true } } },
    });
    requireAuthorityOver(authority, existing === null ? [role] : [role, existing.role]);
    if (existing === null) await insertMember(tx, by, userId, role);
    else await setRole(tx, by, { userId, role: existing.role, email: existing.user.email }, role);
    // The membership's row is locked before the head of the audit chain (ADR 0012).
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

/** @throws {Problem} `not_found`; `forbidden`, also for the last owner */
export async function changeMemberRole(by: MemberAdministration, userId: string, role: Role): Promise<void> {
  await inTransaction(async (tx) => {
    await lockWorkspace(tx, by.workspaceId);
    const authority = await readAuthority(tx, by.workspaceId, by.actor);
    const member = await findMember(tx, by.workspaceId, userId);
    requireAuthorityOver(authority, [role, member.role]);
    await setRole(tx, by, member, role);
  });
}

/**
 * Removes a member, from their next request on. API keys stay, because they belong to the workspace. Invitations by
 * and to the user end, and so do the user's connect attempts.
 *
 * @throws {Problem} `not_found`; `forbidden`, also for the last owner
 */
export async function removeMember(by: MemberAdministration, userId: string): Promise<void> {
  await inTransaction(async (tx) => {
    await lockWorkspace(tx, by.workspaceId);
    const authority = await readAuthority(tx, by.workspaceId, by.actor);
    const member = await findMember(tx, by.workspaceId, userId);
    requireAuthorityOver(authority, [member.role]);
    await refuseToLoseLastOwner(tx, by.workspaceId, member);
    await lockMembership(tx, by.workspaceId, userId);
    await endConnectAttemptsOf(tx, by.workspaceId, userId);
    await tx.membership.delete({ where: { workspaceId_userId: { workspaceId: by.workspaceId, userId } } });
    await recordAuditEvent(tx, {
      ...by,
      type: 'member.removed',
      details: { user_id: userId, email: member.email, role: member.role },
    });
    await revokeInvitationsOf(tx, by, userId, null);
    await endInvitationsFor(tx, by, userId);
  });
}
