import { type CustomTypesConfig, type PoolClient, Query, type QueryArrayConfig } from 'pg';
import { Bulkhead, onePerProcess } from '../async';
import { Problem } from '../problem';
import { LANES } from './pool';
import { inTransactionOn, onLane, type Sql } from './sql';

/** How long a statement for a page or an API list may run in the database. */
const STATEMENT_TIMEOUT_MS = 5000;

/**
 * How long one batch of an export may run. Cancelling a batch would truncate the exported file, so the limit is long:
 * only a stuck database should reach it.
 */
const BATCH_TIMEOUT_MS = 30_000;

/** Reads of one workspace that may run concurrently in this process. */
export const READS_PER_WORKSPACE = 2;

/**
 * Slots reserved for workspaces without a running read, so that a third workspace gets a slot even if two others run
 * slow reads.
 */
const SPARE_READS = 2;

/** Reads of one workspace that may wait for a slot: enough for a few open tabs, an export and a verification. */
const WAITING_READS = 32;

/** How long a page or an API list waits for a slot. After that, the caller is told to retry. */
const WAIT_MS = 3000;

/**
 * How long one batch of an export waits for a slot. The wait is long, because a refusal would truncate the exported
 * file.
 */
export const BATCH_WAIT_MS = 60_000;

const slots = onePerProcess(
  'bulk reads',
  () =>
    new Bulkhead({
      inAll: LANES.reads.connections,
      each: READS_PER_WORKSPACE,
      waiting: WAITING_READS,
      spare: SPARE_READS,
    }),
);

/** The SQLSTATE of a statement that the database cancelled. */
const QUERY_CANCELED = '57014';

export type BulkRead<Row> = {
  workspaceId: string;
  statement: Sql<Row>;
  /**
   * How long to wait for a slot, in milliseconds; by default, as long as a page waits. Pass {@link BATCH_WAIT_MS} for a
   * batch, which also gets the longer statement timeout.
   */
  waitMs?: number;
  /** Tells the caller what to do if the read takes too long. */
  advice?: string | undefined;
  /**
   * Reads indexes in their order, so that a LIMIT ends the read early. PostgreSQL would otherwise read large parts of an
   * index and sort them, if it was not vacuumed lately or has no statistics about a workspace. `merge` also keeps it from
   * comparing each event of one index with all events of another.
   */
  inOrder?: 'merge' | 'nested' | undefined;
};

/**
 * Runs a read that may scan much of a workspace's data, such as a search, a chart or a batch of an export. These reads
 * have their own connections, a limit per workspace, and a timeout per statement.
 *
 * @throws {Problem} `rate_limited` if the workspace has too many reads, `database_unavailable` if the read takes too
 *   long
 */
export function readInBulk<Row>(read: BulkRead<Row>): Promise<Row[]> {
  return inSlot(read, async (client) => (await client.query<Row & object>(onLane(read.statement))).rows);
}

/**
 * Works like {@link readInBulk}, but passes on each row as it arrives, as the text of its columns, and keeps none. So a
 * caller can store a large result in a form that suits it.
 *
 * @param onRow must not throw
 */
export function readRowsInBulk(
  read: BulkRead<unknown>,
  onRow: (values: (string | null)[]) => void,
): Promise<void> {
  const { text, values } = read.statement;
  const config: QueryArrayConfig = { text, values, rowMode: 'array', types: AS_TEXT };
  return inSlot(
    read,
    (client) =>
      new Promise((resolve, reject) => {
        const rows = new Query<(string | null)[]>(config);
        rows.on('row', onRow);
        rows.on('error', reject);
        rows.on('end', () => resolve());
        client.query(rows);
      }),
  );
}

const PLANS = {
  merge: '; SET LOCAL enable_sort = off; SET LOCAL enable_nestloop = off',
  nested: '; SET LOCAL enable_sort = off',
};

const AS_TEXT: CustomTypesConfig = { getTypeParser: () => (text: string) => text };

/**
 * Waits for a slot and a connection, and runs `work` with the read's timeout. The timeout is set inside a transaction,
 * because a pooler gives the connection to another client afterwards.
 */
async function inSlot<T>(
  { workspaceId, waitMs = WAIT_MS, advice = 'Narrow it down and try again.', inOrder }: BulkRead<unknown>,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const leave = await slots().enter(workspaceId, waitMs);
  if (leave === undefined)
    throw new Problem(
      'rate_limited',
      'Too many searches and exports run at the same time. Try again in 5 s.',
      { retryAfterSeconds: 5 },
    );
  const timeoutMs = waitMs < BATCH_WAIT_MS ? STATEMENT_TIMEOUT_MS : BATCH_TIMEOUT_MS;
  try {
    const begin = `BEGIN READ ONLY; SET LOCAL statement_timeout = ${timeoutMs}${inOrder === undefined ? '' : PLANS[inOrder]}`;
    return await inTransactionOn('reads', begin, work);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === QUERY_CANCELED)) throw error;
    throw new Problem('database_unavailable', `This search took too long. ${advice}`, { cause: error });
  } finally {
    leave();
  }
}
