import { setTimeout as sleep } from 'node:timers/promises';
import { getConfig } from '../config';
import { inTransaction, type Transaction } from '../db/client';
import { execute, query, sql } from '../db/sql';
import { listInstallations } from '../github/installations';
import { confirmPendingEnds, resumeEndChecks } from '../installation/confirm-end';
import { repeatUninstalls } from '../installation/disconnect';
import { log } from '../observability/log';
import {
  beginPass,
  endFailedPass,
  endPass,
  isPassUnderWay,
  type Pass,
  readDatabaseClock,
  whileExtendingPass,
} from './lease';
import { forgetOld } from './prune';
import { syncDue, syncInBackground } from './queue';
import { redeliverFailed } from './redeliver';

type ReconcileReport = {
  /** Installations in GitHub's list. */
  listed: number;
  /** Installations that were unknown here. */
  discovered: number;
  /** Installations that were synced, because they differ from the list or were due. */
  synced: number;
  /** Uninstalls that were repeated at GitHub. */
  uninstalled: number;
  /** Deliveries that were missed and requested again. */
  redelivered: number;
};

const NOTHING = { listed: 0, discovered: 0, uninstalled: 0, redelivered: 0 };

/**
 * Runs one pass: compares GitHub's list of installations with ours, repeats failed uninstalls, requests missed
 * deliveries, syncs due installations, and deletes old rows. One replica leads a pass; all replicas share its
 * syncs. The pass ends with the second witnesses of pending ends.
 *
 * @param unlessWithinSeconds a pass this recent is enough, so that replicas share the interval. With 0, a pass that
 *   began after the call has succeeded when this returns, here or elsewhere
 * @throws {GitHubError} if the list cannot be read; the loop's next pass then waits for longer
 */
export async function reconcile(unlessWithinSeconds = 0): Promise<ReconcileReport> {
  const isRequested = unlessWithinSeconds === 0;
  const pass = isRequested ? await waitForPass() : await beginPass({ withinSeconds: unlessWithinSeconds });
  const led = pass === undefined ? NOTHING : await lead(pass);
  const synced = await syncDue(isRequested);
  const revived = await confirmPendingEnds(isRequested);
  return { ...led, synced: revived === 0 ? synced : synced + (await syncDue(isRequested)) };
}

const LOOK_AGAIN_MS = 100;

/** @returns `undefined` once another replica has led a pass that began after the call, or while GitHub rate limits */
async function waitForPass(): Promise<Pass | undefined> {
  const beganAfter = await readDatabaseClock();
  for (;;) {
    // A running pass may have begun too early, and a pass that begins before `beginPass` must be waited for.
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

/** The share of the interval within which another replica's pass counts as this one's. */
const RECENT_SHARE_OF_INTERVAL = 0.8;

/**
 * Reconciles every `RECONCILE_INTERVAL_SECONDS`, with a jitter that spreads the replicas. The timer does not keep
 * the process alive.
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

/** A pass this recent is enough. Senders of empty payloads cause at most one read of GitHub's list per minute. */
const QUIET_SECONDS = 60;

let running: Promise<void> | undefined;

/** Compares with GitHub when a payload lacks its data. Within the quiet time, the loop's next pass does it. */
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
 * Compares GitHub's list of installations with the stored ones, in three statements for any number. Differences
 * only request a sync. Installations that are deleted here and still listed are reported, because `deleted` is
 * final (ADR 0009). Only a disconnect uninstalls, never a mistake in the configuration.
 *
 * @param startedAt the database's time before the list was requested
 * @throws {GitHubError} if the list cannot be read to its end; nothing is compared then
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

/** Stores installations that are unknown here. They belong to nobody until a bind, and have no known installer. */
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
 * Requests a sync of each installation that differs from the list. An installation that is absent, and was stored
 * before the list was read, is checked by its own route, where a 404 marks it deleted.
 *
 * @param unread ids whose items cannot be read; `null` if absence from the list proves nothing
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

/** The most ids that the log line names. It always gives the number. */
const MAX_NAMED = 20;

/** Warns the operator that an end was a mistake, or that an older database was restored. */
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
