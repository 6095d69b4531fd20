import { firstValue } from '@/app/search-params';
import { RepositoriesQuery } from '@/lib/contract/installation';

const PAGE_SIZE = '25';

type Query = Record<string, string | string[] | undefined>;

/** The search and the page of the list. A query that nobody could have clicked together shows the first page. */
export function repositoriesQuery(query: Query): RepositoriesQuery {
  const q = firstValue(query.q)?.slice(0, 200);
  const cursor = firstValue(query.cursor);
  const wanted = { limit: PAGE_SIZE, ...(q === undefined ? {} : { q }) };
  const parsed = RepositoriesQuery.safeParse(cursor === undefined ? wanted : { ...wanted, cursor });
  return parsed.success ? parsed.data : RepositoriesQuery.parse(wanted);
}
