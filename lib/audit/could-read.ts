/** The SQL of a selection from `audit_events`, completed: with more conditions, in order, cut off. */
export type Selection = {
  /** `more` refers to `audit_events` and to what stands around the selection. */
  all: (more: string) => string;
  first: (more: string) => string;
  order: 'ASC' | 'DESC';
  limit: number;
  /** The range of `seq`, as placeholders. */
  after: string;
  upTo: string;
};

/** A mint is written after its list was read: some events may lie between a removal and it. */
const UNDER_WAY = 1000;

const OF_WORKSPACE = `SELECT p.* FROM repository_periods AS p
  JOIN installations AS i ON i.id = p.installation_id AND i.workspace_id = $1::uuid`;

/** A list's version is in the row, so that a mint that was under way during a removal is judged by what it was given. */
const IN_PERIOD = `installation_id = p.installation_id AND type = 'github.token_minted' AND actor_id <> 'system:sync'
  AND details -> 'repositories' = '"all"'::jsonb AND seq > p.from_seq
  AND seq <= coalesce(p.until_seq + ${UNDER_WAY}, 9223372036854775807)
  AND (p.until_seq IS NULL OR seq <= p.until_seq OR CASE
    WHEN jsonb_typeof(details -> 'repository_list_version') = 'number'
    THEN (details ->> 'repository_list_version')::numeric < p.until_version ELSE false END)`;

/**
 * The tokens that could read a repository, whatever it was called then and in whichever account it was: those that
 * name it, and those for all repositories while it was shared, or that may have lived when it was added. The tokens of
 * our syncs read no code.
 *
 * @param value its name or id, as a placeholder
 * @returns SQL of each kind, to be united; each reads an index in order, and no more than it has to
 */
export function couldRead(value: string, isId: boolean, selection: Selection): string[] {
  const ids = isId
    ? `SELECT ${value}::bigint AS repository_id`
    : `SELECT DISTINCT p.repository_id FROM (${OF_WORKSPACE} WHERE p.names @> ARRAY[lower(${value}::text)]) AS p`;
  const forAll = `(SELECT found.* FROM (${ids}) AS r JOIN (${OF_WORKSPACE}) AS p ON p.repository_id = r.repository_id
    CROSS JOIN LATERAL (${selection.first(IN_PERIOD)}) AS found)`;
  const byId = `(SELECT found.* FROM (${ids}) AS r
    CROSS JOIN LATERAL ${naming('m.repository_id = r.repository_id', selection)} AS found)`;
  const byValue = naming(
    isId ? `m.repository_id = ${value}::bigint` : `m.name = lower(${value}::text)`,
    selection,
  );
  return isId ? [forAll, byValue] : [forAll, byId, byValue];
}

/** The index only leads there: what counts is the audit row itself. */
function naming(which: string, { all, order, limit, after, upTo }: Selection): string {
  return `(SELECT event.* FROM minted_repositories AS m CROSS JOIN LATERAL (${all(
    `seq = m.seq AND type = 'github.token_minted'
      AND details -> 'repositories' @> jsonb_build_array(jsonb_build_object('id', m.repository_id))`,
  )}) AS event WHERE m.workspace_id = $1::uuid AND ${which} AND m.seq > ${after} AND m.seq <= ${upTo}
    ORDER BY m.seq ${order} LIMIT ${limit})`;
}
