import { readInBulk } from '../db/read-in-bulk';
import { type Sql, sql } from '../db/sql';
import { DAY } from './range';

/** The mints of one day in UTC. `partial` means that some of the day's events were not counted. */
export type MintsOfDay = { day: string; minted: number; denied: number; partial: boolean };

/** How many of the newest events of each type to read. The limit keeps the page fast, however long the log is. */
const COUNTED = 20_000;

/** Selects the newest events of a type, by day and not by `seq`, because the database's clock may have jumped. */
const newest = (workspaceId: string, type: Sql) => sql`
  (SELECT type, ${DAY} AS day FROM audit_events
    WHERE workspace_id = ${workspaceId}::uuid AND type = ${type} AND actor_id <> 'system:sync'
      AND ${DAY} <= (now() AT TIME ZONE 'UTC')::date
    ORDER BY ${DAY} DESC LIMIT ${COUNTED}::int)`;

/**
 * Counts a workspace's mints and denied mints on each of the last `days` days, including today, oldest first. Tokens
 * minted by syncs are not counted, because syncs read no code.
 *
 * @returns one item per day; fewer than `days` if there are too many events to count, in which case the oldest day is
 *   partial
 * @throws {Problem} as {@link readInBulk} does
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
