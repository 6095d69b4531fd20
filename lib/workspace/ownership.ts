/** Lets members end their own membership, or hand over the ownership. */
import { inTransaction } from '../db/client';
import { Problem } from '../problem';
import { lockWorkspace, type MemberAdministration, requireOwner } from './authority';
import { endMembership, lockMembership, readMember, setRole } from './members';

/**
 * Ends the actor's own membership, whatever their role.
 *
 * @throws {Problem} `not_found` if the actor is no member; `forbidden` for the last owner
 */
export async function leaveWorkspace(by: MemberAdministration): Promise<void> {
  await inTransaction(async (tx) => {
    await lockWorkspace(tx, by.workspaceId);
    await endMembership(tx, by, await readMember(tx, by.workspaceId, by.actor.id));
  });
}

/**
 * Makes another member an owner and the actor an admin, in one transaction.
 *
 * @throws {Problem} `forbidden` if the actor is no owner; `not_found` if the other is no member; `invalid_request` if the
 *   other is the actor
 */
export async function transferOwnership(by: MemberAdministration, userId: string): Promise<void> {
  await inTransaction(async (tx) => {
    await lockWorkspace(tx, by.workspaceId);
    await requireOwner(tx, by);
    if (userId === by.actor.id) throw new Problem('invalid_request', 'Choose another member.');
    const [next, self] = [
      await readMember(tx, by.workspaceId, userId),
      await readMember(tx, by.workspaceId, by.actor.id),
    ];
    // Both rows are locked before the first event locks the head of the audit chain (ADR 0012).
    for (const id of [next.userId, self.userId].sort()) await lockMembership(tx, by.workspaceId, id);
    await setRole(tx, by, next, 'owner');
    await setRole(tx, by, self, 'admin');
  });
}
