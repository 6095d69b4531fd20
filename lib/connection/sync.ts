import { randomUUID } from 'node:crypto';
import type { RequestOrigin } from '../audit/event';
import { SYSTEM_SYNC } from '../auth/actor';
import { getDb, inTransaction } from '../db/client';
import { GitHubError, githubProblem } from '../github/error';
import { getInstallation } from '../github/installations';
import { markDeleted, markSuspended } from '../installation/transitions';
import { log } from '../observability/log';
import { applySnapshot } from './apply-snapshot';
import { readSnapshot } from './snapshot';

/**
 * - `synced`: what is stored is what GitHub said.
 * - `gone`: GitHub does not know it any more; it is marked deleted.
 * - `busy`: another replica, or another call here, is at it, and will see that it was asked again.
 * - `superseded`: it kept changing under our hands; `sync_requested_at` stays for reconcile.
 * - `failed`: GitHub or the database could not answer; the reason is in `sync_error`.
 */
export type SyncOutcome = 'synced' | 'gone' | 'busy' | 'superseded' | 'failed';

/** A sync that changes under its hands starts again this often. */
const MAX_ROUNDS = 5;

type Lease = { revision: bigint; workspace_id: string | null };

/** Asks GitHub what the installation is and shares, and stores it. Never throws: it runs where nobody waits for it. */
export async function syncInstallation(installationId: number): Promise<SyncOutcome> {
  const origin: RequestOrigin = { requestId: randomUUID(), clientIp: null, userAgent: null };
  try {
    for (let round = 1; round <= MAX_ROUNDS; round++) {
      const lease = await takeLease(installationId, round > 1);
      if (lease === undefined) return 'busy';
      if (await syncOnce(installationId, lease, origin)) return 'synced';
    }
    await releaseLease(installationId, null);
    return 'superseded';
  } catch (error) {
    return await endFailed(installationId, error, origin);
  }
}

/**
 * A lease in the row rather than a lock: calls to GitHub take seconds, and a lock would hold a connection for as
 * long. It runs out by itself if the process dies. Taking it counts `revision` up, so that a holder who was too slow
 * cannot write any more.
 */
async function takeLease(installationId: number, isOurs: boolean): Promise<Lease | undefined> {
  const [lease] = await getDb().$queryRaw<Lease[]>`
    UPDATE installations SET revision = revision + 1, sync_leased_until = now() + interval '2 minutes'
    WHERE id = ${installationId} AND status <> 'deleted'
      AND (${isOurs} OR sync_leased_until IS NULL OR sync_leased_until < now())
    RETURNING revision, workspace_id`;
  return lease;
}

async function releaseLease(installationId: number, syncError: string | null): Promise<void> {
  await getDb().$executeRaw`
    UPDATE installations SET sync_leased_until = NULL, sync_error = ${syncError}
    WHERE id = ${installationId} AND status <> 'deleted'`;
}

/** @returns whether the answer was still true when it was written */
async function syncOnce(installationId: number, lease: Lease, origin: RequestOrigin): Promise<boolean> {
  if (lease.workspace_id === null) return checkUnbound(installationId, lease);
  const snapshot = await readSnapshot(installationId, lease.workspace_id, origin);
  return inTransaction((tx) => applySnapshot(tx, snapshot, lease.revision, origin));
}

/** Of an installation that nobody has connected we keep no repositories (C02): only whether it is still there. */
async function checkUnbound(installationId: number, { revision }: Lease): Promise<boolean> {
  const { account, repositorySelection, suspendedAt } = await getInstallation(installationId);
  const status = suspendedAt === null ? 'active' : 'suspended';
  const written = await getDb().$executeRaw`
    UPDATE installations SET account_login = ${account.login}, repository_selection = ${repositorySelection},
      status = ${status}::installation_status, suspended_at = ${suspendedAt}, synced_at = now(),
      sync_requested_at = NULL, sync_leased_until = NULL, sync_error = NULL
    WHERE id = ${installationId} AND revision = ${revision} AND status <> 'deleted'`;
  return written === 1;
}

async function endFailed(
  installationId: number,
  error: unknown,
  origin: RequestOrigin,
): Promise<SyncOutcome> {
  const cause = { actor: SYSTEM_SYNC, origin, noticedBy: 'sync' } as const;
  try {
    if (error instanceof GitHubError && error.kind === 'not_found') {
      await inTransaction((tx) => markDeleted(tx, installationId, cause));
      return 'gone';
    }
    if (error instanceof GitHubError && error.kind === 'suspended')
      await inTransaction((tx) => markSuspended(tx, installationId, cause));
    const code = error instanceof GitHubError ? githubProblem(error).code : 'internal';
    log.warn({ err: error, installationId, code }, 'a sync failed');
    await releaseLease(installationId, code);
  } catch (second) {
    log.error(
      { err: second, installationId },
      'a failed sync could not be noted; its lease runs out by itself',
    );
  }
  return 'failed';
}
