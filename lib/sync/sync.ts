import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestOrigin } from '../actor';
import { SYSTEM_SYNC } from '../actor';
import { finishBeforeExit } from '../background';
import { getDb, inTransaction } from '../db/client';
import { execute, sql } from '../db/sql';
import { GitHubError } from '../github/errors';
import { getInstallation, type Progress } from '../github/installations';
import { confirmEnd, confirmEndSoon, suspectEnd } from '../installation/confirm-end';
import { markSuspended } from '../installation/transitions';
import { log } from '../observability/log';
import { metrics } from '../observability/metrics';
import { activeSpan, inSpan } from '../observability/tracing';
import { applySnapshot } from './apply-snapshot';
import {
  endFailedLease,
  endSupersededLease,
  type Lease,
  renewLease,
  takeLease,
  whileExtending,
} from './lease';
import { EndedMeanwhile, readSnapshot } from './snapshot';

/**
 * - `synced`: the stored state equals GitHub's.
 * - `gone`: the installation has ended and is marked as deleted.
 * - `ending`: GitHub no longer shows the installation. A second check in a few seconds decides whether it has ended.
 * - `busy`: another sync of this installation is running. If GitHub reports a change in the meantime, that sync reads
 *   the installation again.
 * - `superseded`: the installation kept changing during the sync. `sync_requested_at` stays set, so reconcile syncs it
 *   again.
 * - `failed`: GitHub or the database failed. `sync_error` stores the cause.
 */
type SyncOutcome = 'synced' | 'gone' | 'ending' | 'busy' | 'superseded' | 'failed';

/** The pause after each round in which the installation changed. Most bursts of webhooks end within these pauses. */
const PAUSES_MS = [0, 250, 1000, 3000] as const;

/**
 * Reads an installation from GitHub and stores its state. Never throws, because background callers do not await the
 * result.
 */
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

/** Syncs an installation that seemed to have ended, if GitHub shows it again. */
async function syncIfAlive(installationId: number): Promise<SyncOutcome> {
  const verdict = await confirmEnd(installationId);
  if (verdict === 'deleted') return 'gone';
  const lease = verdict === 'alive' ? await takeLease(installationId) : 'ending';
  if (lease === 'ending') confirmEndSoon(installationId, undefined, syncAgain);
  return typeof lease === 'string' ? lease : (await syncUnderLease(lease)).outcome;
}

/** Syncs an installation whose suspected end was refuted, to catch up on changes made while no sync could run. */
function syncAgain(installationId: number): void {
  finishBeforeExit(syncInstallation(installationId));
}

/** Syncs under a lease, then ends the lease. Never throws. If the sync failed, `error` is the cause. */
export function syncUnderLease(first: Lease): Promise<{ outcome: SyncOutcome; error?: unknown }> {
  return inSpan(
    'internal',
    () => ({ name: 'sync' }),
    () => syncInSpan(first),
  );
}

async function syncInSpan(first: Lease): Promise<{ outcome: SyncOutcome; error?: unknown }> {
  const origin: RequestOrigin = { requestId: randomUUID(), clientIp: null, userAgent: null };
  activeSpan()?.set({ 'pulsestream.request_id': origin.requestId });
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

/** The origin to record in audit events, and the callback for progress reports. */
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

/**
 * Runs one round.
 *
 * @returns `again` if the installation changed during the round, or GitHub's 404 was temporary
 */
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
    // The installation was suspended while it was being read. The next round fetches the time of suspension.
    if (!(error instanceof GitHubError && error.kind === 'suspended')) throw error;
    await inTransaction((tx) => markSuspended(tx, lease.installationId, cause));
    return 'again';
  }
}

/** The routes where a 404 suggests that the App was uninstalled. On other routes, a 404 may have other causes. */
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

/**
 * Checks that an installation without a workspace still exists, and updates its row. We store no repositories for such
 * an installation.
 */
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
