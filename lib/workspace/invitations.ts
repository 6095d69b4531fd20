import { randomUUID } from 'node:crypto';
import type { RequestOrigin, UserActor } from '../actor';
import { recordAuditEvent } from '../audit/record';
import type { VerifiedEmail } from '../auth/session';
import { digestOf, linkToken } from '../connect/attempts';
import { hasRole, type Role } from '../contract/members';
import { MAX_SELECTED, type Revoked } from '../contract/selection';
import { inTransaction, type Transaction } from '../db/client';
import type { Invitation } from '../db/generated/client';
import { query, sql } from '../db/sql';
import { isUuid } from '../db/uuid';
import { notFound, Problem } from '../problem';
import {
  beginAdministration,
  hasAuthorityOver,
  lockWorkspace,
  type MemberAdministration,
  readAuthority,
  requireAuthorityOver,
} from './authority';

const INVITATION_LIFETIME_MS = 7 * 86_400_000;
/**
 * The maximum number of pending invitations per workspace. A page lists all of them, and all of them can be selected and
 * revoked together.
 */
export const MOST_WAITING = MAX_SELECTED;

/** `hasReplaced` says whether an earlier invitation to the same address has ended, and its link with it. */
type Invited = { id: string; hasReplaced: boolean };

/**
 * Invites an email address. A second invitation to the same address replaces the first, so the actor must have
 * authority over the roles of both invitations.
 *
 * @param email the lower-cased address, as parsed by `Email` in `lib/contract/members.ts`
 * @throws {Problem} `forbidden`; `invalid_request` if the address belongs to a member, or if {@link MOST_WAITING}
 *   invitations are pending
 */
export function createInvitation(by: MemberAdministration, email: string, role: Role): Promise<Invited> {
  return inTransaction((tx) => invite(tx, by, email, role));
}

/**
 * Replaces a pending invitation by a new one to the same address, with a new link and another week. The old link ends.
 *
 * @throws {Problem} as {@link createInvitation}; `not_found` if the invitation is no longer pending
 */
export function renewInvitation(by: MemberAdministration, id: string): Promise<Invited> {
  return inTransaction(async (tx) => {
    await lockWorkspace(tx, by.workspaceId);
    const { email, role } = await findPending(tx, by.workspaceId, id);
    return invite(tx, by, email, role);
  });
}

/** Does what {@link createInvitation} does, in the caller's transaction. */
export async function invite(
  tx: Transaction,
  by: MemberAdministration,
  email: string,
  role: Role,
): Promise<Invited> {
  const { workspaceId } = by;
  const authority = await beginAdministration(tx, by);
  const waiting = await tx.invitation.findMany({
    where: { workspaceId, email, acceptedAt: null, expiresAt: { gt: new Date() } },
  });
  requireAuthorityOver(authority, [role, ...waiting.map((replaced) => replaced.role)]);
  if ((await tx.membership.count({ where: { workspaceId, user: { email } } })) > 0)
    throw new Problem('invalid_request', 'This person is a member already.', {
      errors: [{ path: 'email', message: 'is a member already' }],
    });
  await tx.invitation.deleteMany({ where: { workspaceId, email, acceptedAt: null } });
  for (const replaced of waiting) await recordRevoked(tx, by, replaced);
  await refuseTooMany(tx, workspaceId);
  const id = randomUUID();
  const expiresAt = new Date(Date.now() + INVITATION_LIFETIME_MS);
  const invitedBy = by.actor.type === 'user' ? by.actor.id : null;
  const linkDigest = digestOf(linkToken('invitation', id));
  await tx.invitation.create({ data: { id, workspaceId, email, role, invitedBy, expiresAt, linkDigest } });
  await recordAuditEvent(tx, {
    ...by,
    type: 'member.invited',
    details: { invitation_id: id, email, role, expires_at: expiresAt.toISOString() },
  });
  return { id, hasReplaced: waiting.length > 0 };
}

