/**
 * Confirms that an installation was uninstalled, because a single 404 or a replayed webhook must not end a live one
 * (ADR 0009).
 *
 * An installation ends only if two sources, called witnesses, agree. Either a signed webhook reports the uninstall, and
 * GitHub's route for the installation answers 404. Or GitHub answers 404 twice, seconds apart, and the second time the
 * installation is also missing from GitHub's list.
 *
 * `suspectEnd` stores the first witness. A timer and every reconcile pass then ask GitHub for the second witness.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestOrigin } from '../actor';
import { SYSTEM_GITHUB, SYSTEM_SYNC } from '../actor';
import { onePerProcess } from '../async';
import { inStatements, query, sql } from '../db/sql';
import { identifyApp, isInstallationShown, listShownIds } from '../github/app-info';
import { GitHubError } from '../github/errors';
import { log } from '../observability/log';
import { markDeleted } from './mark-deleted';
import { type EndWitness, forgetEndSeen, inTurn, noteEndSeen } from './transitions';

/**
 * How to read a 404 in response to a call about an installation.
 *
 * - `unknown`: the server that sent the 404 does not recognise our App, so the 404 means nothing.
 * - `shown`: the 404 was temporary, so nothing is stored.
 * - `end_seen`: the installation seems to be uninstalled. No token is minted for it until a second witness confirms or
 *   refutes that.
 */
export type Suspicion = 'unknown' | 'shown' | 'end_seen';

/**
 * Checks a 404 in response to a call about an installation. The 404 counts as a first witness only if GitHub also
 * answers 404 when the App requests the installation itself. Other routes may fail briefly after a change on GitHub.
 *
 * @param onAlive called if the second witness refutes the first
 * @throws {GitHubError} if GitHub is unreachable, in which case nothing is stored
 */
export async function suspectEnd(
  installationId: number,
  witness: 'mint' | 'sync',
  origin: RequestOrigin,
  onAlive?: (installationId: number) => void,
): Promise<Suspicion> {
  if ((await identifyApp()) !== 'ours') return 'unknown';
  if (await isInstallationShown(installationId)) return 'shown';
  await inTurn(installationId, () => inStatements((tx) => noteEndSeen(tx, installationId, witness)));
  confirmEndSoon(installationId, origin, onAlive);
  return 'end_seen';
}

/**
 * Timing of the confirmation. Only tests change it, so that they can run hundreds of uninstalls without waiting.
 *
 * `apartMs` is the minimum time between two responses that count as two witnesses. `patienceMs` is how long the
 * response to a webhook may wait for the confirmation. GitHub waits ten seconds for that response, and after a burst of
 * webhooks, many uninstalls are confirmed at the same time.
 */
export const endCheck = { apartMs: 2000, patienceMs: 3000 };

/**
 * The result of asking for the second witness.
 *
 * - `deleted`: the installation has ended for good.
 * - `alive`: there was no end to confirm, or GitHub shows the installation again.
 * - `pending`: the second witness came too early to count, or GitHub's responses contradict each other.
 */
export type EndVerdict = 'deleted' | 'alive' | 'pending';

/** The first witness, as stored in the installation's row. */
type SeenEnd = {
  status: string;
  end_seen_at: Date | null;
  end_seen_by: EndWitness | null;
  is_apart: boolean;
};

/** Returns the first witness of an uninstall that a webhook has just reported. */
export function seenByWebhook(seenAt: Date): SeenEnd {
  return { status: 'active', end_seen_at: seenAt, end_seen_by: 'webhook', is_apart: false };
}

/**
 * Returns a function that fetches GitHub's list of installations on its first call and returns the same list on later
 * calls.
 */
export function listOnce(): () => Promise<Set<number>> {
  let list: Promise<Set<number>> | undefined;
  return () => {
    list ??= listShownIds();
    return list;
  };
}

/**
 * Asks GitHub for the second witness. If GitHub still shows the installation, that refutes the uninstall only some
 * seconds after the first witness, because GitHub may briefly show an installation that was just uninstalled.
 *
 * @param known the first witness, if the caller has just stored it; by default it is read from the installation's row
 * @throws {GitHubError} if GitHub does not respond, in which case nothing changes and mints stay blocked
 */
