/**
 * Changes the state of a stored installation. These functions only narrow access or request a sync. Only a sync can
 * widen access, because it asks GitHub first. Every change increments `revision`, so that a sync that read GitHub
 * before the change cannot write stale data.
 */

import type { Actor, RequestOrigin } from '../actor';
import { Bulkhead, onePerProcess } from '../async';
import { describeRepositories, recordAuditEvent } from '../audit/record';
import type { AuditDetails } from '../contract/audit-types';
import { LANES } from '../db/pool';
import { execute, frequent, query, type Statements, sql } from '../db/sql';
import { Problem } from '../problem';

/** The actor and request that caused a change, and how the app noticed the change. */
export type Cause = {
  actor: Actor;
  origin: RequestOrigin;
  noticedBy: AuditDetails<'github.installation_deleted'>['noticed_by'];
};

/** Transactions of one workspace that may run concurrently. More would mostly wait for one another. */
const TURNS_PER_WORKSPACE = 2;

/** Turns that only workspaces without a turn may take, so that a few busy workspaces never take all turns. */
const SPARE_TURNS = 3;

/**
 * In a burst of webhooks about one workspace, each transaction waits for the same rows and the same head of an audit
 * chain. They wait here, before they take a connection, so that other workspaces get the connections.
 */
const turns = onePerProcess(
  'turns of workspaces',
  () => new Bulkhead({ inAll: LANES.work.connections - 1, each: TURNS_PER_WORKSPACE, spare: SPARE_TURNS }),
);

/** How long a transaction waits for its turn. GitHub waits ten seconds for the response to a webhook. */
const TURN_MS = 8000;

/**
 * Runs a transaction about an installation once it is the turn of its workspace. An installation without a workspace
 * has turns of its own.
 *
 * @throws {Problem} `database_unavailable` after 8 s; otherwise whatever `work` throws
 */
export async function inTurn<T>(installationId: number, work: () => Promise<T>): Promise<T> {
  const turn = (await findWorkspace(installationId)) ?? `installation ${installationId}`;
  const leave = await turns().enter(turn, TURN_MS);
  if (leave === undefined)
    throw new Problem(
      'database_unavailable',
      'Too many changes of this workspace wait. Send it again shortly.',
    );
  return work().finally(leave);
}

type Lookup = {
  id: number;
  resolve: (workspaceId: string | undefined) => void;
  reject: (error: unknown) => void;
};

const lookups = onePerProcess('workspaces of installations', () => ({
  known: new Map<number, string>(),
  waiting: [] as Lookup[],
  isRunning: false,
}));

/** Cap on the remembered installations. */
const MOST_KNOWN = 10_000;

/**
 * Returns the installation's workspace, which never changes once it is set. Lookups that arrive while one is running
 * share the next statement.
 */
function findWorkspace(id: number): string | undefined | Promise<string | undefined> {
  const { known, waiting, isRunning } = lookups();
  if (known.has(id)) return known.get(id);
  return new Promise((resolve, reject) => {
    waiting.push({ id, resolve, reject });
    if (!isRunning) void lookUp();
  });
}

