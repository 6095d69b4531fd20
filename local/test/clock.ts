/** Lets tests write events that are hours old, through the database's own trigger. */
import type pg from 'pg';

/** Makes the chain's trigger write times in the past, with the matching hashes. 0 restores the current time. */
export async function setChainClock(owner: pg.Client, minutesAgo: number): Promise<void> {
  const { rows } = await owner.query<{ text: string }>(
    `SELECT pg_get_functiondef('audit_events_append()'::regprocedure) AS text`,
  );
  const clock = `clock_timestamp()${minutesAgo === 0 ? '' : ` - interval '${minutesAgo} minutes'`}`;
  const text = rows[0]?.text ?? '';
  await owner.query(text.replace(/clock_timestamp\(\)( - interval '\d+ minutes')?/, clock));
}
