import { readInBulk } from '../db/read-in-bulk';
import { DAY } from './range';

/** One day in UTC. `partial`: there are more than are counted. */
export type MintsOfDay = { day: string; minted: number; denied: number; partial: boolean };

/** Of each kind at most so many events are read, newest first, so that a page takes as long for any log. */
const COUNTED = 20_000;

/** By day and not by the order of the chain: the database's clock may have jumped. */
const newest = (type: string) => `
    (SELECT type, ${DAY} AS day FROM audit_events
      WHERE workspace_id = $1::uuid AND type = '${type}' AND actor_id <> 'system:sync'
        AND ${DAY} <= (now() AT TIME ZONE 'UTC')::date
      ORDER BY ${DAY} DESC LIMIT $3)`;

const COUNT = `
  WITH recent AS (${newest('github.token_minted')} UNION ALL ${newest('github.token_denied')}
  ), edges AS (
    -- Where a limit has cut, the days before the cut are not known, and the day of the cut in part.
    SELECT max(oldest) AS cut FROM (
      SELECT min(day) AS oldest FROM recent GROUP BY type HAVING count(*) = $3) AS full_kinds
  ), counted AS (
    -- By day before they meet the days: comparing each event with each day would be thirty times the work.
    SELECT day, count(*) FILTER (WHERE type = 'github.token_minted')::int AS minted,
      count(*) FILTER (WHERE type = 'github.token_denied')::int AS denied
    FROM recent GROUP BY 1
  )
  SELECT to_char(each, 'YYYY-MM-DD') AS day, coalesce(minted, 0) AS minted, coalesce(denied, 0) AS denied,
    coalesce(each::date = cut, false) AS partial
  FROM generate_series(date_trunc('day', now() AT TIME ZONE 'UTC') - ($2::int - 1) * interval '1 day',
    date_trunc('day', now() AT TIME ZONE 'UTC'), interval '1 day') AS each
  CROSS JOIN edges
  LEFT JOIN counted ON counted.day = each::date
  WHERE cut IS NULL OR each::date >= cut
  ORDER BY each`;

/**
 * Mints and refusals of a workspace on each of the last days, today included, oldest first. The tokens of our own syncs
 * read no code and are not counted.
 *
 * @returns fewer days than asked for when the log is too busy to count them all; the first of them is then partial
 * @throws {Problem} those of {@link readInBulk}
 */
export function countMintsPerDay(workspaceId: string, days: number): Promise<MintsOfDay[]> {
  return readInBulk<MintsOfDay>({ workspaceId, text: COUNT, values: [workspaceId, days, COUNTED] });
}
