import { types } from 'pg';
import type { Transaction } from './client';
import { Prisma } from './generated/client';
import { getPool, type LaneName } from './pool';

/** A statement, or a part of one, whose values are bound parameters. `Row` is the type of its rows. */
export type Sql<Row = unknown> = Prisma.Sql & { readonly rowType?: Row };

/**
 * Builds SQL. An interpolated value becomes a bound parameter, and an interpolated {@link Sql} a part of the text.
 *
 * @see docs/decisions/0016-sql-by-one-rule.md
 */
export function sql<Row = unknown>(text: TemplateStringsArray, ...values: unknown[]): Sql<Row> {
  return Prisma.sql(text, ...values);
}

/** Makes a part of a statement from text. The text must be a constant of the code, never a caller's. */
export const constantSql: (text: string) => Sql = Prisma.raw;

/** Joins at least one part: `joinSql([a, b], ' AND ')`. */
export const joinSql: (parts: readonly Sql[], separator: string) => Sql = (parts, separator) =>
  Prisma.join([...parts], separator);

/** A lane of the pool, or a transaction or client of Prisma. */
export type Database = LaneName | Pick<Transaction, '$queryRaw' | '$executeRaw'>;

/** OIDs of `bigint` and `bigint[]`, which `pg` returns as text by default. */
const BIGINT_OID = 20;
const BIGINTS_OID = 1016;

/** Reads `bigint` and `bigint[]` as Prisma does, so that a row has one type on either way. */
const PARSERS = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => {
    if (oid === BIGINT_OID) return BigInt;
    const parse = types.getTypeParser(oid, format ?? 'text');
    return oid === BIGINTS_OID ? (text: string) => parse(text).map(BigInt) : parse;
  },
} as typeof types;

/**
 * Runs a statement, and returns its rows. `bigint` becomes a BigInt, in arrays too, and `timestamptz` a Date.
 *
 * @param timeoutMs the longest wait for the response. Only a lane has this limit
 * @throws the database's error
 */
export async function query<Row>(db: Database, statement: Sql<Row>, timeoutMs?: number): Promise<Row[]> {
  if (typeof db !== 'string') return db.$queryRaw<Row[]>(statement);
  const { rows } = await getPool(db).query(onLane(statement, timeoutMs));
  return rows;
}

/**
 * Runs a statement without rows, and returns how many rows it wrote.
 *
 * @throws the database's error
 */
export async function execute(db: Database, statement: Sql): Promise<number> {
  if (typeof db !== 'string') return db.$executeRaw(statement);
  const { rowCount } = await getPool(db).query(onLane(statement));
  return rowCount ?? 0;
}

/** Returns the statement as `pg` takes it. */
export function onLane({ text, values }: Sql, timeoutMs?: number) {
  return { text, values, types: PARSERS, ...(timeoutMs === undefined ? {} : { query_timeout: timeoutMs }) };
}

/** Escapes `%`, `_` and `\`, so that `LIKE` takes them literally. */
export function likeLiteral(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
