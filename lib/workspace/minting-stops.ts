/** The operator's stops: who may not mint at the moment, and why. */
import type { Actor, RequestOrigin } from '../actor';
import { recordAuditEvent, recordAuditEventNow } from '../audit/record';
import type { AuditDetails } from '../contract/audit-types';
import type { MintingStopView, StopScope } from '../contract/minting-stop';
import { getDb, inTransaction } from '../db/client';
import { type Database, execute, query, sql } from '../db/sql';
import { log } from '../observability/log';
import { metrics } from '../observability/metrics';
import { Problem } from '../problem';

/** The target of a stop: everything, or a workspace, or one of its keys. */
export type StopTarget = {
  workspaceId: string | null;
  apiKey: { id: string; name: string } | null;
};

type By = { actor: Actor; origin: RequestOrigin };

type Stop = { id: string; reason: string; stopped_at: Date };

const EVERYTHING: StopTarget = { workspaceId: null, apiKey: null };

const isOf = ({ workspaceId, apiKey }: StopTarget) =>
  sql`workspace_id IS NOT DISTINCT FROM ${workspaceId}::uuid AND api_key_id IS NOT DISTINCT FROM ${apiKey?.id ?? null}::uuid`;

async function findStop(db: Database, target: StopTarget): Promise<Stop | undefined> {
  const [stop] = await query(
    db,
    sql<Stop>`SELECT id, reason, stopped_at FROM minting_stops WHERE ${isOf(target)}`,
  );
  return stop;
}

/** @returns the stop in force, and whether this call made it */
async function insertStop(db: Database, target: StopTarget, reason: string) {
  const [made] = await query(
    db,
    sql<Stop>`INSERT INTO minting_stops (workspace_id, api_key_id, reason)
      VALUES (${target.workspaceId}::uuid, ${target.apiKey?.id ?? null}::uuid, ${reason})
      ON CONFLICT DO NOTHING RETURNING id, reason, stopped_at`,
  );
  const stop = made ?? (await findStop(db, target));
  if (stop === undefined) throw new Error('minting was started again at this moment; repeat the command');
  return { stop, isNew: made !== undefined };
}

function detailsOf({ workspaceId, apiKey }: StopTarget, stop: Stop): AuditDetails<'minting.stopped'> {
  const scope: StopScope = apiKey !== null ? 'api_key' : workspaceId !== null ? 'workspace' : 'everything';
  const key = apiKey === null ? {} : { api_key_id: apiKey.id, name: apiKey.name };
  return { scope, reason: stop.reason, stop_id: stop.id, ...key };
}

type StopReport = {
  reason: string;
  stopped_at: string;
  /** False if it was stopped before, in which case the earlier reason stays. */
  is_new: boolean;
  /** Slugs of the workspaces whose audit log could not take the event. Repeating the command tries them again. */
  not_recorded: string[];
};

/**
 * Stops minting. The stop holds from the next request on, in every replica. After this
 * function has returned, no pending mint is released either. In the workspaces of `not_recorded`, that takes as long as
 * a row may wait for the log (5 s).
 *
 * A stop of a workspace or a key commits with its audit event. A stop of everything belongs to every workspace's log,
 * because a log is what a customer reads and verifies. It commits first and is recorded afterwards, in one transaction
 * for each workspace. An emergency brake must neither wait for the slowest log nor hold the others.
 */
export async function stopMinting(target: StopTarget, reason: string, by: By): Promise<StopReport> {
  const { workspaceId } = target;
  const { stop, isNew } = await (workspaceId === null
    ? insertStop(getDb(), target, reason)
    : inTransaction(async (tx) => {
        const inserted = await insertStop(tx, target, reason);
        const details = detailsOf(target, inserted.stop);
        if (inserted.isNew)
          await recordAuditEvent(tx, { ...by, workspaceId, type: 'minting.stopped', details });
        return inserted;
      }));
  const notRecorded = workspaceId === null ? await recordEverywhere('minting.stopped', stop, by) : [];
  return {
    reason: stop.reason,
    stopped_at: stop.stopped_at.toISOString(),
    is_new: isNew,
    not_recorded: notRecorded,
  };
}

/**
 * Starts minting again. A start of everything is recorded in every workspace's log first, and takes effect only then.
 *
 * @returns false if it was not stopped
 * @throws {Problem} `audit_unavailable` if a log could not take the event. Nothing has started then, and repeating the
 *   command records only what is missing
 */
