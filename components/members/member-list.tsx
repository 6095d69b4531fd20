import { ChevronRight } from 'lucide-react';
import type { Member, Role } from '@/lib/contract/members';
import type { MemberSort } from '@/lib/contract/sort';
import { Avatar } from '../ui/avatar';
import { Badge } from '../ui/badge';
import { Card } from '../ui/card';
import { ExpandableRows, ExpandedRow } from '../ui/expanded-row';
import type { Kept } from '../ui/kept-fields';
import { Link } from '../ui/link';
import { SortHeader, type Sorting, SortMenu } from '../ui/sort';
import { StackedHead } from '../ui/stacked-head';
import type { FormAction } from '../ui/submit-button';
import { Table, TableCell, TableHead, TableHeader, TableRow } from '../ui/table';
import { Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';
import { type Manageable, MemberControls } from './member-controls';
import { ROLE_NAMES } from './role-select';

type MemberListProps = {
  members: { member: Member; manageable: Manageable; isReader: boolean }[];
  sorting: Sorting<MemberSort>;
  /** The roles that the user is allowed to grant. */
  roles: readonly Role[];
  changeRole: FormAction;
  /** Returns the URL that asks whether to remove a member. */
  removeHref: (id: string) => string;
  /** The path of this list. A member's page is at `${basePath}/${id}`. */
  basePath: string;
  /** The query parameters that lead back to this page of the list. */
  kept: Kept;
};

/** Lists the members, but not the invitations. A row that the user can change expands, even without JavaScript. */
export function MemberList({ members, sorting, ...list }: MemberListProps) {
  const canManage = members.some(({ manageable }) => manageable !== 'no');
  return (
    <div className="grid grid-cols-1 gap-2">
      <StackedHead>
        <SortMenu {...sorting} />
      </StackedHead>
      <Card className="overflow-hidden">
        <Table aria-label="Members">
          <TableHead>
            <TableRow>
              <SortHeader name="name" sorting={sorting} className="w-[45%]" />
              <SortHeader name="role" sorting={sorting} />
              <SortHeader name="joined" sorting={sorting} />
              {canManage ? (
                <TableHeader className="w-32">
                  <span className="sr-only">Manage</span>
                </TableHeader>
              ) : null}
            </TableRow>
          </TableHead>
          {members.map((each) => (
            <MemberRows key={each.member.id} {...each} {...list} />
          ))}
        </Table>
      </Card>
    </div>
  );
}

type MemberRowsProps = MemberListProps['members'][number] &
  Pick<MemberListProps, 'roles' | 'changeRole' | 'removeHref' | 'basePath' | 'kept'>;

function MemberRows({ member, manageable, isReader, basePath, removeHref, ...controls }: MemberRowsProps) {
  const { id, email, name, role, since } = member;
  return (
    <ExpandableRows>
      <TableRow>
        <TableCell>
          <span className="flex items-center gap-3">
            <Avatar name={name ?? email} />
            <span className="block min-w-0 flex-1">
              <Link href={`${basePath}/${id}`} className="font-medium underline-offset-4 hover:underline">
                <UntrustedText>{name ?? email}</UntrustedText>
              </Link>
              {isReader ? <span className="text-muted"> (you)</span> : null}
              {name === null ? null : (
                <UntrustedText className="block text-13 text-muted">{email}</UntrustedText>
              )}
            </span>
          </span>
        </TableCell>
        <TableCell inline className="stacked:pl-12">
          <Badge tone={role === 'owner' ? 'info' : 'neutral'}>{ROLE_NAMES[role]}</Badge>
        </TableCell>
        <TableCell inline className="text-13 text-muted stacked:pl-2">
          <span className="columned:hidden">Joined </span>
          <Time value={since} />
        </TableCell>
        {manageable === 'no' ? null : (
          <TableCell className="stacked:pl-12 columned:text-right">
            <details>
              <summary className="button button-secondary button-sm stacked:mt-1">
                Manage<span className="sr-only"> {email}</span>
                <ChevronRight
                  aria-hidden
                  className="text-muted transition-transform group-has-[details[open]]:rotate-90"
                />
              </summary>
            </details>
          </TableCell>
        )}
      </TableRow>
      {manageable === 'no' ? null : (
        <ExpandedRow columns={4}>
          <MemberControls member={member} manageable={manageable} removeHref={removeHref(id)} {...controls} />
        </ExpandedRow>
      )}
    </ExpandableRows>
  );
}
