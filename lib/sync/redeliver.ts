import { getDb } from '../db/client';
import { execute, sql } from '../db/sql';
import { type FailedDelivery, listFailedDeliveries, requestRedelivery } from '../github/deliveries';
import { GitHubError } from '../github/errors';
import { log } from '../observability/log';

/** The maximum age at which GitHub still redelivers a webhook. */
const OLDEST_MS = 3 * 24 * 3600 * 1000;
/**
 * Limits per pass. The next pass continues where this pass stopped, because by then, the redelivered webhooks count as
 * received or tried.
 */
const MAX_PAGES = 10;
const MAX_REDELIVERIES = 100;
/**
 * After this many failures, we no longer ask for a webhook, because the sync requested for it catches up on its changes
 * anyway.
 */
const MAX_ATTEMPTS = 6;
const FIRST_WAIT_MS = 60_000;

type Missed = { guid: string; newest: FailedDelivery; attempts: number };

/**
 * Asks GitHub to redeliver webhooks that the app missed. Also requests syncs of their installations, so that nothing
 * has to wait for the redelivery. For webhooks that GitHub is still delivering, only the sync is requested. The app
 * stores nothing about attempts: GitHub's log lists them, and `webhook_deliveries` shows which GUIDs were applied.
 *
 * @returns the number of redeliveries requested
 * @throws {GitHubError} `rate_limited`; after any other error from GitHub, the pass continues without redeliveries
 */
export async function redeliverFailed(now = Date.now()): Promise<number> {
  try {
    const missed = await findMissed(now);
    await requestSyncs(missed);
    return await requestRedeliveries(missed.filter((delivery) => isDue(delivery, now)));
  } catch (error) {
    if (!(error instanceof GitHubError) || error.kind === 'rate_limited') throw error;
    log.warn({ err: error }, 'the log of deliveries could not be read');
    return 0;
  }
}

async function findMissed(now: number): Promise<Missed[]> {
  const byGuid = new Map<string, Missed>();
  let pages = 0;
  for await (const page of listFailedDeliveries()) {
    for (const delivery of page.filter(({ deliveredAt }) => deliveredAt.getTime() > now - OLDEST_MS)) {
      const known = byGuid.get(delivery.guid);
      if (known) known.attempts++;
      else byGuid.set(delivery.guid, { guid: delivery.guid, newest: delivery, attempts: 1 });
    }
    const isOldEnough = page.some(({ deliveredAt }) => deliveredAt.getTime() <= now - OLDEST_MS);
    if (isOldEnough || ++pages >= MAX_PAGES) break;
  }
  const took = await getDb().webhookDelivery.findMany({
    where: { id: { in: [...byGuid.keys()] } },
    select: { id: true },
  });
  for (const { id } of took) byGuid.delete(id);
  return [...byGuid.values()];
}

/** True if a redelivery is due. The wait doubles after each failure. */
function isDue({ attempts, newest }: Missed, now: number): boolean {
  if (attempts >= MAX_ATTEMPTS || newest.isPending) return false;
  const wait = attempts === 1 ? 0 : FIRST_WAIT_MS * 2 ** (attempts - 2);
  return newest.deliveredAt.getTime() + wait <= now;
}

/**
 * Requests a sync for each missed webhook, unless its installation has been synced since GitHub tried to deliver the
 * webhook. The one-minute margin covers clock skew and the duration of a sync.
 */
async function requestSyncs(missed: Missed[]): Promise<void> {
  const about = missed.flatMap(({ newest: { installationId, deliveredAt } }) =>
    installationId === null ? [] : [{ id: installationId, at: deliveredAt.toISOString() }],
  );
  if (about.length === 0) return;
  await execute(
    getDb(),
    sql`
      UPDATE installations SET sync_requested_at = now(), revision = revision + 1
      WHERE id IN (
        SELECT id FROM installations
        WHERE status <> 'deleted' AND EXISTS (
          SELECT 1 FROM jsonb_to_recordset(${JSON.stringify(about)}::jsonb) AS m (id bigint, at timestamptz)
          WHERE m.id = installations.id AND (synced_at IS NULL OR m.at > synced_at - interval '1 minute'))
        ORDER BY id FOR UPDATE)`,
  );
}

/** Errors after which no further redeliveries are requested in this pass. */
const STOPPING_ERRORS: ReadonlySet<string> = new Set(['unavailable', 'rate_limited']);

/**
 * Sorts by id, which increases with time. The ids are compared as integers, because text comparison would misplace ids
 * of different lengths.
 */
function olderFirst(a: Missed, b: Missed): number {
  const [left, right] = [BigInt(a.newest.id), BigInt(b.newest.id)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * Requests the oldest webhooks first, because GitHub deletes them first. If GitHub refuses to redeliver one webhook,
 * the others are still requested.
 */
async function requestRedeliveries(due: Missed[]): Promise<number> {
  const batch = due.sort(olderFirst).slice(0, MAX_REDELIVERIES);
  let asked = 0;
  for (const { newest } of batch) {
    try {
      await requestRedelivery(newest.id);
      asked++;
    } catch (error) {
      if (!(error instanceof GitHubError) || STOPPING_ERRORS.has(error.kind)) throw error;
      log.warn({ err: error, delivery: newest.guid }, 'GitHub does not deliver this one again');
    }
  }
  return asked;
}
