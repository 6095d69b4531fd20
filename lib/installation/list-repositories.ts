import { z } from 'zod';
import type { RepositoriesQuery, Repository as RepositoryAnswer } from '../contract/installation';
import { GitHubId, type List, Text } from '../contract/pagination';
import type { Order } from '../contract/sort';
import { cursorOf } from '../cursor';
import { readInBulk } from '../db/read-in-bulk';
import { likeLiteral, type Sql, sql } from '../db/sql';

/** Limits which repositories a caller may list, whatever filter the caller sends. */
type RepositoryScope = {
  workspaceId: string;
  repositoryIds: number[] | null;
  /** Excludes suspended installations. Set for API keys, which list only repositories that can be read now. */
  onlyReadable?: boolean;
};

/**
 * The position after a page's last row. It includes the installation, because for a while after a transfer, two
 * installations share a repository. Cursors issued by older versions lack it.
 */
const Place = z.tuple([Text(200), Text(200), GitHubId, GitHubId.default(Number.MAX_SAFE_INTEGER)]);

/** A place in the list from Z to A. It says so, so that neither order takes a cursor from the other. */
const PlaceFromZ = z.tuple([...Place.def.items, z.literal('desc')]);

/** The filter of a list, and its order by name: from A to Z unless it says otherwise. */
type RepositoryFilter = RepositoriesQuery & { order?: Order };

const ORDERS = {
  asc: { cursor: cursorOf(Place), after: sql`>`, direction: sql`ASC` },
  desc: { cursor: cursorOf(PlaceFromZ), after: sql`<`, direction: sql`DESC` },
} as const;

const orderOf = ({ order = 'asc' }: RepositoryFilter) => ORDERS[order];

type RepositoryRow = {
  id: bigint;
  installation_id: bigint;
  owner: string;
  name: string;
  clone_url: string;
  default_branch: string;
  private: boolean;
  archived: boolean;
};

/**
 * Lists the repositories of active and suspended installations, ordered by name. Pagination is by key, not by offset,
 * so the last page is as fast as the first.
 *
 * @throws {Problem} `invalid_request` if the cursor was not issued by this app for this order; also whatever {@link readInBulk} throws
 */
export async function listRepositories(
  scope: RepositoryScope,
  filter: RepositoryFilter,
): Promise<List<RepositoryAnswer>> {
  const statement = filter.q
    ? searchStatement(scope, filter, filter.q)
    : listStatement(scope, filter, sql`true`);
  const rows = await readInBulk({ workspaceId: scope.workspaceId, statement });
  const page = rows.slice(0, filter.limit);
  const last = page.at(-1);
  return {
    data: page.map((row) => ({
      id: Number(row.id),
      installation_id: Number(row.installation_id),
      full_name: `${row.owner}/${row.name}`,
      clone_url: row.clone_url,
      default_branch: row.default_branch,
      private: row.private,
      archived: row.archived,
    })),
    next_cursor: rows.length > filter.limit && last !== undefined ? cursorAfter(last, filter) : null,
  };
}

function cursorAfter(
  { owner, name, id, installation_id }: RepositoryRow,
  { order }: RepositoryFilter,
): string {
  const place = [owner, name, Number(id), Number(installation_id)] as const;
  return order === 'desc'
    ? ORDERS.desc.cursor.encode([...place, 'desc'])
    : ORDERS.asc.cursor.encode([...place]);
}

const COLUMNS = sql`r.id, r.installation_id, r.owner, r.name, r.clone_url, r.default_branch, r.private, r.archived`;

/** Selects the installations whose repositories the caller may list. */
function installationsOf(
  { workspaceId, onlyReadable = false }: RepositoryScope,
  { installation_id }: RepositoriesQuery,
): Sql {
  const id = installation_id ?? null;
  return sql`i.workspace_id = ${workspaceId}::uuid AND i.status <> 'deleted'
    AND ((i.status = 'active' AND i.end_seen_at IS NULL) OR NOT ${onlyReadable}::boolean)
    AND (${id}::bigint IS NULL OR i.id = ${id}::bigint)`;
}

