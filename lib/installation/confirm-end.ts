/**
 * Obtains the second witness of an end (ADR 0009). An installation ends only if two sources agree: a signed
 * delivery and GitHub's own route, or two responses of GitHub seconds apart. The second response must come from
 * route and list.
 */
import { randomUUID } from 'node:crypto';
import { SYSTEM_GITHUB, SYSTEM_SYNC } from '../actor';
import type { RequestOrigin } from '../audit/event';
import { getDb, inTransaction } from '../db/client';
import { isInstallationShown, listShownIds } from '../github/shown-installations';
import { log } from '../observability/log';
import { type EndWitness, forgetEndSeen, markDeleted } from './transitions';

/**
 * Variable for tests only: they play hundreds of ends without waiting, and never depend on the speed of a machine.
 * `patienceMs` bounds the confirmation within a delivery: GitHub waits ten seconds for its
 * response, and a burst asks its API for many at the same time.
 */
export const endCheck = { apartMs: 2000, patienceMs: 3000 };

/**
 * - `deleted`: it has ended for good.
 * - `alive`: no end waits for a witness, or GitHub shows the installation again.
 * - `pending`: the witness does not count yet, or GitHub's responses contradict each other.
 */
export type EndVerdict = 'deleted' | 'alive' | 'pending';

type SeenEnd = {
  status: string;
  end_seen_at: Date | null;
  end_seen_by: EndWitness | null;
  is_apart: boolean;
};

/** Returns a function that reads the list when it is first needed, and shares the result. */
export function listOnce(): () => Promise<Set<number>> {
  let list: Promise<Set<number>> | undefined;
  return () => {
    list ??= listShownIds();
    return list;
  };
}

/**
 * Asks GitHub for the second witness. If GitHub shows the installation, that counts only some seconds after the
 * first witness, because GitHub may still show it right after an uninstall.
 *
 * @throws {GitHubError} while GitHub does not answer; nothing changes then, and nothing is minted
 */
export async function confirmEnd(
  installationId: number,
  origin: RequestOrigin = { requestId: randomUUID(), clientIp: null, userAgent: null },
  listed = listOnce(),
): Promise<EndVerdict> {
  const seen = await readSeenEnd(installationId);
  if (seen === undefined || seen.status === 'deleted') return 'deleted';
  const { end_seen_at: seenAt, end_seen_by: witness, is_apart: isApart } = seen;
  if (seenAt === null || witness === null) return 'alive';
  if (await isInstallationShown(installationId)) {
    if (!isApart) return 'pending';
    await inTransaction((tx) => forgetEndSeen(tx, installationId, seenAt));
    log.warn(
      { installationId, witness },
      'GitHub shows an installation again whose end was seen; it lives on',
    );
    return 'alive';
  }
  if (witness !== 'webhook') {
    if (!isApart) return 'pending';
    if ((await listed()).has(installationId)) {
      log.warn({ installationId, witness }, 'GitHub lists an installation that its own route does not show');
      return 'pending';
    }
  }
  return endForGood(installationId, seenAt, witness, origin);
}

/**
 * Reads the first witness. A time in the future predates a clock that was set back; it counts, or minting would
 * stop until then.
 */
async function readSeenEnd(installationId: number): Promise<SeenEnd | undefined> {
  const [row] = await getDb().$queryRaw<SeenEnd[]>`
    SELECT status::text AS status, end_seen_at, end_seen_by,
      coalesce(end_seen_at <= now() - make_interval(secs => ${endCheck.apartMs / 1000}::float8)
        OR end_seen_at > now() + interval '1 minute', false) AS is_apart
    FROM installations WHERE id = ${installationId}`;
  return row;
}

/** Ends the installation, unless the first witness was refuted or replaced while GitHub answered. */
function endForGood(
  installationId: number,
  seenAt: Date,
  witness: EndWitness,
  origin: RequestOrigin,
): Promise<EndVerdict> {
  return inTransaction(async (tx) => {
    const rows = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM installations WHERE id = ${installationId} AND end_seen_at = ${seenAt} FOR UPDATE`;
    if (rows.length === 0) return 'pending';
    const actor = witness === 'sync' ? SYSTEM_SYNC : SYSTEM_GITHUB;
    await markDeleted(tx, installationId, { actor, origin, noticedBy: witness });
    return 'deleted';
  });
}
