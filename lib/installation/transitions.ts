/**
 * What may happen to an installation that is stored. Everything here narrows access, or only asks for a sync; what
 * widens access is written by a sync alone, after asking GitHub (C18, C21). Every change counts `revision` up, so
 * that a sync which read GitHub before it writes nothing.
 */

import type { Actor } from '../actor';
import type { RequestOrigin } from '../audit/event';
import { recordAuditEvent } from '../audit/record';
import type { AuditEventType, Json } from '../contract/audit-event';
import type { Transaction } from '../db/client';
import { describeRepositories } from './describe-repositories';

/** Who caused a change, and how we noticed. */
export type Cause = {
  actor: Actor;
  origin: RequestOrigin;
  noticedBy: 'webhook' | 'mint' | 'sync' | 'disconnect';
};

type Owner = { workspace_id: string | null; account_login: string };

/** Nobody's audit log tells of an installation that belongs to no workspace. */
async function audit(
  tx: Transaction,
  installationId: number,
  owner: Owner | undefined,
  type: AuditEventType,
  { actor, origin, noticedBy }: Cause,
  details: { [key: string]: Json } = {},
): Promise<void> {
  if (!owner?.workspace_id) return;
  await recordAuditEvent(tx, {
    workspaceId: owner.workspace_id,
    type,
    actor,
    origin,
    installationId,
    details: { account: owner.account_login, noticed_by: noticedBy, ...details },
  });
}

export type EndWitness = 'webhook' | 'mint' | 'sync';

/**
 * Stores the first witness of an end. Nothing is minted and nothing synced from then on; `confirmEnd` asks GitHub, and
 * either ends the installation for good or lets it live on. A signed delivery replaces an answer
 * that was seen before: it needs no list to agree.
 *
 * @returns whether the installation is waiting for the second witness now
 */
export async function noteEndSeen(
  tx: Transaction,
  installationId: number,
  witness: EndWitness,
): Promise<boolean> {
  const count = await tx.$executeRaw`
    UPDATE installations SET revision = revision + 1,
      end_seen_at = CASE WHEN ${witness}::text = 'webhook' THEN now() ELSE coalesce(end_seen_at, now()) END,
      end_seen_by = CASE WHEN ${witness}::text = 'webhook' THEN 'webhook' ELSE coalesce(end_seen_by, ${witness}::text) END,
      sync_requested_at = NULL, sync_leased_until = NULL, sync_lease = NULL
    WHERE id = ${installationId} AND status <> 'deleted'`;
  return count > 0;
}

/**
 * GitHub shows the installation again. Mints go on at once, and a sync asks what changed meanwhile.
 *
 * @param seenAt the first witness that was refuted: a newer one stands
 */
export async function forgetEndSeen(tx: Transaction, installationId: number, seenAt: Date): Promise<void> {
  await tx.$executeRaw`
    UPDATE installations SET end_seen_at = NULL, end_seen_by = NULL, revision = revision + 1,
      sync_requested_at = now(), sync_retry_at = NULL
    WHERE id = ${installationId} AND end_seen_at = ${seenAt} AND status <> 'deleted'`;
}

/**
 * Uninstalled: final, and no token is minted again (C19). Repeating it changes nothing. Called for a disconnect of ours,
 * and by `confirmEnd` once a second witness agrees; by nothing else.
 */
export async function markDeleted(tx: Transaction, installationId: number, cause: Cause): Promise<void> {
  const [owner] = await tx.$queryRaw<Owner[]>`
    UPDATE installations SET status = 'deleted', deleted_at = now(), revision = revision + 1,
      sync_requested_at = NULL, sync_leased_until = NULL, sync_lease = NULL, sync_error = NULL, sync_failures = 0,
      sync_retry_at = NULL
    WHERE id = ${installationId} AND status <> 'deleted' RETURNING workspace_id, account_login`;
  if (owner === undefined) return;
  await tx.$executeRaw`
    UPDATE repositories SET removed_at = now() WHERE installation_id = ${installationId} AND removed_at IS NULL`;
  await audit(tx, installationId, owner, 'github.installation_deleted', cause);
}

/** Suspended on GitHub: mints nothing until a sync finds it unsuspended (C20), which it may be already. */
export async function markSuspended(tx: Transaction, installationId: number, cause: Cause): Promise<void> {
  await requestSync(tx, installationId);
  const [owner] = await tx.$queryRaw<Owner[]>`
    UPDATE installations SET status = 'suspended', suspended_at = now()
    WHERE id = ${installationId} AND status = 'active' RETURNING workspace_id, account_login`;
  await audit(tx, installationId, owner, 'github.installation_suspended', cause);
}

type Removed = Owner & { installation_id: bigint; id: bigint; owner: string; name: string };

/**
 * No longer shared: not readable from now on. All rows are locked first, in the order of installations, and then the
 * audit chains, in the order of workspaces (ADR 0012).
 *
 * @param installationIds in ascending order
 */
export async function removeRepositories(
  tx: Transaction,
  installationIds: number[],
  repositoryIds: number[],
  cause: Cause,
): Promise<void> {
  for (const id of installationIds) await requestSync(tx, id);
  const removed = await tx.$queryRaw<Removed[]>`
    WITH removed AS (
      UPDATE repositories SET removed_at = now()
      WHERE installation_id = ANY (${installationIds}::bigint[]) AND id = ANY (${repositoryIds}::bigint[])
        AND removed_at IS NULL
      RETURNING installation_id, id, owner, name)
    SELECT r.*, i.workspace_id, i.account_login FROM removed r JOIN installations i ON i.id = r.installation_id
    ORDER BY i.workspace_id, r.installation_id, r.id`;
  for (const id of new Set(removed.map((row) => row.installation_id))) {
    const rows = removed.filter((row) => row.installation_id === id);
    await audit(tx, Number(id), rows[0], 'github.repositories_removed', cause, describeRepositories(rows));
  }
}

/** Something changed at GitHub: the next sync asks what. */
export async function requestSync(tx: Transaction, installationId: number): Promise<void> {
  await tx.$executeRaw`
    UPDATE installations SET sync_requested_at = now(), revision = revision + 1
    WHERE id = ${installationId} AND status <> 'deleted'`;
}

/**
 * Somebody would like to know what changed at GitHub, if anything did. A sync that is asked for already is left to
 * end: unlike an event of GitHub's, the wish of a caller who repeats it makes nothing stale that was read.
 *
 * @param quietSeconds a sync that ended so recently is not followed by another at once: the next pass takes it
 * @returns whether it was asked for now, and is to begin now
 */
export async function requestSyncOnce(
  tx: Transaction,
  installationId: number,
  quietSeconds = 0,
): Promise<boolean> {
  const [asked] = await tx.$queryRaw<{ begins: boolean }[]>`
    UPDATE installations SET sync_requested_at = now(), revision = revision + 1
    WHERE id = ${installationId} AND status <> 'deleted' AND sync_requested_at IS NULL
    RETURNING synced_at IS NULL OR synced_at <= now() - make_interval(secs => ${quietSeconds}::int) AS begins`;
  return asked?.begins === true;
}
