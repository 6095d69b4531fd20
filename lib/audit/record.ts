import type { QueryConfig } from 'pg';
import { Bulkhead, onePerProcess } from '../async';
import type { Json } from '../contract/audit-event';
import type { Transaction } from '../db/client';
import { getPool, LANES } from '../db/pool';
import { metrics } from '../observability/metrics';
import { Problem } from '../problem';
import type { NewAuditEvent } from './event';

/** The only columns that the app's role may name in an INSERT (prisma/grants.sql). */
const INSERT = `INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, installation_id,
    client_ip, user_agent, request_id, details)
  SELECT $1::uuid, $2, $3, $4, $5, $6::bigint, $7::inet, $8, $9, $10::jsonb`;

const MAX_USER_AGENT_CHARACTERS = 400;

/** Returns the values of `INSERT`. */
function insertValues({ actor, origin, ...event }: NewAuditEvent): unknown[] {
  return [
    event.workspaceId,
    event.type,
    actor.type,
    clean(actor.id),
    clean(actor.label),
    event.installationId ?? null,
    origin.clientIp,
    origin.userAgent === null ? null : clean(origin.userAgent.slice(0, MAX_USER_AGENT_CHARACTERS)),
    clean(origin.requestId),
    JSON.stringify(cleanJson(event.details ?? {})),
  ];
}

/** Replaces what PostgreSQL's text and jsonb refuse: U+0000, and half a surrogate pair. */
function clean(value: string): string {
  return value.replaceAll('\u0000', '\uFFFD').toWellFormed();
}

function cleanJson(value: Json): Json {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) return value.map(cleanJson);
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [clean(key), cleanJson(item)]));
  return value;
}

/**
 * Milliseconds. A token waits for its row: when the database does not answer by then, the caller gets 503 rather than
 * silence. The row may still be written in that moment; it then tells of a token that was revoked and never left.
 */
const PATIENCE_MS = 5000;

/**
 * The database gives up before we do: a statement that waits on for a caller who has gone keeps a connection of the
 * server. In the same statement, which sets it before the row waits for its turn in the chain.
 */
const GIVE_UP = `WHERE set_config('lock_timeout', '${PATIENCE_MS - 1000}', true) <> ''`;

/**
 * The rows of one workspace wait for each other, so that more of them than two would only hold connections. Two
 * connections of the lane are always left to authentication and look-ups.
 */
const INSERTS_PER_WORKSPACE = 2;

const slots = onePerProcess(
  'audit inserts',
  () => new Bulkhead({ inAll: LANES.mint.connections - 2, each: INSERTS_PER_WORKSPACE, waiting: 500 }),
);

function counted<T>(insert: Promise<T>): Promise<T> {
  return insert.catch((error: unknown) => {
    metrics.auditAppendFailures.inc();
    throw error;
  });
}

/**
 * Appends an event inside a transaction, so that it is committed together with what it tells of, or not at all.
 *
 * @throws whatever the database throws: a caller must not go on without the row
 */
export async function recordAuditEvent(
  tx: Pick<Transaction, '$executeRawUnsafe'>,
  event: NewAuditEvent,
): Promise<void> {
  // "Unsafe" is Prisma's word for text with placeholders; every value is a bound parameter.
  await counted(tx.$executeRawUnsafe(INSERT, ...insertValues(event)));
}

/** The id, sequence number and hash that the database gave an event. */
export type RecordedEvent = { id: string; seq: number; hash: string };

async function insertNow(event: NewAuditEvent): Promise<RecordedEvent> {
  const query: QueryConfig & { query_timeout: number } = {
    text: `${INSERT} ${GIVE_UP} RETURNING id, seq, hash`,
    values: insertValues(event),
    query_timeout: PATIENCE_MS,
  };
  const leave = await slots().enter(event.workspaceId, PATIENCE_MS);
  if (leave === undefined)
    throw new Problem('audit_unavailable', 'Too many events of this workspace wait to be recorded.');
  try {
    const { rows } = await getPool('mint').query<{ id: string; seq: string; hash: string }>(query);
    const row = rows[0];
    if (row === undefined) throw new Error('the audit insert returned no row');
    return { id: row.id, seq: Number(row.seq), hash: row.hash };
  } finally {
    leave();
  }
}

/** Why the database refused the row of a mint: nothing was recorded. */
export type MintRefusal = 'installation_ended' | 'authority_ended';

/** SQLSTATEs of the triggers `audit_events_mint` and `audit_events_mint_authority` in the migrations. */
const MINT_REFUSALS: ReadonlyMap<unknown, MintRefusal> = new Map([
  ['55000', 'installation_ended'],
  ['PS401', 'authority_ended'],
]);

/**
 * As {@link recordAuditEventNow}, for a mint. The database refuses the row if the installation, the caller's key or
 * the caller's membership ended while GitHub answered or while the row waited (C13, C19, C20).
 */
export async function recordMint(event: NewAuditEvent): Promise<RecordedEvent | MintRefusal> {
  return counted(
    insertNow(event).catch((error: unknown) => {
      const refusal = error instanceof Error && 'code' in error ? MINT_REFUSALS.get(error.code) : undefined;
      if (refusal === undefined) throw error;
      return refusal;
    }),
  );
}

/**
 * Appends an event by itself and returns when it is committed. On `pg`, because this is the hot path of a mint: one
 * round trip, where Prisma takes a transaction of three.
 *
 * @returns the event's id, sequence number and hash
 */
export function recordAuditEventNow(event: NewAuditEvent): Promise<RecordedEvent> {
  return counted(insertNow(event));
}
