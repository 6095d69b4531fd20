import { instantOf } from '../contract/time-zone';
import { readInBulk } from '../db/read-in-bulk';
import { constantSql, sql } from '../db/sql';
import { type AuditFilters, isUnordered, matchNothing, mayRefuseAll, typesOf } from './conditions';
import { intersection, rangeOfTime } from './range';
import { readChainHead } from './read';
import { selectEvents } from './select-events';

/** The tokens of an hour or a day in the chart's zone. `partial` means that some of its events were not counted. */
export type TokensOfSpan = {
  /** The span's beginning as a clock in the zone shows it: `2026-11-24T09:00`. */
  local: string;
  minted: number;
  denied: number;
  partial: boolean;
};

export type TokenChart = { unit: 'hour' | 'day'; spans: TokensOfSpan[] };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Longer periods are drawn by day. */
const MOST_HOURS = 72;
/** The end of a longer period is drawn, and its beginning is not. */
const MOST_DAYS = 92;
const DEFAULT_DAYS = 30;

/** How many of the newest events are counted, so that the cost has a bound however long the log is. */
const COUNTED = 20_000;

const TOKENS = ['github.token_minted', 'github.token_denied'];

/** Returns the period that the chart shows: that of the filters, or the last 30 days. */
function periodOf({ from, to }: AuditFilters, zone: string, now: Date) {
  const end = Math.min(to === undefined ? now.getTime() : Date.parse(to), now.getTime());
  const today =
    instantOf(new Date(end).toLocaleDateString('sv-SE', { timeZone: zone }), zone) ?? new Date(end);
  const start = from === undefined ? today.getTime() - (DEFAULT_DAYS - 1) * DAY_MS : Date.parse(from);
  const unit = end - start <= MOST_HOURS * HOUR_MS ? 'hour' : 'day';
  const first = Math.max(start, end - (unit === 'hour' ? MOST_HOURS * HOUR_MS : (MOST_DAYS - 1) * DAY_MS));
  return {
    unit,
    from: new Date(first).toISOString(),
    to: new Date(Math.max(first, end)).toISOString(),
  } as const;
}

/**
 * Counts the issued and refused tokens among the events that match the filters, by hour for periods of up to three days, by
 * day for longer ones.
 *
 * @returns spans from old to new; those before the oldest counted event are missing if there are too many to count
 * @throws {Problem} as {@link readInBulk} does
 */
export async function countTokens(
  workspaceId: string,
  filters: AuditFilters,
  zone: string,
  now = new Date(),
): Promise<TokenChart> {
  const { unit, from, to } = periodOf(filters, zone, now);
  const among = typesOf(filters);
  const types = TOKENS.filter((type) => among?.includes(type) ?? true);
  const { result: _, ...given } = filters;
  // The last millisecond of the period is included, for tokens that are issued while the page is rendered.
  const end = filters.to === undefined ? new Date(Date.parse(to) + 1000).toISOString() : to;
  const selected: AuditFilters = { ...given, from, to: end, type: types.join() };
  const isEmpty = types.length === 0 || matchNothing(selected);
  const [ofTime, head] = await Promise.all([
    isEmpty ? null : rangeOfTime(workspaceId, selected),
    readChainHead(workspaceId),
  ]);
  const whole = intersection(ofTime ?? { after: 0, upTo: 0 }, { after: 0, upTo: head.seq });
  const scans = isUnordered(filters) && filters.repository === undefined;
  const range = scans ? { ...whole, after: Math.max(whole.after, whole.upTo - COUNTED) } : whole;
  const way = scans ? 'scan' : mayRefuseAll(given) ? 'indexes' : 'any';
  const matches = selectEvents(
    sql`SELECT type, occurred_at, audit_events.seq AS position FROM audit_events`,
    { workspaceId, filters: selected, range },
    { order: 'DESC', limit: COUNTED, way },
  );
  const local = sql`date_trunc(${unit}, occurred_at AT TIME ZONE ${zone})`;
  const statement = sql<TokensOfSpan>`
    WITH matches AS MATERIALIZED (${matches}),
    cut AS (
      -- Spans before the cut are unknown, and the span of the cut is partial.
      SELECT CASE
        WHEN ${scans && range.after > whole.after}::boolean THEN (SELECT ${local} FROM audit_events
          WHERE workspace_id = ${workspaceId}::uuid AND seq = ${range.after + 1}::bigint)
        WHEN (SELECT count(*) FROM matches) = ${COUNTED}::int THEN (SELECT min(${local}) FROM matches)
      END AS at
    ),
    counted AS (
      SELECT ${local} AS at, count(*) FILTER (WHERE type = 'github.token_minted')::int AS minted,
        count(*) FILTER (WHERE type = 'github.token_denied')::int AS denied
      FROM matches GROUP BY 1
    )
    SELECT to_char(each, 'YYYY-MM-DD"T"HH24:MI') AS local, coalesce(minted, 0) AS minted, coalesce(denied, 0) AS denied,
      coalesce(each = cut.at, false) AS partial
    FROM generate_series(date_trunc(${unit}, ${from}::timestamptz AT TIME ZONE ${zone}),
      ${to}::timestamptz AT TIME ZONE ${zone}, ${constantSql(unit === 'hour' ? "interval '1 hour'" : "interval '1 day'")}) AS each
    CROSS JOIN cut
    LEFT JOIN counted ON counted.at = each
    WHERE (cut.at IS NULL OR each >= cut.at)
    ORDER BY each`;
  const inOrder = way === 'indexes' ? 'merge' : 'nested';
  const spans = await readInBulk({ workspaceId, statement, ...(scans ? {} : { inOrder }) });
  // A period that ends at midnight does not show the day that begins then.
  const last = spans.at(-1);
  const endsBefore =
    last !== undefined && spans.length > 1 && instantOf(last.local, zone)?.toISOString() === to;
  return { unit, spans: endsBefore ? spans.slice(0, -1) : spans };
}
