import { SearchX } from 'lucide-react';
import { counted } from '@/lib/contract/counted';
import { ButtonLink } from '../ui/button-link';
import { Card } from '../ui/card';
import { EmptyState } from '../ui/empty-state';
import { SearchField } from '../ui/search-field';

type PeopleSearchProps = {
  /** The search text. If it is empty, everybody is listed. */
  query: string;
  /** The order of the list, which a search keeps. */
  order: Readonly<Record<string, string | null>>;
  /** The numbers of those found, on all pages. */
  members: number;
  invitations: number;
};

/** Searches members and pending invitations, and says how many are found. */
export function PeopleSearch({ query, order, members, invitations }: PeopleSearchProps) {
  const found = [
    counted(members, 'member'),
    ...(invitations === 0 ? [] : [counted(invitations, 'pending invitation')]),
  ].join(', ');
  return (
    <div className="flex flex-wrap items-center justify-between gap-3">
      <p role="status" className="text-muted text-sm">
        {found}
      </p>
      <search className="w-full sm:w-72">
        <form method="get">
          {Object.entries(order).map(([name, value]) =>
            value === null ? null : <input key={name} type="hidden" name={name} value={value} />,
          )}
          <SearchField
            label="Search members"
            placeholder="Search by name or email"
            value={query}
            resets={['cursor', 'notice', 'invitation']}
          />
        </form>
      </search>
    </div>
  );
}

/** Says that a search finds neither a member nor an invitation. */
export function NoOneFound({ query, clearHref }: { query: string; clearHref: string }) {
  return (
    <Card>
      <EmptyState
        icon={SearchX}
        title={`No one matches “${query}”`}
        actions={
          <ButtonLink size="sm" href={clearHref} scroll={false}>
            Clear the search
          </ButtonLink>
        }
      >
        Names and email addresses of members are searched, and addresses of pending invitations.
      </EmptyState>
    </Card>
  );
}
