import type { Pool } from 'pg';
import { log } from '../observability/log';
import { getPool } from './pool';

type Row = { fsync: string; full_page_writes: string; standbys: number; synchronous_standby_names: string };

/**
 * The settings that decide durability, and the number of standbys. We count rows of `pg_stat_replication`, because the
 * app's role can't see all of the view's columns.
 */
const SETTINGS = `SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
  current_setting('synchronous_standby_names') AS synchronous_standby_names,
  (SELECT count(*)::int FROM pg_stat_replication) AS standbys`;

/**
 * Finds out why committed audit rows may still be lost. The append trigger makes every commit synchronous, but
 * it can't make up for a server without fsync or for a standby that lags.
 *
 * @returns the warnings; empty if there are none
 * @throws the database's error
 */
export async function findDurabilityRisks(db: Pick<Pool, 'query'> = getPool()): Promise<string[]> {
  const { rows } = await db.query<Row>(SETTINGS);
  const row = rows[0];
  const off = (['fsync', 'full_page_writes'] as const).filter((name) => row?.[name] === 'off');
  const told = off.map((name) => `${name} is off: a crash of the database may lose committed audit rows`);
  if (row !== undefined && row.standbys > 0 && row.synchronous_standby_names === '')
    told.push('standbys are asynchronous: a failover may lose the last audit rows');
  return told;
}

/** Warns the operator of each durability risk, and returns the warnings. */
export async function reportDurability(db?: Pick<Pool, 'query'>): Promise<string[]> {
  const risks = await findDurabilityRisks(db);
  for (const text of risks) log.warn(text);
  return risks;
}