/** Selects the repositories of one installation that the caller may list. */
function repositoriesOf({ repositoryIds }: RepositoryScope): Sql {
  return sql`r.installation_id = i.id AND r.removed_at IS NULL
    AND (${repositoryIds}::bigint[] IS NULL OR r.id = ANY (${repositoryIds}::bigint[]))`;
}

function isAfter(filter: RepositoryFilter): Sql {
  if (filter.cursor === undefined) return sql`true`;
  const { cursor, after } = orderOf(filter);
  const [owner, name, id, installationId] = cursor.decode(filter.cursor);
  return sql`(r.owner, r.name, r.id, r.installation_id)
    ${after} (${owner}::text, ${name}::text, ${id}::bigint, ${installationId}::bigint)`;
}

function nameOrder(filter: RepositoryFilter): Sql {
  const { direction } = orderOf(filter);
  return sql`r.owner ${direction}, r.name ${direction}, r.id ${direction}, r.installation_id ${direction}`;
}

/**
 * Reads one page in order. Each installation contributes one page at most, which the index on its names returns in
 * order. A join of all its repositories would read every row and sort it.
 *
 * @param matches a condition on the repository
 */
function listStatement(scope: RepositoryScope, filter: RepositoryFilter, matches: Sql): Sql<RepositoryRow> {
  const limit = sql`LIMIT ${filter.limit + 1}::int`;
  const { direction } = orderOf(filter);
  return sql<RepositoryRow>`
    SELECT r.* FROM installations i CROSS JOIN LATERAL (
      SELECT ${COLUMNS} FROM repositories r WHERE ${repositoriesOf(scope)} AND ${isAfter(filter)} AND ${matches}
      ORDER BY r.owner ${direction}, r.name ${direction}, r.id ${direction} ${limit}) AS r
    WHERE ${installationsOf(scope, filter)}
    ORDER BY ${nameOrder(filter)} ${limit}`;
}

/** A search that has at most this many matches finds all of them by its index and sorts them. */
const MAX_SORTED = 400;

/**
 * Searches for text in the full name. The trigram index returns matches in no order. So a few matches are sorted, while
 * for many, the list is read in order until the page is full. PostgreSQL cannot estimate which of the two applies, so
 * the statement finds up to {@link MAX_SORTED} matches first.
 */
function searchStatement(scope: RepositoryScope, filter: RepositoryFilter, q: string): Sql<RepositoryRow> {
  // The expression must be the one of the index `repositories_text_idx`.
  const matches = sql`lower(r.owner || '/' || r.name) LIKE ${`%${likeLiteral(q.toLowerCase())}%`}`;
  // Inside CASE, the planner expects every second row to match. It would otherwise expect a few rows and sort them all.
  const inOrder = listStatement(scope, filter, sql`CASE WHEN ${matches} THEN true ELSE false END`);
  return sql<RepositoryRow>`
    WITH found AS MATERIALIZED (
      SELECT r.* FROM installations i CROSS JOIN LATERAL (
        SELECT ${COLUMNS} FROM repositories r WHERE ${repositoriesOf(scope)} AND ${matches}
        LIMIT ${MAX_SORTED + 1}::int) AS r
      WHERE ${installationsOf(scope, filter)} LIMIT ${MAX_SORTED + 1}::int
    ), total AS MATERIALIZED (SELECT count(*) AS count FROM found)
    SELECT * FROM (
      SELECT * FROM found AS r WHERE (SELECT count FROM total) <= ${MAX_SORTED}::int AND ${isAfter(filter)}
      UNION ALL
      SELECT * FROM (${inOrder}) AS ordered WHERE (SELECT count FROM total) > ${MAX_SORTED}::int) AS r
    ORDER BY ${nameOrder(filter)} LIMIT ${filter.limit + 1}::int`;
}