export async function startMinting(target: StopTarget, by: By): Promise<boolean> {
  const { workspaceId } = target;
  if (workspaceId === null) {
    const stop = await findStop(getDb(), target);
    const notRecorded = stop === undefined ? [] : await recordEverywhere('minting.started', stop, by);
    if (notRecorded.length > 0)
      throw new Problem(
        'audit_unavailable',
        `Nothing was started, because it could not be recorded in the audit log of ${notRecorded.join(', ')}. Repeat the command.`,
      );
  }
  return inTransaction(async (tx) => {
    const [stop] = await query(
      tx,
      sql<Stop>`DELETE FROM minting_stops WHERE ${isOf(target)} RETURNING id, reason, stopped_at`,
    );
    if (stop === undefined) return false;
    // Syncs that the stop had refused need not wait until their next retry.
    await execute(
      tx,
      sql`UPDATE installations SET sync_retry_at = NULL, sync_failures = 0 WHERE sync_error = 'minting_stopped'
        AND (${workspaceId}::uuid IS NULL OR workspace_id = ${workspaceId}::uuid)`,
    );
    const details = detailsOf(target, stop);
    if (workspaceId !== null)
      await recordAuditEvent(tx, { ...by, workspaceId, type: 'minting.started', details });
    return true;
  });
}

/** Workspaces whose logs are written concurrently. Each log has a lock of its own. */
const LOGS_WRITTEN_TOGETHER = 4;

/**
 * Records an event of a stop of everything in each workspace's log that lacks it.
 *
 * @returns slugs of the workspaces whose log could not take it
 */
async function recordEverywhere(
  type: 'minting.stopped' | 'minting.started',
  stop: Stop,
  by: By,
): Promise<string[]> {
  const waiting = await query(
    getDb(),
    sql<{ id: string; slug: string }>`SELECT w.id, w.slug FROM workspaces w WHERE NOT EXISTS (
      SELECT FROM audit_events e WHERE e.workspace_id = w.id AND e.type = ${type} AND e.details ->> 'stop_id' = ${stop.id})
      ORDER BY w.id`,
  );
  const failed: string[] = [];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { id: workspaceId, slug } = next;
      const event = { ...by, workspaceId, type, details: detailsOf(EVERYTHING, stop) };
      await recordAuditEventNow(event).catch((error: unknown) => {
        log.error({ err: error, workspaceId, type }, 'a stop of minting could not be recorded');
        failed.push(slug);
      });
    }
  };
  await Promise.all(Array.from({ length: LOGS_WRITTEN_TOGETHER }, work));
  return failed.sort();
}

type Row = {
  scope: StopScope;
  reason: string;
  stopped_at: Date;
  workspace: string | null;
  api_key_id: string | null;
  name: string | null;
};

/**
 * Lists the stops in force, the widest first.
 *
 * @param workspaceId only those that concern this workspace; by default, all of them
 */
export async function listMintingStops(workspaceId: string | null = null): Promise<MintingStopView[]> {
  const rows = await query(
    getDb(),
    sql<Row>`SELECT s.reason, s.stopped_at, w.slug AS workspace, s.api_key_id, k.name,
        CASE WHEN s.workspace_id IS NULL THEN 'everything' WHEN s.api_key_id IS NULL THEN 'workspace' ELSE 'api_key' END AS scope
      FROM minting_stops s LEFT JOIN workspaces w ON w.id = s.workspace_id LEFT JOIN api_keys k ON k.id = s.api_key_id
      WHERE ${workspaceId}::uuid IS NULL OR s.workspace_id IS NULL OR s.workspace_id = ${workspaceId}::uuid
      ORDER BY s.workspace_id IS NOT NULL, s.api_key_id IS NOT NULL, s.stopped_at`,
  );
  return rows.map(({ api_key_id: id, name, stopped_at, ...row }) => ({
    ...row,
    stopped_at: stopped_at.toISOString(),
    api_key: id === null ? null : { id, name: name ?? id },
  }));
}

/** Sets the metric. If the stops cannot be read, it has no values, rather than old ones. */
export async function measureMintingStops(): Promise<void> {
  const { mintingStops } = metrics;
  mintingStops.reset();
  try {
    const stops = await listMintingStops();
    for (const scope of ['everything', 'workspace', 'api_key'] as const)
      mintingStops.set({ scope }, stops.filter((stop) => stop.scope === scope).length);
  } catch (error) {
    log.warn({ err: error }, 'the stops of minting could not be counted');
  }
}
