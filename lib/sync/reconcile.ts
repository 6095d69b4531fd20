import { setTimeout as sleep } from 'node:timers/promises';
import { getConfig } from '../config';
import { inTransaction, type Transaction } from '../db/client';
import { execute, query, sql } from '../db/sql';
import { listInstallations } from '../github/installations';
import { confirmPendingEnds, resumeEndChecks } from '../installation/confirm-end';
import { repeatUninstalls } from '../installation/disconnect';
import { log } from '../observability/log';
import { inSpan } from '../observability/tracing';
import {
  beginPass,
  endFailedPass,
  endPass,
  isPassUnderWay,
  type Pass,
  readDatabaseClock,
  whileExtendingPass,
} from './pass';
import { forgetOld } from './prune';
import { syncDue, syncInBackground } from './queue';
import { redeliverFailed } from './redeliver';

type ReconcileReport = {
  /** Installations in GitHub's list. */
  listed: number;
  /** Installations that were not stored yet. */
  discovered: number;
  /** Installations that were synced because they differed from GitHub's list or were due. */
  synced: number;
  /** Uninstalls that had failed before and succeeded in this pass. */
  uninstalled: number;
  /** Missed webhooks that GitHub was asked to redeliver. */
  redelivered: number;
};

const NOTHING = { listed: 0, discovered: 0, uninstalled: 0, redelivered: 0 };

/**
 * Runs one reconcile pass: compares GitHub's installations with the stored ones, repeats failed uninstalls, requests
 * missed webhooks again, deletes old rows, and syncs whatever is due. Finally, asks GitHub whether installations that
 * seem to have ended really have. One replica leads a pass, and all replicas share its syncs.
 *
 * @param unlessWithinSeconds skip the comparison if any replica began a pass this recently, so that replicas share one
 *   interval. If it is 0, the call waits until a pass that began after the call has succeeded, in this or another
 *   replica
 * @throws {GitHubError} if GitHub's list cannot be read, in which case the loop waits longer before the next pass
 */
export function reconcile(unlessWithinSeconds = 0): Promise<ReconcileReport> {
  return inSpan(
    'internal',
    () => ({ name: 'reconcile' }),
    () => runPass(unlessWithinSeconds),
  );
}

async function runPass(unlessWithinSeconds: number): Promise<ReconcileReport> {
  const isRequested = unlessWithinSeconds === 0;
  const pass = isRequested ? await waitForPass() : await beginPass({ withinSeconds: unlessWithinSeconds });
  const led = pass === undefined ? NOTHING : await lead(pass);
  const synced = await syncDue(isRequested);
  const revived = await confirmPendingEnds(isRequested);
  return { ...led, synced: revived === 0 ? synced : synced + (await syncDue(isRequested)) };
}

const LOOK_AGAIN_MS = 100;

/**
 * Waits until this replica may run a pass.
 *
 * @returns `undefined` if another replica has run a pass that began after this call, or if GitHub rate limits the app
 */
async function waitForPass(): Promise<Pass | undefined> {
  const beganAfter = await readDatabaseClock();
  for (;;) {
    // Check before `beginPass`. A pass that is running now may have begun too early to count, and a pass that begins in
    // between must be awaited.
    const wasUnderWay = await isPassUnderWay();
    const pass = await beginPass({ beganAfter });
    if (pass !== undefined) return pass;
    if (!wasUnderWay && !(await isPassUnderWay())) return undefined;
    await sleep(LOOK_AGAIN_MS);
  }
}

async function lead(pass: Pass): Promise<typeof NOTHING> {
  try {
    const report = await whileExtendingPass(pass, async () => {
      const compared = await compareInstallations(pass.startedAt);
      const uninstalled = await repeatUninstalls();
      const redelivered = await redeliverFailed();
      await forgetOld();
      return { ...compared, uninstalled, redelivered };
    });
    await endPass(pass);
    return report;
  } catch (error) {
    await endFailedPass(pass, error);
    throw error;
  }
}

/** If another replica began a pass within this share of the interval, this replica skips its own pass. */
const RECENT_SHARE_OF_INTERVAL = 0.8;

/**
 * Reconciles every `RECONCILE_INTERVAL_SECONDS`, with random jitter so that replicas do not run at the same time. The
 * timer does not keep the process alive.
 */
export function startReconcileLoop(): void {
  const { reconcileIntervalSeconds } = getConfig();
  resumeEndChecks((id) => void syncInBackground(id)).catch((error: unknown) =>
    log.warn(
      { err: error },
      'ends that were seen before the start could not be read; reconcile confirms them',
    ),
  );
  if (reconcileIntervalSeconds === 0) return;
  const schedule = () =>
    setTimeout(run, reconcileIntervalSeconds * 1000 * (0.9 + Math.random() * 0.2)).unref();
  const run = async () => {
    try {
      log.debug(
        await reconcile(Math.max(1, Math.floor(reconcileIntervalSeconds * RECENT_SHARE_OF_INTERVAL))),
        'reconciled',
      );
    } catch (error) {
      log.warn({ err: error }, 'reconcile did not get through; it runs again');
    }
    schedule();
  };
  schedule();
}

/**
 * If a pass began within this time, {@link compareSoon} starts no new one. So however many webhooks with empty payloads
 * arrive, they cause at most one read of GitHub's list per minute.
 */
const QUIET_SECONDS = 60;