export async function confirmEnd(
  installationId: number,
  origin: RequestOrigin = { requestId: randomUUID(), clientIp: null, userAgent: null },
  listed = listOnce(),
  known?: SeenEnd,
): Promise<EndVerdict> {
  const seen = known ?? (await readSeenEnd(installationId));
  if (seen === undefined || seen.status === 'deleted') return 'deleted';
  const { end_seen_at: seenAt, end_seen_by: witness, is_apart: isApart } = seen;
  if (seenAt === null || witness === null) return 'alive';
  if (await isInstallationShown(installationId)) {
    if (!isApart) return 'pending';
    await inStatements((tx) => forgetEndSeen(tx, installationId, seenAt));
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
 * Reads the first witness. Its time may be in the future, if the database's clock was set back after it was stored. It
 * then counts as old enough, because mints would otherwise stay blocked until that time.
 */
async function readSeenEnd(installationId: number): Promise<SeenEnd | undefined> {
  const [row] = await query(
    'work',
    sql<SeenEnd>`
      SELECT status::text AS status, end_seen_at, end_seen_by,
        coalesce(end_seen_at <= now() - make_interval(secs => ${endCheck.apartMs / 1000}::float8)
          OR end_seen_at > now() + interval '1 minute', false) AS is_apart
      FROM installations WHERE id = ${installationId}`,
  );
  return row;
}

/** Ends the installation, unless the first witness was refuted or replaced while this process waited for GitHub. */
async function endForGood(
  installationId: number,
  seenAt: Date,
  witness: EndWitness,
  origin: RequestOrigin,
): Promise<EndVerdict> {
  const actor = witness === 'sync' ? SYSTEM_SYNC : SYSTEM_GITHUB;
  const cause = { actor, origin, noticedBy: witness };
  const end = () => markDeleted(undefined, installationId, cause, seenAt);
  if (await inTurn(installationId, end)) return 'deleted';
  const seen = await readSeenEnd(installationId);
  return seen === undefined || seen.status === 'deleted' ? 'deleted' : 'pending';
}

type Check = {
  origin: RequestOrigin | undefined;
  /**
   * Called if the installation is alive. Nothing was synced during the check, so the caller can use this to start a
   * sync.
   */
  onAlive: ((installationId: number) => void) | undefined;
  failures: number;
};

type Checks = { waiting: Map<number, Check>; timer: NodeJS.Timeout | undefined; isRunning: boolean };

const getChecks = onePerProcess<Checks>('end checks', () => ({
  waiting: new Map(),
  timer: undefined,
  isRunning: false,
}));

const JITTER_MS = 800;
/**
 * If GitHub doesn't respond, the check is retried after 2 s, 4 s, and so on. After this many failures, we leave it to
 * the next reconcile pass.
 */
const MAX_FAILURES = 5;
const PARALLEL = 8;

/**
 * Asks GitHub for the second witness in the background, as soon as enough time has passed. Concurrent checks form a
 * batch that fetches GitHub's list only once. If the process crashes, nothing is lost, because the first witness is
 * stored.
 */
export function confirmEndSoon(
  installationId: number,
  origin?: RequestOrigin,
  onAlive?: (installationId: number) => void,
): void {
  const checks = getChecks();
  const known = checks.waiting.get(installationId);
  if (known === undefined) checks.waiting.set(installationId, { origin, onAlive, failures: 0 });
  else known.onAlive ??= onAlive;
  schedule(endCheck.apartMs);
}

function schedule(waitMs: number): void {
  getChecks().timer ??= setTimeout(run, waitMs + 100 + Math.random() * JITTER_MS).unref();
}

function run(): void {
  const checks = getChecks();
  checks.timer = undefined;
  if (checks.isRunning) {
    schedule(endCheck.apartMs);
    return;
  }
  checks.isRunning = true;
  void runOnce()
    .catch((error: unknown) => log.error({ err: error }, 'ends could not be checked'))
    .finally(() => {
      checks.isRunning = false;
      const failures = [...checks.waiting.values()].map((check) => check.failures);
      if (failures.length > 0) schedule(1000 * 2 ** Math.min(...failures));
    });
}

async function runOnce(): Promise<void> {
  const { waiting } = getChecks();
  const batch = [...waiting];
  const verdicts = await confirmAll(batch.map(([id, { origin }]) => [id, origin]));
  for (const [id, check] of batch) {
    const verdict = verdicts.get(id);
    if (verdict === 'alive') check.onAlive?.(id);
    if (verdict === 'deleted' || verdict === 'alive' || ++check.failures > MAX_FAILURES) waiting.delete(id);
  }
}

/**
 * Asks GitHub for the second witness of several installations, a few at a time.
 *
 * @returns a verdict for each installation, except those whose check failed
 */
async function confirmAll(
  ends: readonly (readonly [id: number, origin: RequestOrigin | undefined])[],
): Promise<Map<number, EndVerdict>> {
  const queue = [...ends];
  const listed = listOnce();
  const verdicts = new Map<number, EndVerdict>();
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [id, origin] = next;
      try {
        verdicts.set(id, await confirmEnd(id, origin, listed));
      } catch (error) {
        log.warn({ err: error, installationId: id }, 'an end could not be confirmed yet');
        if (error instanceof GitHubError && error.kind === 'rate_limited') queue.length = 0;
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return verdicts;
}

type PendingEnd = { id: bigint; wait_ms: number };

function readPendingEnds(): Promise<PendingEnd[]> {
  return query(
    'work',
    sql<PendingEnd>`
      SELECT id, least(${endCheck.apartMs}::float8, greatest(0, ${endCheck.apartMs}::float8
        - extract(epoch FROM now() - end_seen_at) * 1000))::float8 AS wait_ms
      FROM installations WHERE end_seen_at IS NOT NULL AND status <> 'deleted' ORDER BY id`,
  );
}

/**
 * Asks GitHub for the second witness of every unconfirmed end.
 *
 * @param isAskedFor if true, first waits until even the most recent first witness is old enough
 * @returns the number of installations that turned out to be alive
 */
export async function confirmPendingEnds(isAskedFor: boolean): Promise<number> {
  const pending = await readPendingEnds();
  if (pending.length === 0) return 0;
  if (isAskedFor) await sleep(Math.max(...pending.map(({ wait_ms }) => wait_ms)) + 1);
  const verdicts = await confirmAll(pending.map(({ id }) => [Number(id), undefined]));
  return [...verdicts.values()].filter((verdict) => verdict === 'alive').length;
}

/** Resumes pending checks at startup, because the previous process may have crashed between the two witnesses. */
export async function resumeEndChecks(onAlive: (installationId: number) => void): Promise<void> {
  for (const { id } of await readPendingEnds()) confirmEndSoon(Number(id), undefined, onAlive);
}
