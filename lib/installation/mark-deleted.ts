/** Ends installations for good. */
import { insertInstallationEvent } from '../audit/record';
import { executeInOneFlight } from '../db/one-flight';
import { execute, frequent, type Sql, type Statements, sql } from '../db/sql';
import { metrics } from '../observability/metrics';
import type { Cause } from './transitions';

/**
 * Ends an installation for good, so no token is ever minted for it again. Repeated calls change nothing. Only
 * `disconnectInstallation`, `deleteWorkspace` and `confirmEnd` may call it.
 *
 * @param tx the transaction of which the end is a part; by default, it has one of its own, which takes one round trip
 * @param seenAt the confirmed witness; if it was refuted or replaced meanwhile, nothing changes
 * @returns `true` if this call ended the installation
 */
export async function markDeleted(
  tx: Statements | undefined,
  installationId: number,
  cause: Cause,
  seenAt?: Date,
): Promise<boolean> {
  const statements = endOf(installationId, cause, seenAt);
  const noteFailure = (at: number) => {
    if (at >= statements.length - 1) metrics.auditAppendFailures.inc();
  };
  const [ended] = await (tx === undefined
    ? executeInOneFlight(statements, noteFailure)
    : executeInOrder(tx, statements, noteFailure));
  return ended === 1;
}

async function executeInOrder(
  tx: Statements,
  statements: readonly Sql[],
  onFailure: (at: number) => void,
): Promise<number[]> {
  const counts: number[] = [];
  try {
    for (const statement of statements) counts.push(await execute(tx, statement));
    return counts;
  } catch (error) {
    onFailure(counts.length);
    throw error;
  }
}

/**
 * Returns the statements that end an installation, in their order. The second must also see repositories that were added
 * while the first waited. Their history is written by triggers, at the end of that statement. The audit row comes last,
 * because it locks the head of the audit chain, and all mints in the workspace wait for it (ADR 0012). All three are sent
 * without waiting for a result, so the first one leaves a mark for the others, which lasts as long as the transaction.
 */
function endOf(installationId: number, { actor, origin, noticedBy }: Cause, seenAt?: Date): Sql[] {
  const witnessed = seenAt === undefined ? sql`true` : sql`end_seen_at = ${seenAt}`;
  const isEnded = sql`current_setting('pulsestream.ended', true) = ${String(installationId)}`;
  return [
    frequent(sql`
      UPDATE installations SET status = 'deleted', deleted_at = now(), revision = revision + 1,
        sync_requested_at = NULL, sync_leased_until = NULL, sync_lease = NULL, sync_error = NULL, sync_failures = 0,
        sync_retry_at = NULL
      WHERE id = ${installationId} AND status <> 'deleted' AND ${witnessed}
      RETURNING set_config('pulsestream.ended', id::text, true)`),
    frequent(sql`
      UPDATE repositories SET removed_at = now()
      WHERE installation_id = ${installationId} AND removed_at IS NULL AND ${isEnded}`),
    insertInstallationEvent(
      {
        type: 'github.installation_deleted',
        actor,
        origin,
        installationId,
        details: { noticed_by: noticedBy },
      },
      isEnded,
    ),
  ];
}
