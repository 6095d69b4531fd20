import { createHash } from 'node:crypto';
import { type PoolClient, type QueryResult, types } from 'pg';
import { getConfig } from '../config';
import { Prisma } from './generated/client';
import { getPool, type LaneName, writeTogether } from './pool';
import { whyRejected } from './prepared';

/** A statement or part of a statement, with its values as bound parameters. `Row` is the type of the returned rows. */
export type Sql<Row = unknown> = Prisma.Sql & { readonly rowType?: Row; readonly isFrequent?: true };

/**
 * Builds SQL from a template. An interpolated value becomes a bound parameter; an interpolated {@link Sql} becomes part
 * of the text.
 *
 * @see docs/decisions/0016-sql-by-one-rule.md
 */
export function sql<Row = unknown>(text: TemplateStringsArray, ...values: unknown[]): Sql<Row> {
  return Prisma.sql(text, ...values);
}

/**
 * Converts text to part of a statement. The text isn't escaped, so pass only constants from the code, never text from a
 * caller.
 */
export const constantSql: (text: string) => Sql = Prisma.raw;

/**
 * Marks a statement that deliveries send often, so that it is prepared like those of the lane `mint`. Its text must not
 * depend on its values, and its best plan must not either.
 */
export function frequent<Row>(statement: Sql<Row>): Sql<Row> {
  return Object.assign(statement, { isFrequent: true } as const);
}

/** Joins parts with a separator: `joinSql([a, b], ' AND ')`. At least one part is required. */
export const joinSql: (parts: readonly Sql[], separator: string) => Sql = (parts, separator) =>
  Prisma.join([...parts], separator);

/** Sends statements: a Prisma client, a Prisma transaction, or a transaction of {@link inStatements}. */
export type Statements = {
  $queryRaw<T>(statement: Prisma.Sql): PromiseLike<T>;
  $executeRaw(statement: Prisma.Sql): PromiseLike<number>;
  /** Keeps a statement to send with COMMIT. Missing in Prisma's transactions, which send COMMIT by itself. */
  executeLast?(statement: Prisma.Sql, onFailure: () => void): void;
};

/**
 * A lane of the connection pool, where each statement commits on its own; or a client or transaction that sends
 * statements.
 */
export type Database = LaneName | Statements;

/** OIDs of `bigint` and `bigint[]`, which `pg` returns as text by default. */
const BIGINT_OID = 20;
const BIGINTS_OID = 1016;

/**
 * Parses `bigint` and `bigint[]` as Prisma does, so that a row has the same types whether Prisma or `pg` returns it.
 */
const PARSERS = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => {
    if (oid === BIGINT_OID) return BigInt;
    const parse = types.getTypeParser(oid, format ?? 'text');
    return oid === BIGINTS_OID ? (text: string) => parse(text).map(BigInt) : parse;
  },
} as typeof types;

/**
 * Runs a statement and returns its rows. `bigint` becomes a BigInt, even in arrays, and `timestamptz` becomes a Date.
 *
 * @param timeoutMs how long to wait for the response; ignored unless `db` is a lane
 * @throws the database's error
 */
export async function query<Row>(db: Database, statement: Sql<Row>, timeoutMs?: number): Promise<Row[]> {
  if (typeof db !== 'string') return db.$queryRaw<Row[]>(statement);
  return (await queryLane(db, statement, timeoutMs)).rows;
}

async function queryLane(db: LaneName, statement: Sql, timeoutMs?: number): Promise<QueryResult> {
  const asText = onLane(statement, timeoutMs);
  const named = prepare(db, statement);
  if (named === undefined) return getPool(db).query(asText);
  try {
    return await getPool(db).query({ ...asText, ...named });
  } catch (error) {
    if (!replaceRejected(error, statement, named)) throw error;
    return getPool(db).query(asText);
  }
}

/** @returns `true` if the statement was rejected because it was prepared, so that it must be sent again as text */
export function replaceRejected(error: unknown, { text }: Sql, named: Prepared): boolean {
  const reason = whyRejected(error);
  if (reason === 'lost') keepsStatements = false;
  // PgBouncer finds prepared statements by their text, so the same text would run the stale one again. The first of
  // several statements in flight replaces it.
  if (reason === 'stale' && prepared.get(text) === named) addPrepared(text, `${named.text} --`);
  return reason !== undefined;
}

/** A statement as it is sent to be prepared. */
type Prepared = { name: string; text: string };

/** The prepared statements by their text in the code. */
const prepared = new Map<string, Prepared>();

/** Becomes false for good if a pooler has lost a prepared statement. */
let keepsStatements = true;

/** Cap on prepared statements. Mints and deliveries have about ten texts each. PgBouncer keeps 200 for each connection. */
const MOST_PREPARED = 50;

/**
 * Returns what to send if the statement is frequent or runs on the lane `mint`, and DATABASE_PREPARED_STATEMENTS allows to
 * prepare it.
 */
export function prepare(lane: LaneName, { text, isFrequent }: Sql): Prepared | undefined {
  if ((lane !== 'mint' && isFrequent !== true) || !getConfig().preparesStatements || !keepsStatements)
    return undefined;
  const known = prepared.get(text);
  if (known !== undefined || prepared.size >= MOST_PREPARED) return known;
  return addPrepared(text, text);
}

/** Names a statement by a hash of its text, so that processes of two versions can share a pooler's connections. */
function addPrepared(text: string, sent: string): Prepared {
  const added = { name: createHash('sha256').update(sent).digest('base64url'), text: sent };
  prepared.set(text, added);
  return added;
}

/**
 * Runs a statement that returns no rows.
 *
 * @returns the number of rows written
 * @throws the database's error
 */
