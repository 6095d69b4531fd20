import { AsyncResource } from 'node:async_hooks';
import type { Pool, PoolClient } from 'pg';
import { activeSpan, inClientSpan, serverOf, tracing } from '../observability/tracing';

type Callback = (error: unknown, result?: unknown) => void;
type Query = (...values: unknown[]) => unknown;

/**
 * Gives each statement that this pool sends a span, Prisma's included. While tracing is off, the pool stays as it is.
 *
 * The text of a statement is safe: values travel apart from it.
 */
export function traceStatements(pool: Pool, databaseUrl: string): void {
  if (tracing.tracer === undefined) return;
  const constant = {
    'db.system.name': 'postgresql',
    'db.namespace': new URL(databaseUrl).pathname.slice(1),
    ...serverOf(databaseUrl),
  };
  const detailsOf = (text: string) => {
    const operation = /^\s*(\w+)/.exec(text)?.[1]?.toUpperCase() ?? '_OTHER';
    return {
      name: `${operation} ${constant['db.namespace']}`,
      attributes: { ...constant, 'db.operation.name': operation, 'db.query.text': text },
    };
  };
  // A waiting callback would otherwise run for the request that released the connection.
  const connect = pool.connect.bind(pool) as Query;
  pool.connect = ((callback?: Callback) =>
    callback === undefined ? connect() : connect(AsyncResource.bind(callback))) as Pool['connect'];
  pool.on('connect', (client) => traceClient(client, detailsOf));
}

function traceClient(client: PoolClient, detailsOf: (text: string) => { name: string }): void {
  const query = client.query.bind(client) as Query;
  const traced: Query = (...values) => {
    const [statement] = values;
    const text = textOf(statement);
    if (text === undefined || activeSpan() === undefined) return query(...values);
    const last = values.at(-1);
    if (typeof last !== 'function')
      return inClientSpan(
        () => detailsOf(text),
        async () => query(...values),
      );
    const callback = AsyncResource.bind(last as Callback);
    const sent = inClientSpan(
      () => detailsOf(text),
      () =>
        new Promise((resolve, reject) => {
          query(...values.slice(0, -1), (error: unknown, result: unknown) =>
            error ? reject(error) : resolve(result),
          );
        }),
    );
    sent.then((result) => callback(null, result), callback);
    return undefined;
  };
  client.query = traced as PoolClient['query'];
}

/** Returns the text of a statement; undefined for an object that sends itself, such as a cursor. */
function textOf(statement: unknown): string | undefined {
  if (typeof statement === 'string') return statement;
  if (typeof statement !== 'object' || statement === null || 'submit' in statement) return undefined;
  return 'text' in statement && typeof statement.text === 'string' ? statement.text : undefined;
}
