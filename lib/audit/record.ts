import type { Actor, RequestOrigin, WorkloadActor } from '../actor';
import { Bulkhead, onePerProcess } from '../async';
import type { Json } from '../contract/audit-event';
import type { AuditDetails, AuditFact } from '../contract/audit-types';
import { LANES } from '../db/pool';
import { constantSql, executeLast, frequent, query, type Sql, type Statements, sql } from '../db/sql';
import { metrics } from '../observability/metrics';
import { Problem } from '../problem';

/** The fields common to all events, which describe the caller and the subject. */
export type AuditContext = {
  workspaceId: string;
  actor: Actor;
  origin: RequestOrigin;
  installationId?: number | undefined;
};

/** An event to record. The database sets all other fields (see the initial migration). */
export type NewAuditEvent = AuditContext & AuditFact;

/**
 * How long the app waits for a row to be written. After that, a mint fails with 503, because the token must not be
 * returned before its row exists. The row might still be written at the last moment, but the token is revoked and never
 * returned.
 */
const PATIENCE_MS = 5000;

/**
 * Makes the database give up before the app does. Otherwise, a statement would keep waiting and tie up a connection
 * after its caller has left. The timeout is set before the row starts waiting for the lock on the workspace's chain.
 */
const GIVE_UP = constantSql(`WHERE set_config('lock_timeout', '${PATIENCE_MS - 1000}', true) <> ''`);

/**
 * Concurrent inserts per workspace. Inserts into the same chain wait for each other, so more of them would only tie up
 * connections.
 */
const INSERTS_PER_WORKSPACE = 2;

/** Slots for inserts. Two connections in the `mint` lane always stay free for authentication and look-ups. */
const slots = onePerProcess(
  'audit inserts',
  () => new Bulkhead({ inAll: LANES.mint.connections - 2, each: INSERTS_PER_WORKSPACE, waiting: 500 }),
);

/**
 * Appends an event in the caller's transaction, so that the event and the audited change commit together or not at all.
 * In a transaction of `inStatements`, the row is written at its end.
 *
 * @throws the database's error, in which case the caller must abort the transaction
 */
export async function recordAuditEvent(tx: Statements, event: NewAuditEvent): Promise<void> {
  await executeLast(tx, frequent(insertOf(event)), () => metrics.auditAppendFailures.inc());
}

/** An event about an installation, for whoever doesn't know its workspace and account. */
type InstallationEvent = Omit<AuditContext, 'workspaceId'> & {
  installationId: number;
  type: 'github.installation_deleted';
  details: Omit<AuditDetails<'github.installation_deleted'>, 'account'>;
};

/**
 * Returns the statement that appends an event with the workspace and the account of its installation. Without a
 * workspace, there is no log, and nothing is written. Use it where the statement must be sent before they are known.
 *
 * @param condition on the installation `i`
 */
export function insertInstallationEvent(event: InstallationEvent, condition: Sql): Sql {
  const details = sql`jsonb_build_object('account', i.account_login) || ${detailsOf(event)}::jsonb`;
  return frequent(sql`${insertOf({ ...event, workspaceId: sql`i.workspace_id` }, details)}
    FROM installations AS i
    WHERE i.id = ${event.installationId}::bigint AND i.workspace_id IS NOT NULL AND ${condition}`);
}

/** Why the database refused a mint's row. A refused row isn't stored. */
export type MintRefusal = 'installation_ended' | 'authority_ended' | 'minting_stopped';

/** SQLSTATEs raised by the triggers `audit_events_mint` and `audit_events_mint_authority` (see the migrations). */
const MINT_REFUSALS: ReadonlyMap<unknown, MintRefusal> = new Map([
  ['55000', 'installation_ended'],
  ['PS401', 'authority_ended'],
  ['PS503', 'minting_stopped'],
]);

/** Maps a database error to the reason for refusing a mint's row; `undefined` for any other error. */
function mintRefusal(error: unknown): MintRefusal | undefined {
  return error instanceof Error && 'code' in error ? MINT_REFUSALS.get(error.code) : undefined;
}

