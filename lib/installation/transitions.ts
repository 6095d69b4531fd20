/**
 * Changes the state of a stored installation. These functions narrow access or request a sync. Only a sync widens
 * access, after asking GitHub. Every change increments `revision`, so that a sync that read GitHub earlier writes
 * nothing.
 */

import type { Actor, RequestOrigin } from '../actor';
import { describeRepositories, recordAuditEvent } from '../audit/record';
import type { AuditDetails } from '../contract/audit-types';
import type { Transaction } from '../db/client';
import { execute, query, sql } from '../db/sql';

/** The actor of a change, and how the app noticed it. */
export type Cause = {
  actor: Actor;
  origin: RequestOrigin;
  noticedBy: AuditDetails<'github.installation_deleted'>['noticed_by'];
};

type Owner = { workspace_id: string | null; account_login: string };

/** Returns the common part of an installation's events; `null` without a workspace, and so without an audit log. */
function eventOf(installationId: number, owner: Owner | undefined, { actor, origin, noticedBy }: Cause) {
  if (!owner?.workspace_id) return null;
  const details = { account: owner.account_login, noticed_by: noticedBy };
  return { workspaceId: owner.workspace_id, actor, origin, installationId, details };
}

export type EndWitness = 'webhook' | 'mint' | 'sync';

/**
 * Stores the first witness of an end. Nothing is minted or synced from then on; `confirmEnd` asks GitHub, and ends
 * the installation or lets it live. A signed delivery replaces an earlier response, because it needs no list to
 * agree.
 *
 * @returns whether the installation waits for the second witness now
 */
export async function noteEndSeen(
  tx: Transaction,
  installationId: number,
  witness: EndWitness,
): Promise<boolean> {
  const count = await execute(
    tx,
    sql`
      UPDATE installations SET revision = revision + 1,
        end_seen_at = CASE WHEN ${witness}::text = 'webhook' THEN now() ELSE coalesce(end_seen_at, now()) END,
        end_seen_by = CASE WHEN ${witness}::text = 'webhook' THEN 'webhook' ELSE coalesce(end_seen_by, ${witness}::text) END,
        sync_requested_at = NULL, sync_leased_until = NULL, sync_lease = NULL
      WHERE id = ${installationId} AND status <> 'deleted'`,
  );
  return count > 0;
}

/**
 * Clears the first witness after GitHub showed the installation. Mints continue, and a sync reads what changed.
 *
 * @param seenAt the time of the refuted witness; a newer one stays
 */
export async function forgetEndSeen(tx: Transaction, installationId: number, seenAt: Date): Promise<void> {
  await execute(
    tx,
    sql`
      UPDATE installations SET end_seen_at = NULL, end_seen_by = NULL, revision = revision + 1,
        sync_requested_at = now(), sync_retry_at = NULL
      WHERE id = ${installationId} AND end_seen_at = ${seenAt} AND status <> 'deleted'`,
  );
}

/**
 * Ends an installation for good; no token is minted for it again. Repeated calls change nothing. Only a disconnect
 * and `confirmEnd` may call it.
 */
export async function markDeleted(tx: Transaction, installationId: number, cause: Cause): Promise<void> {
  const [owner] = await query(
    tx,
    sql<Owner>`
      UPDATE installations SET status = 'deleted', deleted_at = now(), revision = revision + 1,
        sync_requested_at = NULL, sync_leased_until = NULL, sync_lease = NULL, sync_error = NULL, sync_failures = 0,
        sync_retry_at = NULL
      WHERE id = ${installationId} AND status <> 'deleted' RETURNING workspace_id, account_login`,
  );
  if (owner === undefined) return;
  await execute(
    tx,
    sql`
      UPDATE repositories SET removed_at = now() WHERE installation_id = ${installationId} AND removed_at IS NULL`,
  );
  const event = eventOf(installationId, owner, cause);
  if (event !== null) await recordAuditEvent(tx, { ...event, type: 'github.installation_deleted' });
}

/** Suspends an installation. Nothing is minted until a sync finds that GitHub has unsuspended it, perhaps already. */
export async function markSuspended(tx: Transaction, installationId: number, cause: Cause): Promise<void> {
  await requestSync(tx, installationId);
  const [owner] = await query(
    tx,
    sql<Owner>`
      UPDATE installations SET status = 'suspended', suspended_at = now()
      WHERE id = ${installationId} AND status = 'active' RETURNING workspace_id, account_login`,
  );
  const event = eventOf(installationId, owner, cause);
  if (event !== null) await recordAuditEvent(tx, { ...event, type: 'github.installation_suspended' });
}

type Removed = Owner & { installation_id: bigint; id: bigint; owner: string; name: string };

/**
 * Removes repositories, which cannot be read from the commit on. All rows are locked first, by installation, and
 * then the audit chains, by workspace (ADR 0012).
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
  const removed = await query(
    tx,
    sql<Removed>`
      WITH removed AS (
        UPDATE repositories SET removed_at = now()
        WHERE installation_id = ANY (${installationIds}::bigint[]) AND id = ANY (${repositoryIds}::bigint[])
          AND removed_at IS NULL
        RETURNING installation_id, id, owner, name)
      SELECT r.*, i.workspace_id, i.account_login FROM removed r JOIN installations i ON i.id = r.installation_id
      ORDER BY i.workspace_id, r.installation_id, r.id`,
  );
  for (const id of new Set(removed.map((row) => row.installation_id))) {
    const rows = removed.filter((row) => row.installation_id === id);
    const event = eventOf(Number(id), rows[0], cause);
    if (event === null) continue;
    const details = { ...event.details, ...describeRepositories(rows) };
    await recordAuditEvent(tx, { ...event, type: 'github.repositories_removed', details });
  }
}

/** Requests a sync after a change on GitHub. */
export async function requestSync(tx: Transaction, installationId: number): Promise<void> {
  await execute(
    tx,
    sql`
      UPDATE installations SET sync_requested_at = now(), revision = revision + 1
      WHERE id = ${installationId} AND status <> 'deleted'`,
  );
}

/**
 * Requests a sync for a caller without evidence of a change. A pending request stays unchanged, because repeated calls
 * must not make a running sync stale.
 *
 * @param quietSeconds after a sync this recent, the next pass does the work instead of a new sync
 * @returns whether the sync was requested now and should start now
 */
export async function requestSyncOnce(
  tx: Transaction,
  installationId: number,
  quietSeconds = 0,
): Promise<boolean> {
  const [asked] = await query(
    tx,
    sql<{ begins: boolean }>`
      UPDATE installations SET sync_requested_at = now(), revision = revision + 1
      WHERE id = ${installationId} AND status <> 'deleted' AND sync_requested_at IS NULL
      RETURNING synced_at IS NULL OR synced_at <= now() - make_interval(secs => ${quietSeconds}::int) AS begins`,
  );
  return asked?.begins === true;
}
