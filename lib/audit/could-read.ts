import { joinSql, type Sql, sql } from '../db/sql';

/** Selects from `audit_events`, completed by more conditions, an order and a limit. */
export type Selection = {
  /** `more` may refer to `audit_events` and to the tables around the selection. */
  all: (more: Sql) => Sql;
  first: (more: Sql) => Sql;
  order: Sql;
  limit: number;
  /** The condition on a `seq`, for the range of the read. */
  inRange: (seq: Sql) => Sql;
  workspaceId: string;
};

/**
 * The most events between a removal and the row of a mint that read the list before it. The row is written after
 * GitHub's response.
 */
const UNDER_WAY = 1000;

/** The list's version is in the row, so a mint that was under way during a removal is judged by its own list. */
const IN_PERIOD = sql`installation_id = p.installation_id AND type = 'github.token_minted'
  AND actor_id <> 'system:sync' AND details -> 'repositories' = '"all"'::jsonb AND seq > p.from_seq
  AND seq <= coalesce(p.until_seq + ${UNDER_WAY}::int, 9223372036854775807)
  AND (p.until_seq IS NULL OR seq <= p.until_seq OR CASE
    WHEN jsonb_typeof(details -> 'repository_list_version') = 'number'
    THEN (details ->> 'repository_list_version')::numeric < p.until_version ELSE false END)`;

/**
 * Selects the tokens that could read a repository under any of its names and in any of its accounts. These are the
 * tokens that name it, those for all repositories while it was shared, and those that may have lived when it was
 * added. The tokens of syncs read no code, so they are left out.
 *
 * @param repository its name or id
 * @returns selections to unite; each reads an index in order, and no more than it needs
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

/** Finds rows through the index `minted_repositories`, and then checks each audit row itself. */
function naming(which: Sql, { all, inRange, order, limit, workspaceId }: Selection): Sql {
  const event = all(sql`seq = m.seq AND type = 'github.token_minted'
    AND details -> 'repositories' @> jsonb_build_array(jsonb_build_object('id', m.repository_id))`);
  const where = joinSql([sql`m.workspace_id = ${workspaceId}::uuid`, which, inRange(sql`m.seq`)], ' AND ');
  return sql`(SELECT event.* FROM minted_repositories AS m CROSS JOIN LATERAL (${event}) AS event
    WHERE ${where} ORDER BY m.seq ${order} LIMIT ${limit}::int)`;
}
