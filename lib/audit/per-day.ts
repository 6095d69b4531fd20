import { readInBulk } from '../db/read-in-bulk';
import { type Sql, sql } from '../db/sql';
import { DAY } from './filters';

/** One day in UTC. `partial`: not all of its events were counted. */
export type MintsOfDay = { day: string; minted: number; denied: number; partial: boolean };

/** The most events of each type that are read, newest first. A page then takes as long for any log. */
const COUNTED = 20_000;

/** Selects by day instead of by chain order, because the database's clock may have jumped. */
const newest = (workspaceId: string, type: Sql) => sql`
  (SELECT type, ${DAY} AS day FROM audit_events
    WHERE workspace_id = ${workspaceId}::uuid AND type = ${type} AND actor_id <> 'system:sync'
      AND ${DAY} <= (now() AT TIME ZONE 'UTC')::date
    ORDER BY ${DAY} DESC LIMIT ${COUNTED}::int)`;

/**
 * Counts the mints and refusals of a workspace on each of the last days, today included, oldest first. The tokens
 * of syncs read no code and are not counted.
 *
 * @returns fewer days if the log is too busy to count them all; the first of them is then partial
 * @throws {Problem} the problems of {@link readInBulk}
 */
export function countMintsPerDay(workspaceId: string, days: number): Promise<MintsOfDay[]> {
  const statement = sql<MintsOfDay>`
    WITH recent AS (
      ${newest(workspaceId, sql`'github.token_minted'`)} UNION ALL ${newest(workspaceId, sql`'github.token_denied'`)}
    ), edges AS (
      -- Days before a limit's cut are unknown, and the day of the cut is partial.
      SELECT max(oldest) AS cut FROM (
        SELECT min(day) AS oldest FROM recent GROUP BY type HAVING count(*) = ${COUNTED}::int) AS full_kinds
    ), counted AS (
      -- Grouping before the join avoids comparing each event with each day.
      SELECT day, count(*) FILTER (WHERE type = 'github.token_minted')::int AS minted,
        count(*) FILTER (WHERE type = 'github.token_denied')::int AS denied
      FROM recent GROUP BY 1
    )
    SELECT to_char(each, 'YYYY-MM-DD') AS day, coalesce(minted, 0) AS minted, coalesce(denied, 0) AS denied,
      coalesce(each::date = cut, false) AS partial
    FROM generate_series(date_trunc('day', now() AT TIME ZONE 'UTC') - (${days}::int - 1) * interval '1 day',
      date_trunc('day', now() AT TIME ZONE 'UTC'), interval '1 day') AS each
    CROSS JOIN edges
    LEFT JOIN counted ON counted.day = each::date
    WHERE cut IS NULL OR each::date >= cut
    ORDER BY each`;
  return readInBulk({ workspaceId, statement });
}
