import { recordAuditEvent } from '../audit/record';
import { requireAdmin } from '../auth/session';
import type { Workspace } from '../contract/workspace';
import { getDb, inTransaction, type Transaction } from '../db/client';
import { notFound } from '../problem';
import { lockWorkspace, type MemberAdministration } from './authority';

const SHOWN = { slug: true, name: true, apiKeysAllowed: true } as const;

const toView = (row: { slug: string; name: string; apiKeysAllowed: boolean }): Workspace => ({
  slug: row.slug,
  name: row.name,
  api_keys_allowed: row.apiKeysAllowed,
});

/**
 * Returns a workspace with its settings.
 *
 * @throws {Problem} `not_found`
 */
export async function readWorkspace(workspaceId: string): Promise<Workspace> {
  const row = await getDb().workspace.findUnique({ where: { id: workspaceId }, select: SHOWN });
  if (row === null) throw notFound();
  return toView(row);
}

/**
 * Forbids a workspace's API keys, or allows them again. No key changes. The setting takes effect on each key's next
 * request, and on a mint whose audit row is not stored yet. A setting that is in force already is not recorded again.
 *
 * @throws {Problem} `forbidden`, `not_found`
 */
export async function setApiKeysAllowed(by: MemberAdministration, allowed: boolean): Promise<Workspace> {
  return inTransaction((tx) => setAllowed(tx, by, allowed));
}

/** Does what {@link setApiKeysAllowed} does, in the caller's transaction. */
export async function setAllowed(
  tx: Transaction,
  by: MemberAdministration,
  allowed: boolean,
): Promise<Workspace> {
  const { workspaceId } = by;
  await lockWorkspace(tx, workspaceId);
  await requireAdmin(tx, workspaceId, by.actor);
  const where = { id: workspaceId };
  const before = await tx.workspace.findUniqueOrThrow({ where, select: SHOWN });
  if (before.apiKeysAllowed === allowed) return toView(before);
  const apiKeys = await tx.apiKey.count({
    where: { workspaceId, revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }] },
  });
  const after = await tx.workspace.update({ where, data: { apiKeysAllowed: allowed }, select: SHOWN });
  await recordAuditEvent(tx, {
    ...by,
    type: allowed ? 'workspace.api_keys_allowed' : 'workspace.api_keys_forbidden',
    details: { api_keys: apiKeys },
  });
  return toView(after);
}