/**
 * Appends an event outside any transaction, and returns the event's number once it is committed. Mints wait for this,
 * so we use `pg` directly. That takes one round trip, where a transaction in Prisma would need three.
 *
 * @throws {Problem} `audit_unavailable` if too many of the workspace's events are waiting; or the database's error
 */
export async function recordAuditEventNow(event: NewAuditEvent): Promise<{ seq: number }> {
  const statement = sql<{ seq: bigint }>`${insertOf(event)} ${GIVE_UP} RETURNING seq`;
  const leave = await slots().enter(event.workspaceId, PATIENCE_MS);
  try {
    if (leave === undefined)
      throw new Problem('audit_unavailable', 'Too many events of this workspace wait to be recorded.');
    const [row] = await query('mint', statement, PATIENCE_MS);
    if (row === undefined) throw new Error('the audit insert returned no row');
    return { seq: Number(row.seq) };
  } catch (error) {
    if (mintRefusal(error) === undefined) metrics.auditAppendFailures.inc();
    throw error;
  } finally {
    leave?.();
  }
}

/**
 * Records a mint with {@link recordAuditEventNow}. The database refuses the row if the installation, the API key or the
 * membership has ended since the mint began, or if the operator has stopped minting.
 *
 * @returns the row's number; or why the database refused the row, in which case the token must not be used
 */
export async function recordMint(
  event: AuditContext & Extract<AuditFact, { type: 'github.token_minted' }>,
): Promise<{ seq: number } | MintRefusal> {
  try {
    return await recordAuditEventNow(event);
  } catch (error) {
    const refusal = mintRefusal(error);
    if (refusal === undefined) throw error;
    return refusal;
  }
}

/** Returns what the audit log holds about a workload, besides the actor's label; nothing for another actor. */
export function workloadDetails(actor: Actor): {
  workload?: Pick<WorkloadActor, 'issuer' | 'subject' | 'rule'>;
} {
  if (actor.type !== 'workload') return {};
  const { issuer, subject, rule } = actor;
  return { workload: { issuer, subject, rule } };
}

/** Cap on the repositories named in the audit row. The row always states the total. */
const MAX_NAMED = 100;

/** Returns the repository details for an audit event. */
export function describeRepositories(
  repositories: readonly { id: bigint | number; owner: string; name: string }[],
): Pick<AuditDetails<'github.repositories_added'>, 'count' | 'repositories'> {
  return {
    count: repositories.length,
    repositories: repositories
      .slice(0, MAX_NAMED)
      .map(({ id, owner, name }) => ({ id: Number(id), full_name: `${owner}/${name}` })),
  };
}

const MAX_USER_AGENT_CHARACTERS = 400;

type EventToInsert = Omit<AuditContext, 'workspaceId'> & {
  type: string;
  details?: object;
  workspaceId: string | Sql;
};

const detailsOf = ({ details }: Pick<EventToInsert, 'details'>): string =>
  JSON.stringify(cleanJson(details ?? {}));

/** Builds the INSERT statement. The app's database role isn't allowed to set any other column (prisma/grants.sql). */
function insertOf(event: EventToInsert, details = sql`${detailsOf(event)}::jsonb`): Sql {
  const { actor, origin } = event;
  const userAgent =
    origin.userAgent === null ? null : clean(origin.userAgent.slice(0, MAX_USER_AGENT_CHARACTERS));
  return sql`INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, installation_id,
      client_ip, user_agent, request_id, details)
    SELECT ${event.workspaceId}::uuid, ${event.type}, ${actor.type}, ${clean(actor.id)}, ${clean(actor.label)},
      ${event.installationId ?? null}::bigint, ${origin.clientIp}::inet, ${userAgent}, ${clean(origin.requestId)},
      ${details}`;
}

/** Replaces U+0000 and lone surrogates, which PostgreSQL rejects in text and jsonb. */
function clean(value: string): string {
  return value.replaceAll('\u0000', '\uFFFD').toWellFormed();
}

/** Cleans all keys and values, and drops properties that are `undefined`. */
function cleanJson(value: Json | object): Json {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) return value.map(cleanJson);
  if (value === null || typeof value !== 'object') return value;
  const given = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(given.map(([key, item]) => [clean(key), cleanJson(item)]));
}
