import { getDb, inTransaction } from '../db/client';
import { type GitHubInstallation, listInstallations } from '../github/installations';
import { requestSync } from '../installation/transitions';
import { uninstallAtGitHub } from './disconnect';
import { syncInstallation } from './sync';

export type ReconcileReport = {
  /** Installations that GitHub has. */
  listed: number;
  /** Installed without our hearing of it. */
  discovered: number;
  /** Asked again, because the list differs from what is stored or because a sync was due. */
  synced: number;
  /** Uninstalls that GitHub had missed. */
  uninstalled: number;
};

/** Deliveries are remembered this long: GitHub redelivers for three days at most. */
const KEEP_DELIVERIES_DAYS = 30;
/** Syncs at once in this process. */
const PARALLEL_SYNCS = 4;

/**
 * One pass: compares GitHub's list of installations with ours, syncs what differs or is due, repeats uninstalls that
 * did not get through, and forgets old deliveries. Replicas share the syncs by their leases.
 *
 * @throws {GitHubError} if the list cannot be read; what was compared before stays
 */
export async function reconcile(): Promise<ReconcileReport> {
  const uninstalled = await repeatUninstalls();
  const { listed, discovered } = await compareWithGitHub();
  const synced = await syncDue();
  await getDb().$executeRaw`
    DELETE FROM webhook_deliveries WHERE received_at < now() - make_interval(days => ${KEEP_DELIVERIES_DAYS}::int)`;
  return { listed, discovered, synced, uninstalled };
}

async function repeatUninstalls(): Promise<number> {
  const rows = await getDb().installation.findMany({
    where: { uninstallRequestedAt: { not: null } },
    select: { id: true },
  });
  let done = 0;
  for (const { id } of rows) if (await uninstallAtGitHub(Number(id))) done++;
  return done;
}

async function compareWithGitHub(): Promise<{ listed: number; discovered: number }> {
  const startedAt = new Date();
  const seen: number[] = [];
  let discovered = 0;
  for await (const installation of listInstallations()) {
    seen.push(installation.id);
    if (await noteListed(installation)) discovered++;
  }
  // Not in the list, and stored before it was read: a sync asks for each by itself and marks it deleted on a 404.
  await getDb().$executeRaw`
    UPDATE installations SET sync_requested_at = now(), revision = revision + 1
    WHERE status <> 'deleted' AND created_at < ${startedAt} AND NOT (id = ANY (${seen}::bigint[]))`;
  return { listed: seen.length, discovered };
}

/** @returns whether we had not heard of it */
async function noteListed({
  id,
  account,
  repositorySelection,
  suspendedAt,
}: GitHubInstallation): Promise<boolean> {
  const db = getDb();
  const known = await db.installation.findUnique({ where: { id } });
  if (known === null) {
    const { count } = await db.installation.createMany({
      data: {
        id,
        accountId: account.id,
        accountLogin: account.login,
        accountType: account.type,
        repositorySelection,
        syncRequestedAt: new Date(),
      },
      skipDuplicates: true,
    });
    return count === 1;
  }
  const status = suspendedAt === null ? 'active' : 'suspended';
  const same =
    known.accountLogin === account.login &&
    known.repositorySelection === repositorySelection &&
    (known.status === status || known.status === 'deleted');
  if (!same) await inTransaction((tx) => requestSync(tx, id));
  return false;
}

/** Asked for, or not synced for six hours; unbound ones have no repositories to go stale. */
async function syncDue(): Promise<number> {
  const due = await getDb().$queryRaw<{ id: bigint }[]>`
    SELECT id FROM installations
    WHERE status <> 'deleted' AND (sync_leased_until IS NULL OR sync_leased_until < now())
      AND (sync_requested_at IS NOT NULL
        OR (workspace_id IS NOT NULL AND (synced_at IS NULL OR synced_at < now() - interval '6 hours')))
    ORDER BY sync_requested_at NULLS LAST, synced_at NULLS FIRST`;
  const queue = due.map(({ id }) => Number(id));
  let synced = 0;
  const worker = async () => {
    for (let id = queue.shift(); id !== undefined; id = queue.shift())
      if ((await syncInstallation(id)) === 'synced') synced++;
  };
  await Promise.all(Array.from({ length: PARALLEL_SYNCS }, worker));
  return synced;
}
