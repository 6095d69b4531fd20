import type { PoolClient } from 'pg';

/** The part of `pg` that its types leave out. */
type Internals = { connection: { stream: { cork(): void; uncork(): void } } };

/**
 * Sends the statements that a pipelined connection is given before the event loop turns in one write. Each write is a
 * system call that wakes the database, which costs both more than the statement's own bytes.
 */
export function writeTogether(client: PoolClient): void {
  const { stream } = (client as unknown as Internals).connection;
  stream.cork();
  // Runs after all callbacks that are ready, so also after those in which a caller sends the next statements.
  process.nextTick(() => stream.uncork());
}
