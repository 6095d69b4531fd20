import { firstValue, type Query } from '@/app/request';
import { listInWords, nameList } from '@/components/audit-log/details';
import type { RepositoryChange } from '@/components/github/recent-changes';
import { listNewestOfTypes } from '@/lib/audit/list';
import type { Membership } from '@/lib/auth/session';
import { findChoice } from '@/lib/connect/attempts';
import { readDetails } from '@/lib/contract/audit-types';
import { RepositoriesQuery } from '@/lib/contract/installation';
import { hasRole } from '@/lib/contract/members';
import { GitHubIdParam, searchText } from '@/lib/contract/pagination';
import { isUuid } from '@/lib/db/uuid';
import { type AccountName, findAccountNames } from '@/lib/installation/account-names';

/**
 * The installations to choose from. `proven` counts all installations that the user has proven to own. That includes
 * those missing from the list because GitHub didn't return the account's name.
 */
export type InstallationChoices = { installations: AccountName[]; proven: number };

/**
 * Returns the installations to choose from, if the user has just proven to own more than one. Fetches their names from
 * GitHub, because we store nothing before the choice. Empty for members who aren't allowed to connect.
 */
export async function choosableInstallations(
  attemptId: string | undefined,
  workspace: Membership,
  userId: string,
): Promise<InstallationChoices> {
  if (attemptId === undefined || !isUuid(attemptId) || !hasRole(workspace.role, 'admin'))
    return { installations: [], proven: 0 };
  const attempt = await findChoice(attemptId, workspace.id, userId);
  const proven = attempt?.provenInstallationIds ?? [];
  const installations = await findAccountNames(proven.map(Number));
  return { installations, proven: proven.length };
}

const REPOSITORIES_A_PAGE = '25';

/** Parses the repository list's search and cursor. If they're invalid, the query is for the first page. */
export function repositoriesQuery(query: Query): RepositoriesQuery {
  const given = firstValue(query.q);
  const cursor = firstValue(query.cursor);
  const installation = GitHubIdParam.safeParse(query.installation_id).success
    ? firstValue(query.installation_id)
    : undefined;
  const wanted = {
    limit: REPOSITORIES_A_PAGE,
    ...(given === undefined ? {} : { q: searchText(given) }),
    ...(installation === undefined ? {} : { installation_id: installation }),
  };
  const parsed = RepositoriesQuery.safeParse(cursor === undefined ? wanted : { ...wanted, cursor });
  return parsed.success ? parsed.data : RepositoriesQuery.parse(wanted);
}

const CHANGES_SHOWN = 5;

const KINDS = {
  'github.repositories_added': 'added',
  'github.repositories_removed': 'removed',
  'github.repositories_changed': 'changed',
} as const;

const CHANGES = Object.keys(KINDS) as (keyof typeof KINDS)[];

/**
 * Lists the latest changes to the shared repositories. Safe to show to every member, because it reveals nothing beyond
 * the repository list.
 */
export async function recentChanges(workspaceId: string): Promise<RepositoryChange[]> {
  const events = await listNewestOfTypes(workspaceId, CHANGES, CHANGES_SHOWN);
  return events
    .flatMap((event) => {
      const type = CHANGES.find((each) => each === event.type);
      if (type === undefined) return [];
      const { account, repositories } = readDetails(type, event.details);
      return {
        id: event.id,
        at: event.occurred_at,
        kind: KINDS[type],
        account: account ?? 'GitHub',
        names: listInWords(nameList(repositories ?? [])),
      };
    })
    .sort((a, b) => b.at.localeCompare(a.at))
    .slice(0, CHANGES_SHOWN);
}