async function lookUp(): Promise<void> {
  const state = lookups();
  const { known, waiting } = state;
  state.isRunning = true;
  while (waiting.length > 0) {
    const batch = waiting.splice(0);
    const ids = batch.map(({ id }) => id);
    const statement = frequent(sql<{ id: bigint; workspace_id: string }>`
      SELECT id, workspace_id FROM installations WHERE id = ANY (${ids}::bigint[]) AND workspace_id IS NOT NULL`);
    try {
      const found = new Map(
        (await query('work', statement)).map((row) => [Number(row.id), row.workspace_id]),
      );
      for (const { id, resolve } of batch) resolve(found.get(id));
      for (const [id, workspaceId] of found) known.set(id, workspaceId);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
  for (const id of known.keys()) if (known.size > MOST_KNOWN) known.delete(id);
  state.isRunning = false;
}

type Owner = { workspace_id: string | null; account_login: string };

/**
 * Returns the fields shared by all audit events about an installation; `null` if the installation has no workspace, and
 * therefore no audit log.
 */
function eventOf(installationId: number, owner: Owner | undefined, { actor, origin, noticedBy }: Cause) {
  if (!owner?.workspace_id) return null;
  const details = { account: owner.account_login, noticed_by: noticedBy };
  return { workspaceId: owner.workspace_id, actor, origin, installationId, details };
}

export type EndWitness = 'webhook' | 'mint' | 'sync';

/**
 * Stores the first witness of an uninstall: a webhook, or GitHub's response to a mint or sync (see `confirm-end.ts`).
 * From then on, nothing is minted or synced until `confirmEnd` has asked GitHub again. A webhook replaces an earlier
 * response as the first witness, because after a webhook, the second witness doesn't need GitHub's list.
 *
 * @returns `true` if the installation now awaits a second witness
 */
export async function noteEndSeen(
  tx: Statements,
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
 * Clears the first witness after GitHub has shown the installation again. Mints resume, and a sync is requested to
 * fetch any changes made in the meantime.
 *
 * @param seenAt the time of the refuted witness; a newer witness is kept
 */
export async function forgetEndSeen(tx: Statements, installationId: number, seenAt: Date): Promise<void> {
  await execute(
    tx,
    sql`
      UPDATE installations SET end_seen_at = NULL, end_seen_by = NULL, revision = revision + 1,
        sync_requested_at = now(), sync_retry_at = NULL
      WHERE id = ${installationId} AND end_seen_at = ${seenAt} AND status <> 'deleted'`,
  );
}

/**
 * Suspends an installation. No token is minted for it until a sync finds that it is no longer suspended on GitHub. A
 * sync is requested now, because the suspension may already have been lifted.
 */
export async function markSuspended(tx: Statements, installationId: number, cause: Cause): Promise<void> {
  const [, [owner]] = await Promise.all([
    requestSync(tx, installationId),
    query(
      tx,
      frequent(sql<Owner>`
        UPDATE installations SET status = 'suspended', suspended_at = now()
        WHERE id = ${installationId} AND status = 'active' RETURNING workspace_id, account_login`),
    ),
  ]);
  const event = eventOf(installationId, owner, cause);
  if (event !== null) await recordAuditEvent(tx, { ...event, type: 'github.installation_suspended' });
}

type Removed = Owner & { installation_id: bigint; id: bigint; owner: string; name: string };

/**
 * Removes repositories. Once the transaction has committed, no new token covers them. To avoid deadlocks, the
 * installations' rows are locked first, and then the audit chains in order of workspace id (ADR 0012).
 *
 * @param installationIds in ascending order
 */
export async function removeRepositories(
  tx: Statements,
  installationIds: number[],
  repositoryIds: number[],
  cause: Cause,
): Promise<void> {
  const asked = installationIds.map((id) => requestSync(tx, id));
  const removing = query(
    tx,
    frequent(sql<Removed>`
      WITH removed AS (
        UPDATE repositories SET removed_at = now()
        WHERE installation_id = ANY (${installationIds}::bigint[]) AND id = ANY (${repositoryIds}::bigint[])
          AND removed_at IS NULL
        RETURNING installation_id, id, owner, name)
      SELECT r.*, i.workspace_id, i.account_login FROM removed r JOIN installations i ON i.id = r.installation_id
      ORDER BY i.workspace_id, r.installation_id, r.id`),
  );
  const [removed] = await Promise.all([removing, ...asked]);
  for (const id of new Set(removed.map((row) => row.installation_id))) {
    const rows = removed.filter((row) => row.installation_id === id);
    const event = eventOf(Number(id), rows[0], cause);
    if (event === null) continue;
    const details = { ...event.details, ...describeRepositories(rows) };
    await recordAuditEvent(tx, { ...event, type: 'github.repositories_removed', details });
  }
}

/**
 * Requests a sync after a change on GitHub. A running sync becomes stale and is discarded, because it may have read the
 * old state.
 */
export async function requestSync(tx: Statements, installationId: number): Promise<void> {
  await execute(
    tx,
    frequent(sql`
      UPDATE installations SET sync_requested_at = now(), revision = revision + 1
      WHERE id = ${installationId} AND status <> 'deleted'`),
  );
}

/**
 * Requests a sync for a caller who has no evidence of a change on GitHub. A pending request is left alone, because a
 * new request would make the running sync stale.
 *
 * @param quietSeconds if the last sync is more recent than this, returns `false` and leaves the sync to the next
 *   reconcile pass
 * @returns `true` if the caller should start a sync now
 */
export async function requestSyncOnce(
  tx: Statements,
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
