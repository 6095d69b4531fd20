import { listInWords, nameList, textDetail } from '@/components/audit-log/details';
import type { RepositoryChange } from '@/components/github/recent-changes';
import { listAuditEvents } from '@/lib/audit/list';

const SHOWN = 5;

const KINDS = {
  'github.repositories_added': 'added',
  'github.repositories_removed': 'removed',
  'github.repositories_changed': 'changed',
} as const;

/** The last changes of what is shared. Of each event only what every member sees in the list above anyway. */
export async function recentChanges(workspaceId: string): Promise<RepositoryChange[]> {
  const pages = await Promise.all(
    Object.entries(KINDS).map(async ([type, kind]) => {
      const { data } = await listAuditEvents(workspaceId, { type, limit: SHOWN });
      return data.map(({ id, occurred_at, details }) => ({
        id,
        at: occurred_at,
        kind,
        account: textDetail(details, 'account') ?? 'GitHub',
        names: listInWords(nameList(details, 'repositories')),
      }));
    }),
  );
  return pages
    .flat()
    .sort((a, b) => b.at.localeCompare(a.at))
    .slice(0, SHOWN);
}
