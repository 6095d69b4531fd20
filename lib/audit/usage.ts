import { readInBulk } from '../db/read-in-bulk';
import { sql } from '../db/sql';
import { DAY } from './range';

/** The tokens of one day. `partial` means that some of its events were not counted. */
export type DayOfUse = { day: string; minted: number; denied: number; partial: boolean };

/** Recent use: by an actor, or through an installation. */
export type Usage = {
  /** One item per day in UTC, including today, oldest first. */
  days: DayOfUse[];
  /** The client addresses, the latest first. */
  addresses: { ip: string; events: number; last_at: string }[];
};

/** The events to look at: those of an actor, by its id, or those of an installation. */
export type UsageOf = { actorId: string } | { installationId: number };

/** How many of the newest events to read. The limit keeps the page fast, however long the log is. */
const READ = 5000;

const MAX_ADDRESSES = 10;

/**
 * Counts the tokens issued and refused on each of the last `days` days, and lists the addresses. Reads the newest events
 * only, so the oldest day may be partial. Tokens of syncs are not counted, because syncs read no code.
 *
 * @throws {Problem} as {@link readInBulk} does
 */
export async function readUsage(workspaceId: string, of: UsageOf, days: number): Promise<Usage> {
  const which =
    'actorId' in of ? sql`actor_id = ${of.actorId}` : sql`installation_id = ${of.installationId}::bigint`;
  const statement = sql<Usage>`
    WITH recent AS MATERIALIZED (
      SELECT type, actor_id, client_ip, occurred_at, ${DAY} AS day FROM audit_events
      WHERE workspace_id = ${workspaceId}::uuid AND ${which} ORDER BY seq DESC LIMIT ${READ}::int
    ), cut AS (
      -- Events before the oldest one are unknown, and its day is partial.
      SELECT CASE WHEN count(*) = ${READ}::int THEN min(day) END AS day FROM recent
    ), counted AS (
      SELECT day, count(*) FILTER (WHERE type = 'github.token_minted' AND actor_id <> 'system:sync') AS minted,
        count(*) FILTER (WHERE type = 'github.token_denied') AS denied FROM recent GROUP BY 1
    ), shown AS (
      SELECT to_char(each, 'YYYY-MM-DD') AS day, coalesce(c.minted, 0) AS minted, coalesce(c.denied, 0) AS denied,
        coalesce(each::date = cut.day, false) AS partial
      FROM generate_series(date_trunc('day', now() AT TIME ZONE 'UTC') - (${days}::int - 1) * interval '1 day',
        date_trunc('day', now() AT TIME ZONE 'UTC'), interval '1 day') AS each
      CROSS JOIN cut LEFT JOIN counted AS c ON c.day = each::date
      WHERE cut.day IS NULL OR each::date >= cut.day ORDER BY each
    ), addresses AS (
      SELECT host(client_ip) AS ip, count(*) AS events,
        to_char(max(occurred_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS last_at
      FROM recent WHERE client_ip IS NOT NULL GROUP BY client_ip
      ORDER BY max(occurred_at) DESC, client_ip LIMIT ${MAX_ADDRESSES}::int
    )
    SELECT (SELECT coalesce(json_agg(shown), '[]') FROM shown) AS days,
      (SELECT coalesce(json_agg(addresses), '[]') FROM addresses) AS addresses`;
  const [usage] = await readInBulk({ workspaceId, statement, inOrder: 'nested' });
  return usage ?? { days: [], addresses: [] };
}
