import { firstValue, type Query } from '@/app/search-params';
import { RepositoriesQuery } from '@/lib/contract/installation';
import { GitHubIdParam } from '@/lib/contract/pagination';

const PAGE_SIZE = '25';

/** The search and the page of the list. A query that nobody could have clicked together shows the first page. */
export function repositoriesQuery(query: Query): RepositoriesQuery {
  const q = firstValue(query.q)?.slice(0, 200);
  const cursor = firstValue(query.cursor);
  const installation = GitHubIdParam.safeParse(query.installation_id).success
    ? firstValue(query.installation_id)
    : undefined;
  const wanted = {
    limit: PAGE_SIZE,
    ...(q === undefined ? {} : { q }),
    ...(installation === undefined ? {} : { installation_id: installation }),
  };
  const parsed = RepositoriesQuery.safeParse(cursor === undefined ? wanted : { ...wanted, cursor });
  return parsed.success ? parsed.data : RepositoriesQuery.parse(wanted);
}
