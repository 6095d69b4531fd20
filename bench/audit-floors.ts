/** Measures what PostgreSQL alone needs for a page of a large log: the floors of S1. */
import type pg from 'pg';
import type { AuditSide } from './audit-world';
import { withDatabase } from './operator';

/** Two filters that many events match, and no event matches both. */
export const APART = 'type and actor, none in common';
export const APART_FILTER = 'type=github.token_denied&actor=key-7';

/** A text that one event in 91 has. */
export const TEXT = 'text';
const SEARCHED = 'repository-77';
export const TEXT_FILTER = `q=${SEARCHED}`;

/** How many events the app compares in a log of any size, before it uses the index where that is cheaper. */
const SCANNED = 2_000;
/** A page, and the event that shows that there are more. */
const READ = 51;

/** The `seq` of events, oldest or newest first. */
type Direction = 'ASC' | 'DESC';

const OF_WORKSPACE = `workspace_id = (SELECT id FROM workspaces WHERE slug = 'acme')`;

/**
 * Adds PostgreSQL's time to the small page's time, in each round.
 *
 * @returns the ratios to the small page, or `undefined` for a filter that needs no floor
 */
export async function floorOf(
  name: string,
  page: 'first' | 'last',
  { large }: { large: AuditSide },
  pairs: { small: number }[],
): Promise<number[] | undefined> {
  const read = { [APART]: readIndexes, [TEXT]: compareEvents }[name];
  if (read === undefined) return undefined;
  return withDatabase(large.ownerUrl, async (db) => {
    const found: number[] = [];
    for (const { small } of pairs)
      found.push((small + (await read(db, page === 'first' ? 'DESC' : 'ASC'))) / small);
    return found;
  });
}

/** Reads the entries of both filters in their indexes. */
async function readIndexes(db: pg.Client): Promise<number> {
  const started = performance.now();
  for (const filter of ["type = 'github.token_denied'", "actor_id = 'key-7'"])
    await db.query(`SELECT count(seq) FROM audit_events WHERE ${filter} AND ${OF_WORKSPACE}`);
  return performance.now() - started;
}

/**
 * Reads the events that only the large page compares with the text, by their primary key. A small log needs none of them:
 * its few matches are found faster in the index, whereas the index of a large log yields 11,000.
 */
async function compareEvents(db: pg.Client, direction: Direction): Promise<number> {
  const { rows } = await db.query<{ edge: string; found: number }>(
    `SELECT (CASE $1 WHEN 'ASC' THEN max(seq) ELSE min(seq) END)::text AS edge,
        (count(*) FILTER (WHERE details::text LIKE $2))::int AS found
      FROM (SELECT seq, details FROM audit_events WHERE ${OF_WORKSPACE} ORDER BY seq ${direction} LIMIT ${SCANNED}) AS e`,
    [direction, `%${SEARCHED}%`],
  );
  const [nearest] = rows;
  if (nearest === undefined) throw new Error('an empty log');
  await db.query(
    'SET enable_sort = off; SET enable_bitmapscan = off; SET max_parallel_workers_per_gather = 0',
  );
  const times: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    const started = performance.now();
    await db.query(
      `SELECT id FROM audit_events
        WHERE ${OF_WORKSPACE} AND seq ${direction === 'ASC' ? '>' : '<'} $1
          AND (actor_label || E'\\n' || (details - 'hashed_token')::text) ILIKE $2
        ORDER BY seq ${direction} LIMIT ${READ} - $3`,
      [nearest.edge, `%${SEARCHED}%`, nearest.found],
    );
    times.push(performance.now() - started);
  }
  return Math.min(...times);
}
