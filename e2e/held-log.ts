/** Creates a long log, and blocks the database at some of its events so that a test can inspect work in progress. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { appEnvironment } from './fixtures';
import { asDatabaseOwner, workspaceId } from './installations';

/** Adds this many events to the log. They're invitations, which the chart of tokens doesn't count. */
export async function addEvents(slug: string, count: number): Promise<void> {
  await asDatabaseOwner(async (db) => {
    const workspace = await workspaceId(db, slug);
    // Insert in batches. For each event, the trigger updates the chain's head, and such updates become slower and
    // slower within one transaction.
    for (let from = 1; from <= count; from += 1_000)
      await db.query(
        `INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, request_id, details)
          SELECT $1, 'member.invited', 'user', 'u', E'two\nlines, "quoted"', 'r' || n,
            jsonb_build_object('email', 'mia' || n || '@acme.test')
          FROM generate_series($2::int, $3::int) AS n`,
        [workspace, from, Math.min(from + 999, count)],
      );
    // Analyze the table, as autovacuum does on a real database. Otherwise, the planner might not use an index to read a
    // page of the log.
    await db.query('ANALYZE audit_events');
  });
}

export interface Hold {
  /** Unblocks the database at this event. */
  release(seq: number): Promise<void>;
  /** Resolves once the app is blocked at this event. */
  waitUntilReached(seq: number): Promise<void>;
  /**
   * Waits until the app is blocked at this event or has stopped reading. True if it's blocked; false if it has stopped.
   */
  isReachedInTheEnd(seq: number): Promise<boolean>;
}

type Held = { slug: string; seqs: number[]; how: 'wait' | 'fail' };

/**
 * Keeps the app from reading certain events during `run`. A query that reaches one of them either fails or waits until
 * the test releases the event.
 */
export async function whileHeld(
  { slug, seqs, how }: Held,
  run: (hold: Hold) => Promise<void>,
): Promise<void> {
  const db = new pg.Client(appEnvironment().MIGRATION_DATABASE_URL);
  await db.connect();
  try {
    const workspace = await workspaceId(db, slug);
    for (const seq of seqs) await db.query('SELECT pg_advisory_lock($1)', [seq]);
    await db.query(`
      CREATE FUNCTION reach_held_event(seq bigint) RETURNS boolean LANGUAGE plpgsql AS $$
        BEGIN
          ${how === 'fail' ? "RAISE 'as if the disk had failed';" : 'PERFORM pg_advisory_xact_lock_shared(seq);'}
          RETURN true;
        END $$;
      GRANT EXECUTE ON FUNCTION reach_held_event(bigint) TO PUBLIC;
      CREATE POLICY held ON audit_events USING (
        CASE WHEN workspace_id = '${workspace}' AND seq IN (${seqs.join()}) THEN reach_held_event(seq) ELSE true END);
      ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;`);
    await run(holdOf(db));
  } finally {
    await db.query('SELECT pg_advisory_unlock_all()');
    await db.query(`
      ALTER TABLE audit_events DISABLE ROW LEVEL SECURITY;
      DROP POLICY IF EXISTS held ON audit_events;
      DROP FUNCTION IF EXISTS reach_held_event;`);
    await db.end();
  }
}

const POLL_MS = 50;
const QUIET_POLLS = 10;

function holdOf(db: pg.Client): Hold {
  const isReached = async (seq: number): Promise<boolean> => {
    const waiting = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted`;
    return (await db.query(waiting, [seq])).rows.length > 0;
  };
  const isReading = async (): Promise<boolean> => {
    const reading = `SELECT 1 FROM pg_stat_activity
      WHERE state = 'active' AND query LIKE '%FROM audit_events%' AND pid <> pg_backend_pid()`;
    return (await db.query(reading)).rows.length > 0;
  };
  return {
    async release(seq) {
      await db.query('SELECT pg_advisory_unlock($1)', [seq]);
    },
    async waitUntilReached(seq) {
      while (!(await isReached(seq))) await sleep(POLL_MS);
    },
    async isReachedInTheEnd(seq) {
      for (let quiet = 0; quiet < QUIET_POLLS; quiet = (await isReading()) ? 0 : quiet + 1) {
        if (await isReached(seq)) return true;
        await sleep(POLL_MS);
      }
      return isReached(seq);
    },
  };
}