/** @throws {Problem} `not_found` */
async function findPending(tx: Transaction, workspaceId: string, id: string): Promise<Invitation> {
  const invitation = isUuid(id)
    ? await tx.invitation.findFirst({ where: { id, workspaceId, acceptedAt: null } })
    : null;
  if (invitation === null) throw notFound();
  return invitation;
}

async function refuseTooMany(tx: Transaction, workspaceId: string): Promise<void> {
  const waiting = await tx.invitation.count({
    where: { workspaceId, acceptedAt: null, expiresAt: { gt: new Date() } },
  });
  if (waiting >= MOST_WAITING)
    throw new Problem(
      'invalid_request',
      `At most ${MOST_WAITING} invitations can be pending. Revoke some of them first.`,
    );
}

/** Revokes a pending invitation. @throws {Problem} `not_found`, `forbidden` */
export async function revokeInvitation(by: MemberAdministration, id: string): Promise<void> {
  if ((await revokeInvitations(by, [id])).revoked === 0) throw notFound();
}

/**
 * Revokes several pending invitations in one transaction, each with an audit event of its own. Ids that this workspace
 * never had are ignored.
 *
 * @throws {Problem} `forbidden` if the actor has no authority over one of them; then none is revoked
 */
export async function revokeInvitations(by: MemberAdministration, ids: readonly string[]): Promise<Revoked> {
  return inTransaction(async (tx) => {
    const authority = await beginAdministration(tx, by);
    const pending = await tx.invitation.findMany({
      where: { workspaceId: by.workspaceId, id: { in: ids.filter(isUuid) }, acceptedAt: null },
      orderBy: { id: 'asc' },
    });
    requireAuthorityOver(
      authority,
      pending.map(({ role }) => role),
    );
    await tx.invitation.deleteMany({ where: { id: { in: pending.map(({ id }) => id) } } });
    const left = new Set(ids.map((id) => id.toLowerCase()));
    for (const { id } of pending) left.delete(id);
    const already = await countInvited(tx, by.workspaceId, [...left]);
    for (const invitation of pending) await recordRevoked(tx, by, invitation);
    return { revoked: pending.length, already };
  });
}

/** Counts the ids that were of invitations to this workspace. The rows of revoked ones are gone, so the log tells. */
async function countInvited(tx: Transaction, workspaceId: string, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const [counted] = await query(
    tx,
    sql<{ invited: number }>`SELECT count(DISTINCT details ->> 'invitation_id')::int AS invited
      FROM audit_events WHERE workspace_id = ${workspaceId}::uuid AND type = 'member.invited'
        AND details ->> 'invitation_id' = ANY(${ids}::text[])`,
  );
  return counted?.invited ?? 0;
}

/**
 * Revokes invitations that a user sent but could no longer send with their remaining role. Otherwise, a removed user
 * could rejoin through an invitation sent earlier to their own second address. Call it under the workspace's lock.
 *
 * @param left the user's remaining role; `null` if the user is no longer a member
 */
export async function revokeInvitationsOf(
  tx: Transaction,
  by: MemberAdministration,
  inviterId: string,
  left: Role | null,
): Promise<void> {
  const { workspaceId } = by;
  const waiting = await tx.invitation.findMany({
    where: { workspaceId, invitedBy: inviterId, acceptedAt: null, expiresAt: { gt: new Date() } },
    orderBy: { createdAt: 'asc' },
  });
  const revoked = waiting.filter(({ role }) => !hasAuthorityOver(left, [role]));
  await tx.invitation.deleteMany({ where: { id: { in: revoked.map(({ id }) => id) } } });
  for (const invitation of revoked) await recordRevoked(tx, by, invitation);
}

/**
 * Revokes pending invitations to a user who joins or leaves, so that no old invitation can bring the user back later.
 * Call it under the workspace's lock.
 */
