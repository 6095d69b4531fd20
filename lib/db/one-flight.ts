import type { QueryConfig } from 'pg';
import { getPool } from './pool';
import { frequent, prepare, replaceRejected, type Sql, sql } from './sql';

/** A statement of a flight. Without a name, it isn't prepared. */
export type FlightPart = { text: string; name?: string; values: readonly unknown[] };

/** The part of `pg`'s connection that its own queries send their messages by. */
type Connection = {
  stream: { cork(): void; uncork(): void };
  parsedStatements: Record<string, string>;
  parse(statement: { name: string; text: string }): void;
  bind(bound: { statement: string; values: BoundValue[] }): void;
  execute(portal: object): void;
  sync(): void;
};

type BoundValue = string | null;

function bind(value: unknown): BoundValue {
  if (value === null) return null;
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object' || value === undefined)
    throw new TypeError('a flight cannot bind this value');
  return String(value);
}

/** Sets the limit that `inStatements` has for a statement, from the next statement to the end of the transaction. */
const LIMIT = frequent(sql`SELECT set_config('statement_timeout', '30000', true)`);

type Callback = (error: unknown, counts?: number[]) => void;

/**
 * Several statements in one write, with one Sync behind the last. PostgreSQL runs the messages before a Sync in one
 * implicit transaction: it commits at the Sync, or skips all statements after one that fails, and rolls back. `pg` calls
 * these methods as it does those of `pg-cursor`. It closes the connection of a flight that failed.
 *
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
export class Flight {
  /** Set by `pg`. */
  callback: Callback | undefined;
  /** The number of rows that each completed statement has written or returned. */
  readonly counts: number[] = [];
  readonly #values: BoundValue[][];

  constructor(readonly parts: readonly FlightPart[]) {
    this.#values = parts.map(({ values }) => values.map(bind));
  }

  submit(connection: Connection): void {
    connection.stream.cork();
    for (const [at, { name = '', text }] of this.parts.entries()) {
      if (name === '' || connection.parsedStatements[name] === undefined) connection.parse({ name, text });
      // If it can't be parsed, the flight fails, and its connection is closed.
      if (name !== '') connection.parsedStatements[name] = text;
      connection.bind({ statement: name, values: this.#values[at] ?? [] });
      connection.execute({});
    }
    connection.sync();
    connection.stream.uncork();
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.counts.push(Number(text.slice(text.lastIndexOf(' ') + 1)));
  }

  /** The transaction has committed. */
  handleReadyForQuery(): void {
    this.callback?.(null, this.counts);
  }

  handleError(error: unknown): void {
    this.callback?.(error);
  }

  handleDataRow(): void {}
}

/**
 * Runs statements in one transaction and one round trip, on the `work` lane. Each Sync of `inStatements` wakes the
 * database and this process once, which costs more CPU time than a short statement. All statements are sent before the
 * first has a result. Their values are numbers, text, times or null, and their rows are discarded.
 *
 * @param onFailure called with the position of a statement that failed; `statements.length` if only the commit failed
 * @returns the number of rows that each statement has written
 * @throws the database's error, in which case nothing has changed
 */
export async function executeInOneFlight(
  statements: readonly Sql[],
  onFailure: (at: number) => void,
): Promise<number[]> {
  const all = [LIMIT, ...statements];
  const prepared = all.map((statement) => prepare('work', statement));
  const flight = new Flight(all.map(({ text, values }, at) => ({ text, values, ...prepared[at] })));
  try {
    return await send(flight);
  } catch (error) {
    const failedAt = flight.counts.length;
    const [statement, named] = [all[failedAt], prepared[failedAt]];
    if (statement === undefined || named === undefined || !replaceRejected(error, statement, named)) {
      onFailure(failedAt - 1);
      throw error;
    }
    return await send(new Flight(all));
  }
}

async function send(flight: Flight): Promise<number[]> {
  const counts = await getPool('work').query(flight as unknown as QueryConfig);
  return (counts as unknown as number[]).slice(1);
}
