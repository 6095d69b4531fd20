import { Bulkhead, onePerProcess } from '../async';
import { Problem } from '../problem';
import { getPool, LANES } from './pool';
import { onLane, type Sql } from './sql';

/** The longest time that a statement of a page or an API list runs in the database. */
const STATEMENT_TIMEOUT_MS = 5000;

/**
 * The longest time for one batch of an export. Ending a batch breaks the whole file, so only a stuck database hits
 * this.
 */
const BATCH_TIMEOUT_MS = 30_000;

/** Concurrent reads of one workspace in this process. */
export const READS_PER_WORKSPACE = 2;

/**
 * Slots that only a workspace without a running read may take. Two workspaces with slow reads then leave a slot to
 * a third one.
 */
const SPARE_READS = 2;

/** The most reads of one workspace that may wait: a few open tabs, an export and a verification. */
const WAITING_READS = 32;

/** The longest wait of a page or an API list for a slot. Later callers are told to retry instead of being queued. */
const WAIT_MS = 3000;

/** The longest wait of one batch of a stream. A refusal would break the file in the middle. */
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

/** SQLSTATE of a statement that the database cancelled. */
const QUERY_CANCELED = '57014';

export type BulkRead<Row> = {
  workspaceId: string;
  statement: Sql<Row>;
  /** Defaults to the wait of a page; {@link BATCH_WAIT_MS} for a batch. */
  waitMs?: number;
};

/**
 * Runs a read that may scan much of a workspace's data: a search, a chart, a batch of an export. Such reads have
 * their own connections, few per workspace, and a timeout per statement.
 *
 * @throws {Problem} `rate_limited` when the workspace has too many reads, `database_unavailable` when one takes too
 *   long
 */
export async function readInBulk<Row>(read: BulkRead<Row>): Promise<Row[]> {
  const leave = await slots().enter(read.workspaceId, read.waitMs ?? WAIT_MS);
  if (leave === undefined)
    throw new Problem(
      'rate_limited',
      'Too many searches and exports run at the same time. Try again in 5 s.',
      { retryAfterSeconds: 5 },
    );
  try {
    return await readWithTimeout(read);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === QUERY_CANCELED)) throw error;
    throw new Problem('database_unavailable', 'This search took too long. Narrow it down and try again.', {
      cause: error,
    });
  } finally {
    leave();
  }
}

/** Sets the timeout in a transaction, because a pooler hands the connection to another client afterwards. */
async function readWithTimeout<Row>({ statement, waitMs = WAIT_MS }: BulkRead<Row>): Promise<Row[]> {
  const timeoutMs = waitMs < BATCH_WAIT_MS ? STATEMENT_TIMEOUT_MS : BATCH_TIMEOUT_MS;
  const client = await getPool('reads').connect();
  // The query fails with the same error. Without a listener, a lost connection ends the process.
  const ignoreLoss = () => {};
  client.on('error', ignoreLoss);
  let isClean = false;
  try {
    await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${timeoutMs}`);
    const { rows } = await client.query(onLane(statement));
    await client.query('COMMIT');
    isClean = true;
    return rows;
  } catch (error) {
    isClean = await client.query('ROLLBACK').then(
      () => true,
      () => false,
    );
    throw error;
  } finally {
    client.off('error', ignoreLoss);
    client.release(!isClean);
  }
}
