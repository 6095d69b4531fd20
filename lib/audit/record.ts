import type { QueryConfig } from 'pg';
import type { Transaction } from '../db/client';
import { getPool } from '../db/pool';
import { metrics } from '../observability/metrics';
import { AUDIT_INSERT_COLUMNS, auditInsertValues, type NewAuditEvent } from './event';

const INSERT = `INSERT INTO audit_events (${AUDIT_INSERT_COLUMNS})
  VALUES ($1::uuid, $2, $3, $4, $5, $6::bigint, $7::inet, $8, $9, $10::jsonb)`;

/**
 * Milliseconds. A token waits for its row: when the database does not answer by then, the caller gets 503 rather than
 * silence. The row may still be written; it then tells of a token that was revoked and never left.
 */
const PATIENCE_MS = 5000;

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
  await counted(tx.$executeRawUnsafe(INSERT, ...auditInsertValues(event)));
}

/** The id, sequence number and hash that the database gave an event. */
export type RecordedEvent = { id: string; seq: number; hash: string };

async function insertNow(event: NewAuditEvent): Promise<RecordedEvent> {
  const query: QueryConfig & { query_timeout: number } = {
    name: 'audit-insert',
    text: `${INSERT} RETURNING id, seq, hash`,
    values: auditInsertValues(event),
    query_timeout: PATIENCE_MS,
  };
  const { rows } = await getPool().query<{ id: string; seq: string; hash: string }>(query);
  const row = rows[0];
  if (row === undefined) throw new Error('the audit insert returned no row');
  return { id: row.id, seq: Number(row.seq), hash: row.hash };
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
 * Appends an event by itself and returns when it is committed. On `pg` and prepared, because this is the hot path
 * of a mint: one round trip, where Prisma takes a transaction of three.
 *
 * @returns the event's id, sequence number and hash
 */
export function recordAuditEventNow(event: NewAuditEvent): Promise<RecordedEvent> {
  return counted(insertNow(event));
}
