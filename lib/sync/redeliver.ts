import { getDb } from '../db/client';
import { execute, sql } from '../db/sql';
import { type FailedDelivery, listFailedDeliveries, requestRedelivery } from '../github/deliveries';
import { GitHubError } from '../github/errors';
import { log } from '../observability/log';

/** The oldest delivery that GitHub redelivers. */
const OLDEST_MS = 3 * 24 * 3600 * 1000;
/** Limits per pass. The next pass continues, because requested deliveries count as taken or tried. */
const MAX_PAGES = 10;
const MAX_REDELIVERIES = 100;
/** A delivery that fails every time is left to the sync that it requested. */
const MAX_ATTEMPTS = 6;
const FIRST_WAIT_MS = 60_000;

type Missed = { guid: string; newest: FailedDelivery; attempts: number };

/**
 * Requests the deliveries that were not taken, and syncs their installations, so that nothing waits for the
 * redelivery. Deliveries that are still under way only cause the sync. Nothing else is stored: GitHub's log shows
 * earlier attempts, and `webhook_deliveries` shows the GUIDs that took effect.
 *
 * @returns how many were requested
 * @throws {GitHubError} `rate_limited` only; without the log, the pass continues
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

/** Doubles the wait after each failure. */
function isDue({ attempts, newest }: Missed, now: number): boolean {
  if (attempts >= MAX_ATTEMPTS || newest.isPending) return false;
  const wait = attempts === 1 ? 0 : FIRST_WAIT_MS * 2 ** (attempts - 2);
  return newest.deliveredAt.getTime() + wait <= now;
}

/**
 * Requests a sync for each missed delivery, unless a sync has read GitHub since. A minute covers clock differences
 * and the time that a sync takes.
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

/** Errors after which the remaining deliveries are not requested either. */
const STOPPING_ERRORS: ReadonlySet<string> = new Set(['unavailable', 'rate_limited']);

/** Sorts by id, which rises with time. Ids are compared as integers, because longer numbers sort wrongly as text. */
function olderFirst(a: Missed, b: Missed): number {
  const [left, right] = [BigInt(a.newest.id), BigInt(b.newest.id)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * Requests the oldest deliveries first, because GitHub forgets them first. A delivery that GitHub refuses to resend
 * does not block the others, although it is the oldest in the next pass again.
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
