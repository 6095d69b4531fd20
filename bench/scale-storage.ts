/** Measures what one mint costs PostgreSQL: processor time, write-ahead log and disk. */
import { cpuTime } from './cpu-time';
import { withDatabase } from './operator';
import { mints, spread } from './scale-load';
import type { Replica, ScaleWorld } from './scale-world';

type Sizes = { rows: number; table: number; btrees: number; gin: number };

/** Sizes of the audit log in bytes. `gin` is the index for text search. */
const SIZES = `SELECT (SELECT count(*)::int FROM audit_events) AS rows,
  pg_table_size('audit_events')::float8 AS table,
  sum(pg_relation_size(indexrelid)) FILTER (WHERE amname = 'btree')::float8 AS btrees,
  sum(pg_relation_size(indexrelid)) FILTER (WHERE amname = 'gin')::float8 AS gin
  FROM pg_index JOIN pg_class ON oid = indexrelid JOIN pg_am ON pg_am.oid = relam WHERE indrelid = 'audit_events'::regclass`;

/** Returns a note about a mint's cost in the database, on average over the mints of some seconds. */
export async function storageOfMints(
  world: ScaleWorld,
  replicas: Replica[],
  connections: number,
  seconds: number,
): Promise<string> {
  return withDatabase(world.ownerUrl, async (db) => {
    const read = async <T>(text: string) => (await db.query(text)).rows as T[];
    const wal = async () =>
      (await read<{ bytes: number }>(`SELECT pg_current_wal_lsn() - '0/0' AS bytes`))[0]?.bytes ?? 0;
    const processes = (await read<{ pid: number }>('SELECT pid FROM pg_stat_activity')).map(({ pid }) => pid);
    const used = async () => Promise.all(processes.map(cpuTime));
    const [walBefore, before, minted] = [await wal(), await used(), await world.countMints()];
    await mints(world, replicas, spread(world, connections), seconds);
    const [walAfter, after] = [await wal(), await used()];
    const count = (await world.countMints()) - minted;
    // A connection that was closed meanwhile can no longer be read.
    const deltas = after.map((time, at) => time - (before[at] ?? 0)).filter((delta) => delta >= 0);
    const cpuMs = deltas.reduce((total, each) => total + each, 0) / count;
    const [sizes] = await read<Sizes>(SIZES);
    if (sizes === undefined) throw new Error('the audit log has no sizes');
    const each = (bytes: number) => `${(bytes / sizes.rows / 1000).toFixed(2)} kB`;
    return (
      `one mint costs PostgreSQL ${cpuMs.toFixed(2)} ms of processor time and ${((walAfter - walBefore) / count / 1000).toFixed(1)} kB of write-ahead log (${count} mints in ${seconds} s). ` +
      `Each of ${sizes.rows} events takes ${each(sizes.table + sizes.btrees + sizes.gin)} on disk: table ${each(sizes.table)}, B-trees ${each(sizes.btrees)}, index for text search ${each(sizes.gin)}`
    );
  });
}