export async function execute(db: Database, statement: Sql): Promise<number> {
  if (typeof db !== 'string') return db.$executeRaw(statement);
  return (await queryLane(db, statement)).rowCount ?? 0;
}

/**
 * Runs a statement at the end of a transaction. It returns no rows. In {@link inStatements} it travels with COMMIT, after
 * the statements passed before it. That saves a round trip, during which the transaction would hold its locks. If the
 * statement fails, the transaction then fails, and not this call.
 *
 * @param onFailure called if the statement fails
 */
export async function executeLast(tx: Statements, statement: Sql, onFailure: () => void): Promise<void> {
  if (tx.executeLast !== undefined) return tx.executeLast(statement, onFailure);
  try {
    await execute(tx, statement);
  } catch (error) {
    onFailure();
    throw error;
  }
}

/** Converts the statement to the shape that `pg` expects. */
export function onLane({ text, values }: Sql, timeoutMs?: number) {
  return { text, values, types: PARSERS, ...(timeoutMs === undefined ? {} : { query_timeout: timeoutMs }) };
}

/** Time limit for a statement, and for the pause before a transaction's next statement. */
const STATEMENT_TIMEOUT_MS = 30_000;

const BEGIN = `BEGIN; SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS};
  SET LOCAL idle_in_transaction_session_timeout = ${STATEMENT_TIMEOUT_MS}`;

/**
 * Runs `work` in a transaction on the `work` lane. Prisma's transactions take one more round trip and several times the
 * CPU time, so frequent transactions that don't need Prisma's models use this one. The lane's `leaseMs` limits its
 * duration.
 *
 * The transaction is pipelined. Statements that `work` sends without waiting for one another take one round trip
 * together. PostgreSQL runs them in the order in which they were sent, and if one fails, those after it fail too.
 *
 * If a prepared statement is rejected as such, the transaction is rolled back, and `work` runs again.
 *
 * @throws whatever `work` throws, after a rollback; or the database's error
 */
export async function inStatements<T>(work: (tx: Statements) => Promise<T>): Promise<T> {
  let hasFailed = false;
  let isRejected = false;
  const sendPrepared: Send = async (client, statement) => {
    const named = prepare('work', statement);
    try {
      return await client.query({ ...onLane(statement), ...named });
    } catch (error) {
      if (named !== undefined) uncertain.add(client);
      // PostgreSQL prepares nothing once a statement has failed. Without its name, those behind it look lost.
      isRejected ||= !hasFailed && named !== undefined && replaceRejected(error, statement, named);
      hasFailed = true;
      throw error;
    }
  };
  try {
    return await runStatements(work, sendPrepared);
  } catch (error) {
    if (!isRejected) throw error;
    return await runStatements(work, sendText);
  }
}

/**
 * Connections on which a prepared statement has failed. `pg` prepares it again there if PostgreSQL has not done so. But
 * PgBouncer keeps a name even then, and ends a connection that prepares the same name twice.
 */
const uncertain = new WeakSet<PoolClient>();

function runStatements<T>(work: (tx: Statements) => Promise<T>, send: Send): Promise<T> {
  const run: TransactionWork<T> = (client, executeLast) =>
    work({
      $queryRaw: async <R>(statement: Sql) => (await send(client, statement)).rows as R,
      $executeRaw: async (statement) => (await send(client, statement)).rowCount ?? 0,
      executeLast,
    });
  return inTransactionOn('work', BEGIN, run, send);
}

type ExecuteLast = NonNullable<Statements['executeLast']>;
type TransactionWork<T> = (client: PoolClient, executeLast: ExecuteLast) => Promise<T>;
type Send = (client: PoolClient, statement: Sql) => Promise<QueryResult>;

const sendText: Send = (client, statement) => client.query(onLane(statement));

/**
 * Runs `work` in a pipelined transaction on a connection of this lane.
 *
 * @param begin the statements that begin the transaction and set its limits
 * @param work its second argument keeps a statement to send with COMMIT
 * @throws whatever `work` throws, after a rollback; or the database's error
 */
export async function inTransactionOn<T>(
  lane: LaneName,
  begin: string,
  work: TransactionWork<T>,
  send = sendText,
): Promise<T> {
  const client = Object.assign(await getPool(lane).connect(), { pipeline: true });
  // If the connection is lost, the statement fails with that error. But without a listener, the error would also crash
  // the process.
  const ignoreLoss = () => {};
  client.on('error', ignoreLoss);
  let isClean = false;
  try {
    const last: Parameters<ExecuteLast>[] = [];
    writeTogether(client);
    const begun = client.query(begin);
    // Handled below, once the statements behind it have been sent.
    begun.catch(() => {});
    const result = await work(client, (...call) => last.push(call));
    // Without a transaction, PostgreSQL would commit each statement by itself and still accept COMMIT.
    await begun;
    writeTogether(client);
    const sent = last.map(([statement, onFailure]) =>
      send(client, statement).catch((error: unknown) => {
        onFailure();
        throw error;
      }),
    );
    const [{ command }] = await Promise.all([client.query('COMMIT'), ...sent]);
    isClean = true;
    // PostgreSQL answers COMMIT with ROLLBACK if a statement failed and `work` swallowed its error.
    if (command !== 'COMMIT') throw new Error('nothing was committed, because a statement had failed');
    return result;
  } catch (error) {
    isClean ||= await client.query('ROLLBACK').then(
      () => true,
      () => false,
    );
    throw error;
  } finally {
    client.off('error', ignoreLoss);
    client.pipeline = false;
    client.release(!isClean || uncertain.has(client));
  }
}

/** Escapes `%`, `_` and `\`, so that `LIKE` matches them literally. */
export function likeLiteral(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
