import { recordAuditEvent } from '../audit/record';
import { inTransaction, type Transaction } from '../db/client';
import { lockWorkspace, type MemberAdministration, requireOwner } from './authority';

/**
 * Renames a workspace. Its slug stays, because the audit log is looked up by it. The same name is not recorded again.
 *
 * @throws {Problem} `forbidden`, `not_found`
 */
export async function renameWorkspace(by: MemberAdministration, name: string): Promise<void> {
  await inTransaction((tx) => rename(tx, by, name));
}

/** Does what {@link renameWorkspace} does, in the caller's transaction. */
export async function rename(tx: Transaction, by: MemberAdministration, name: string): Promise<void> {
  await lockWorkspace(tx, by.workspaceId);
  await requireOwner(tx, by);
  const where = { id: by.workspaceId };
  const before = await tx.workspace.findUniqueOrThrow({ where, select: { name: true } });
  if (before.name === name) return;
  await tx.workspace.update({ where, data: { name }, select: { id: true } });
  await recordAuditEvent(tx, {
    ...by,
    type: 'workspace.renamed',
    details: { from: before.name, to: name },
  });
}
