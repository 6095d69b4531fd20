import { getDb } from '../db/client';
import { GitHubError } from '../github/error';
import { type FailedDelivery, listFailedDeliveries, requestRedelivery } from '../github/hook-deliveries';
import { log } from '../observability/log';

/** GitHub redelivers what is at most this old. */
const OLDEST_MS = 3 * 24 * 3600 * 1000;
/** Of one pass: the next one goes on, as what was asked for again counts as taken or as tried. */
const MAX_PAGES = 10;
const MAX_REDELIVERIES = 100;
/** A delivery that we refuse every time is left to the sync that it asked for. */
const MAX_ATTEMPTS = 6;
const FIRST_WAIT_MS = 60_000;

type Missed = { guid: string; newest: FailedDelivery; attempts: number };

/**
 * Asks GitHub again for the deliveries that we did not take, and syncs what they were about, so that nothing waits
 * for their arrival; of those that are still under way it does the latter. What became of earlier requests is in GitHub's own log and in `webhook_deliveries`, whose GUIDs
 * took effect: nothing else has to be remembered.
 *
 * @returns how many were asked for
 * @throws {GitHubError} `rate_limited` only: without the log the pass goes on
 */
export async function redeliverFailed(now = Date.now()): Promise<number> {
  try {
    const missed = await findMissed(now);
    await requestSyncs(missed);
    return await askAgain(missed.filter((delivery) => isDue(delivery, now)));
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

/** After each failure twice as long as after the one before. */
function isDue({ attempts, newest }: Missed, now: number): boolean {
  if (attempts >= MAX_ATTEMPTS || newest.isPending) return false;
  const wait = attempts === 1 ? 0 : FIRST_WAIT_MS * 2 ** (attempts - 2);
  return newest.deliveredAt.getTime() + wait <= now;
}

/**
 * Whatever a missed delivery told is asked for by a sync, unless one has read GitHub since; a minute is left for
 * clocks that differ and for the time that a sync takes.
 */
async function requestSyncs(missed: Missed[]): Promise<void> {
  const about = missed.flatMap(({ newest: { installationId, deliveredAt } }) =>
    installationId === null ? [] : [{ id: installationId, at: deliveredAt.toISOString() }],
  );
  if (about.length === 0) return;
  await getDb().$executeRaw`
    UPDATE installations SET sync_requested_at = now(), revision = revision + 1
    WHERE id IN (
      SELECT id FROM installations
      WHERE status <> 'deleted' AND EXISTS (
        SELECT 1 FROM jsonb_to_recordset(${JSON.stringify(about)}::jsonb) AS m (id bigint, at timestamptz)
        WHERE m.id = installations.id AND (synced_at IS NULL OR m.at > synced_at - interval '1 minute'))
      ORDER BY id FOR UPDATE)`;
}

/** Answers after which GitHub is not asked for the next one either. */
const NOT_NOW: ReadonlySet<string> = new Set(['unavailable', 'rate_limited']);

/** Ids rise with time. They are compared as integers: as text, the longer one would come first. */
function olderFirst(a: Missed, b: Missed): number {
  const [left, right] = [BigInt(a.newest.id), BigInt(b.newest.id)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * The oldest first, since those are the first that GitHub forgets. One that it will not deliver again, which is the
 * oldest in the next pass as well, holds up no other.
 */
async function askAgain(due: Missed[]): Promise<number> {
  const batch = due.sort(olderFirst).slice(0, MAX_REDELIVERIES);
  let asked = 0;
  for (const { newest } of batch) {
    try {
      await requestRedelivery(newest.id);
      asked++;
    } catch (error) {
      if (!(error instanceof GitHubError) || NOT_NOW.has(error.kind)) throw error;
      log.warn({ err: error, delivery: newest.guid }, 'GitHub does not deliver this one again');
    }
  }
  return asked;
}
