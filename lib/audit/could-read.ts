import { joinSql, type Sql, sql } from '../db/sql';

/** Parts of a query on `audit_events`, with the filters already applied. The caller adds its own conditions. */
export type Selection = {
  /**
   * Selects the event with a number if it matches and also satisfies `more`, a condition that may refer to
   * `audit_events` and to the enclosing query's tables. Uses the primary key if `readInBulk` reads in order.
   */
  one: (seq: Sql, more: Sql) => Sql;
  /** Selects the first matching events that also satisfy `more`. */
  first: (more: Sql) => Sql;
  order: Sql;
  limit: number;
  /** Returns a condition that limits `seq` to the range being read. */
  inRange: (seq: Sql) => Sql;
  workspaceId: string;
};

/**
 * How many events after a repository's removal we still look for mints that used the old repository list. Such a mint
 * can show up late in the log, because it's recorded only after GitHub has responded.
 */
const UNDER_WAY = 1000;

/**
 * Matches mints for all repositories during `p`, a period in which the repository was shared. If a mint was in progress
 * when the period ended, the list version in the mint's row decides.
 */
const IN_PERIOD = sql`installation_id = p.installation_id AND type = 'github.token_minted'
  AND actor_id <> 'system:sync' AND details -> 'repositories' = '"all"'::jsonb AND seq > p.from_seq
  AND seq <= coalesce(p.until_seq + ${UNDER_WAY}::int, 9223372036854775807)
  AND (p.until_seq IS NULL OR seq <= p.until_seq OR CASE
    WHEN jsonb_typeof(details -> 'repository_list_version') = 'number'
    THEN (details ->> 'repository_list_version')::numeric < p.until_version ELSE false END)`;

/**
 * Selects the tokens that could read a repository, whatever it was called and whichever account owned it at the time.
 * These are the tokens that name the repository, and tokens for all repositories that were valid at some time while it
 * was shared. We leave out tokens minted by syncs, because syncs read no code.
 *
 * @param repository the repository's name or id
 * @returns selections to combine with UNION, each of which reads an index in order and stops at the limit
 */
export function couldRead(repository: string, selection: Selection): Sql[] {
  const isId = /^\d+$/.test(repository);
  const periods = sql`SELECT p.* FROM repository_periods AS p
    JOIN installations AS i ON i.id = p.installation_id AND i.workspace_id = ${selection.workspaceId}::uuid`;
  const ids = isId
    ? sql`SELECT ${repository}::bigint AS repository_id`
    : sql`SELECT DISTINCT p.repository_id FROM (${periods}) AS p
        WHERE p.names @> ARRAY[lower(${repository}::text)]`;
  const forAll = sql`(SELECT found.* FROM (${ids}) AS r JOIN (${periods}) AS p ON p.repository_id = r.repository_id
    CROSS JOIN LATERAL (${selection.first(IN_PERIOD)}) AS found)`;
  if (isId) return [forAll, naming(sql`m.repository_id = ${repository}::bigint`, selection)];
  const byId = sql`(SELECT found.* FROM (${ids}) AS r
    CROSS JOIN LATERAL ${naming(sql`m.repository_id = r.repository_id`, selection)} AS found)`;
  return [forAll, byId, naming(sql`m.name = lower(${repository}::text)`, selection)];
}

/**
 * Selects the mints that name a repository. `minted_repositories` only serves as an index, so each audit row is checked
 * as well.
 */
function naming(which: Sql, { one, inRange, order, limit, workspaceId }: Selection): Sql {
  const event = one(
    sql`m.seq`,
    sql`type = 'github.token_minted'
      AND details -> 'repositories' @> jsonb_build_array(jsonb_build_object('id', m.repository_id))`,
  );
  const where = joinSql([sql`m.workspace_id = ${workspaceId}::uuid`, which, inRange(sql`m.seq`)], ' AND ');
  return sql`(SELECT event.* FROM minted_repositories AS m CROSS JOIN LATERAL (${event}) AS event
    WHERE ${where} ORDER BY m.seq ${order} LIMIT ${limit}::int)`;
}