export async function endInvitationsFor(
  tx: Transaction,
  by: MemberAdministration,
  userId: string,
): Promise<void> {
  const { workspaceId } = by;
  const user = await tx.user.findUnique({ where: { id: userId }, select: { email: true } });
  if (user === null) return;
  const waiting = await tx.invitation.findMany({
    where: { workspaceId, email: user.email, acceptedAt: null },
    orderBy: { createdAt: 'asc' },
  });
  await tx.invitation.deleteMany({ where: { id: { in: waiting.map(({ id }) => id) } } });
  for (const invitation of waiting) await recordRevoked(tx, by, invitation);
}

/**
 * True if the inviter could still send this invitation. One without an inviter came from the operator, so it's always
 * valid.
 */
async function isInviterEntitled(
  tx: Transaction,
  { workspaceId, invitedBy, role }: { workspaceId: string; invitedBy: string | null; role: Role },
): Promise<boolean> {
  if (invitedBy === null) return true;
  return hasAuthorityOver(await readAuthority(tx, workspaceId, invitedBy), [role]);
}

function recordRevoked(
  tx: Transaction,
  by: MemberAdministration,
  { id, email, role }: { id: string; email: string; role: Role },
): Promise<void> {
  return recordAuditEvent(tx, {
    ...by,
    type: 'member.invitation_revoked',
    details: { invitation_id: id, email, role },
  });
}

/**
 * Makes the signed-in user a member. This session's sign-in must have verified the invited address. The address stored
 * for the user is not enough, because it was verified only once and may belong to somebody else by now.
 *
 * @throws {Problem} `unauthenticated` if the session has no verified address
 * @throws {Problem} `not_found` if the invitation is unknown, used, expired, sent to another address, or could no
 *   longer be sent by its inviter. The response is the same in all these cases, so it doesn't reveal which applies
 */
export async function acceptInvitation(
  id: string,
  by: { actor: UserActor; origin: RequestOrigin },
  verifiedEmail: VerifiedEmail,
): Promise<{ workspace: { slug: string; name: string } }> {
  if (verifiedEmail === undefined)
    throw new Problem(
      'unauthenticated',
      'Sign in again: accepting needs an email that this sign-in verified.',
    );
  if (!isUuid(id)) throw notFound();
  return inTransaction(async (tx) => {
    const found = await tx.invitation.findUnique({ where: { id }, select: { workspaceId: true } });
    if (found === null) throw notFound();
    const { workspaceId } = found;
    await lockWorkspace(tx, workspaceId);
    const user = await tx.user.findUnique({ where: { id: by.actor.id }, select: { id: true } });
    const invitation = await tx.invitation.findUnique({ where: { id }, include: { workspace: true } });
    if (
      user === null ||
      invitation === null ||
      invitation.acceptedAt !== null ||
      invitation.expiresAt.getTime() <= Date.now() ||
      invitation.email !== verifiedEmail ||
      !(await isInviterEntitled(tx, invitation))
    )
      throw notFound();

    const { role, workspace } = invitation;
    await tx.invitation.update({ where: { id }, data: { acceptedAt: new Date() } });
    const key = { workspaceId_userId: { workspaceId, userId: by.actor.id } };
    const existing = await tx.membership.findUnique({ where: key, select: { role: true } });
    // An invitation never lowers the role of an existing member.
    if (existing === null || !hasRole(existing.role, role)) {
      await tx.membership.upsert({
        where: key,
        create: { workspaceId, userId: by.actor.id, role },
        update: { role },
      });
      const member = { user_id: by.actor.id, email: invitation.email, invitation_id: id };
      await recordAuditEvent(tx, {
        ...by,
        workspaceId,
        ...(existing === null
          ? { type: 'member.added', details: { ...member, role } }
          : { type: 'member.role_changed', details: { ...member, from: existing.role, to: role } }),
      });
    }
    await endInvitationsFor(tx, { ...by, workspaceId }, by.actor.id);
    return { workspace: { slug: workspace.slug, name: workspace.name } };
  });
}