let running: Promise<void> | undefined;

/**
 * Compares the stored installations with GitHub's list, because a webhook's payload did not say what changed. If a pass
 * began within {@link QUIET_SECONDS}, the loop's next pass makes the comparison instead.
 */
export function compareSoon(): Promise<void> {
  running ??= reconcile(QUIET_SECONDS)
    .then(() => {})
    .catch((error: unknown) =>
      log.warn({ err: error }, 'a comparison did not get through; reconcile repeats it'),
    )
    .finally(() => {
      running = undefined;
    });
  return running;
}

/**
 * Compares GitHub's installations with ours, using three SQL statements regardless of how many there are. Unknown
 * installations are inserted without a workspace; any other difference only requests a sync.
 *
 * An installation that is deleted here but still listed by GitHub is reported to the operator, because `deleted` is
 * final (ADR 0009). We don't uninstall it on GitHub: only a disconnect does that, so a misconfiguration can never
 * uninstall anything.
 *
 * @param startedAt database time, taken just before the list was requested
 * @throws {GitHubError} if the list cannot be read, in which case nothing is compared
 */
export async function compareInstallations(startedAt: Date): Promise<{ listed: number; discovered: number }> {
  const { installations: listed, odd, isWhole } = await listInstallations();
  const unread = odd.flatMap(({ id }) => (typeof id === 'number' ? [id] : []));
  const isAbsenceTold = isWhole && odd.every(({ id }) => id !== null);
  const rows = JSON.stringify(
    listed.map(({ id, account, repositorySelection, suspendedAt }) => ({
      id,
      account_id: account.id,
      account_login: account.isNamed ? account.login : null,
      account_type: account.type,
      repository_selection: repositorySelection,
      status: suspendedAt === null ? 'active' : 'suspended',
      suspended_at: suspendedAt,
    })),
  );
  return inTransaction(async (tx) => {
    const discovered = await insertUnknown(tx, rows);
    await requestSyncsOfDifferent(tx, rows, startedAt, isAbsenceTold ? unread : null);
    await reportStillListed(tx, rows, startedAt);
    return { listed: listed.length, discovered };
  });
}

/**
 * Stores installations that were not stored yet. They belong to no workspace until somebody binds them, and their
 * installer is unknown.
 */
function insertUnknown(tx: Transaction, rows: string): Promise<number> {
  return execute(
    tx,
    sql`
      INSERT INTO installations (id, account_id, account_login, account_type, repository_selection, status,
        suspended_at, sync_requested_at)
      SELECT id, account_id, coalesce(account_login, 'account-' || account_id), account_type, repository_selection, status::installation_status,
        suspended_at, now()
      FROM jsonb_to_recordset(${rows}::jsonb) AS l (id bigint, account_id bigint, account_login text,
        account_type text, repository_selection text, status text, suspended_at timestamptz)
      WHERE NOT EXISTS (SELECT 1 FROM installations i WHERE i.id = l.id)
      ORDER BY id ON CONFLICT (id) DO NOTHING`,
  );
}

/**
 * Requests a sync of each installation that differs from GitHub's list. This includes installations that were stored
 * before the list was requested but are missing from it. Their sync calls GitHub's route for the installation, where a
 * 404 starts the check that can end in `deleted`.
 *
 * @param unread ids of list items that could not be parsed; `null` if the list is incomplete, so an installation
 *   missing from it may still exist
 */
async function requestSyncsOfDifferent(
  tx: Transaction,
  rows: string,
  startedAt: Date,
  unread: number[] | null,
): Promise<void> {
  await execute(
    tx,
    sql`
      WITH listed AS (
        SELECT * FROM jsonb_to_recordset(${rows}::jsonb) AS l (id bigint, account_login text,
          repository_selection text, status text)
      ), different AS (
        SELECT i.id FROM installations i LEFT JOIN listed l ON l.id = i.id
        WHERE i.status <> 'deleted' AND (
          (${unread !== null} AND l.id IS NULL AND i.created_at < ${startedAt} AND NOT (i.id = ANY (${unread ?? []}::bigint[])))
          OR (coalesce(l.account_login, i.account_login), l.repository_selection, l.status)
            IS DISTINCT FROM (i.account_login, i.repository_selection, i.status::text) AND l.id IS NOT NULL)
        ORDER BY i.id FOR UPDATE OF i)
      UPDATE installations i SET sync_requested_at = now(), revision = revision + 1
      FROM different d WHERE d.id = i.id`,
  );
}

/** Cap on the ids in the log line, which always states the total. */
const MAX_NAMED = 20;

/**
 * Warns the operator about installations that have ended here but are still listed by GitHub. Either they were ended by
 * mistake, or an older database was restored.
 */
async function reportStillListed(tx: Transaction, rows: string, startedAt: Date): Promise<void> {
  const still = await query(
    tx,
    sql<{ id: bigint }>`
      SELECT i.id FROM installations i JOIN jsonb_to_recordset(${rows}::jsonb) AS l (id bigint) ON l.id = i.id
      WHERE i.status = 'deleted' AND i.uninstall_requested_at IS NULL AND i.deleted_at < ${startedAt} ORDER BY i.id`,
  );
  if (still.length === 0) return;
  const installationIds = still.slice(0, MAX_NAMED).map(({ id }) => Number(id));
  log.warn({ count: still.length, installationIds }, 'installations have ended here that GitHub still lists');
}
