import { Client, type Pool, type PoolClient } from 'pg';

/** The part of `pg` that its types leave out. */
type Internals = {
  host: string;
  port: number;
  processID: number | null;
  secretKey: number | null;
  connection: {
    ssl: unknown;
    stream: { destroy(): void };
    connect(port: number | string, host?: string): void;
    cancel(processId: number, secretKey: number): void;
    once(event: 'connect' | 'sslconnect' | 'end', listener: () => void): void;
    on(event: 'error', listener: () => void): void;
  };
};

/** How long a cancellation may take before the connection is closed without it. */
const CANCEL_WAIT_MS = 2000;

/**
 * Cancels the statement that a connection runs. Closing the connection does not: PostgreSQL notices a closed connection
 * only once it sends the result, so a statement that waits for a lock would wait on. Poolers pass cancellations on.
 *
 * Call this before the connection is closed, because a pooler forgets closed connections.
 *
 * @returns a promise that settles when the server has received the cancellation, and never rejects
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS
 */
export function cancelStatement(pool: Pool, client: PoolClient): Promise<void> {
  const { processID, secretKey } = client as unknown as Internals;
  if (processID === null || secretKey === null) return Promise.resolve();
  const { connection, host, port } = new Client(pool.options) as unknown as Internals;
  return new Promise((resolve) => {
    const give = () => {
      clearTimeout(timer);
      connection.stream.destroy();
      resolve();
    };
    const timer = setTimeout(give, CANCEL_WAIT_MS).unref();
    connection.on('error', give);
    // The server closes the connection as its only response.
    connection.once('end', give);
    connection.once(connection.ssl ? 'sslconnect' : 'connect', () => connection.cancel(processID, secretKey));
    // A host that begins with a slash is the folder of a Unix socket.
    if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`);
    else connection.connect(port, host);
  });
}

/**
 * Closes a connection immediately, so that its statements fail. `end` alone waits for the responses to statements that
 * were sent together, and a hung server never sends them.
 */
export async function closeConnection(client: PoolClient): Promise<void> {
  const ended = client.end();
  (client as unknown as Internals).connection.stream.destroy();
  await ended.catch(() => {});
}
