import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestOrigin } from '../actor';
import { SYSTEM_SYNC } from '../actor';
import { getDb, inTransaction } from '../db/client';
import { execute, sql } from '../db/sql';
import { GitHubError } from '../github/errors';
import { getInstallation, type Progress } from '../github/installations';
import { confirmEnd, confirmEndSoon, suspectEnd } from '../installation/confirm-end';
import { markSuspended } from '../installation/transitions';
import { log } from '../observability/log';
import { metrics } from '../observability/metrics';
import {
  endFailedLease,
  endSupersededLease,
  type Lease,
  renewLease,
  takeLease,
  whileExtending,
} from './lease';
import { applySnapshot, EndedMeanwhile, readSnapshot } from './snapshot';

/**
 * - `synced`: the stored state is GitHub's.
 * - `gone`: the installation has ended, and is marked deleted.
 * - `ending`: GitHub does not show the installation; a second witness decides in some seconds.
 * - `busy`: another sync of this installation runs, and reads again if GitHub reports a change meanwhile.
 * - `superseded`: the installation kept changing during the sync; `sync_requested_at` stays for reconcile.
 * - `failed`: GitHub or the database did not answer; the reason is in `sync_error`.
 */
type SyncOutcome = 'synced' | 'gone' | 'ending' | 'busy' | 'superseded' | 'failed';

/** The pause before each round, after a change during the last one. Most bursts of webhooks end within these pauses. */
const PAUSES_MS = [0, 250, 1000, 3000] as const;

/** Reads an installation from GitHub and stores it. Never throws, because background callers do not await it. */
export async function syncInstallation(installationId: number): Promise<SyncOutcome> {
  try {
    const lease = await takeLease(installationId);
    if (lease === 'ending') return await syncIfAlive(installationId);
    return typeof lease === 'string' ? lease : (await syncUnderLease(lease)).outcome;
  } catch (error) {
    log.error({ err: error, installationId }, 'a sync could not begin');
    return 'failed';
  }
}

/** Syncs unless the installation's end was seen. Such an installation is not read before GitHub shows it again. */
async function syncIfAlive(installationId: number): Promise<SyncOutcome> {
  const verdict = await confirmEnd(installationId);
  if (verdict === 'deleted') return 'gone';
  const lease = verdict === 'alive' ? await takeLease(installationId) : 'ending';
  if (lease === 'ending') confirmEndSoon(installationId, undefined, syncAgain);
  return typeof lease === 'string' ? lease : (await syncUnderLease(lease)).outcome;
}

/** Reads changes of the time in which no sync ran. */
function syncAgain(installationId: number): void {
  void syncInstallation(installationId);
}

/** Syncs under a lease, and ends the lease. Never throws; `error` is the cause of a failure. */
export async function syncUnderLease(first: Lease): Promise<{ outcome: SyncOutcome; error?: unknown }> {
  const origin: RequestOrigin = { requestId: randomUUID(), clientIp: null, userAgent: null };
  try {
    const outcome = await whileExtending(first, (report) => syncInRounds(first, { origin, report }));
    metrics.syncs.inc({ outcome });
    return { outcome };
  } catch (error) {
    metrics.syncs.inc({ outcome: 'failed' });
    await noteFailure(first, error);
    return { outcome: 'failed', error };
  }
}

/** The origin for the audit log, and the receiver of the progress. */
type Run = { origin: RequestOrigin; report: (progress: Progress) => void };

async function syncInRounds(first: Lease, run: Run): Promise<SyncOutcome> {
  let lease = first;
  for (const pause of PAUSES_MS) {
    const outcome = await syncOnce(lease, run);
    if (outcome !== 'again') return outcome;
    await sleep(pause);
    const renewed = await renewLease(lease);
    if (typeof renewed === 'string') return renewed;
    lease = renewed;
  }
  const outcome = await syncOnce(lease, run);
  if (outcome !== 'again') return outcome;
  await endSupersededLease(lease);
  return 'superseded';
}

/** @returns `again`: the snapshot was stale before it could be written */
async function syncOnce(lease: Lease, run: Run): Promise<'synced' | 'ending' | 'again'> {
  const cause = { actor: SYSTEM_SYNC, origin: run.origin, noticedBy: 'sync' } as const;
  try {
    return (await readAndApply(lease, run)) ? 'synced' : 'again';
  } catch (error) {
    if (meansGone(error)) {
      const suspicion = await suspectEnd(lease.installationId, 'sync', run.origin, syncAgain);
      if (suspicion === 'unknown') throw error;
      return suspicion === 'shown' ? 'again' : 'ending';
    }
    if (error instanceof EndedMeanwhile) return 'again';
    // Suspended while it was read. The next round reads the time of the suspension.
    if (!(error instanceof GitHubError && error.kind === 'suspended')) throw error;
    await inTransaction((tx) => markSuspended(tx, lease.installationId, cause));
    return 'again';
  }
}

/** GitHub answers 404 on these routes for an uninstalled installation. Other routes answer 404 for other reasons. */
const INSTALLATION_ROUTES = new Set([
  'GET /app/installations/{installation_id}',
  'POST /app/installations/{installation_id}/access_tokens',
]);

function meansGone(error: unknown): boolean {
  return error instanceof GitHubError && error.kind === 'not_found' && INSTALLATION_ROUTES.has(error.route);
}

async function readAndApply(lease: Lease, { origin, report }: Run): Promise<boolean> {
  if (lease.workspaceId === null) return checkUnbound(lease);
  const snapshot = await readSnapshot(lease.installationId, lease.workspaceId, origin, report);
  return applySnapshot(snapshot, lease.revision, origin);
}

/** Checks whether an unbound installation still exists. Its repositories are not stored. */
async function checkUnbound({ installationId, revision }: Lease): Promise<boolean> {
  const { account, repositorySelection, suspendedAt } = await getInstallation(installationId);
  const status = suspendedAt === null ? 'active' : 'suspended';
  const written = await execute(
    getDb(),
    sql`
      UPDATE installations SET account_login = CASE WHEN ${account.isNamed} THEN ${account.login} ELSE account_login END, repository_selection = ${repositorySelection},
        status = ${status}::installation_status, suspended_at = ${suspendedAt}, synced_at = now(),
        sync_requested_at = NULL, sync_leased_until = NULL, sync_lease = NULL, sync_error = NULL, sync_failures = 0,
        sync_retry_at = NULL
      WHERE id = ${installationId} AND revision = ${revision} AND status <> 'deleted'`,
  );
  return written === 1;
}

async function noteFailure(lease: Lease, error: unknown): Promise<void> {
  try {
    await endFailedLease(lease, error);
  } catch (second) {
    log.error(
      { err: second, installationId: lease.installationId },
      'a failed sync could not be noted; its lease runs out by itself',
    );
  }
}
