import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Member, Role } from '@/lib/contract/members';
import { Avatar } from '../ui/avatar';
import { Badge } from '../ui/badge';
import { Card } from '../ui/card';
import { Link } from '../ui/link';
import type { FormAction } from '../ui/submit-button';
import { Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';
import { type Manageable, MemberControls } from './member-controls';
import { ROLE_NAMES } from './role-select';

type MemberListProps = {
  members: { member: Member; manageable: Manageable; isReader: boolean }[];
  /** The roles that the user is allowed to grant. */
  roles: readonly Role[];
  changeRole: FormAction;
  /** Returns the URL that asks whether to remove a member. */
  removeHref: (id: string) => string;
  /** The path of this list. A member's page is at `${basePath}/${id}`. */
  basePath: string;
};

/** Lists the members, but not the invitations. A row that the user can change expands, even without JavaScript. */
export function MemberList({ members, roles, changeRole, removeHref, basePath }: MemberListProps) {
  return (
    <Card className="overflow-hidden">
      <ul className="divide-y">
        {members.map(({ member, manageable, isReader }) => (
          <li key={member.id}>
            {manageable === 'no' ? (
              <Row member={member} isReader={isReader} href={`${basePath}/${member.id}`} />
            ) : (
              <details className="group">
                <summary className="hover:bg-hover">
                  <Row
                    member={member}
                    isReader={isReader}
                    end={
                      <ChevronRight
                        aria-hidden
                        className="size-4 text-muted transition-transform group-open:rotate-90"
                      />
                    }
                  />
                </summary>
                <div className="border-t bg-surface px-4 py-4 sm:px-5">
                  <p className="mb-4 text-sm">
                    <Link
                      href={`${basePath}/${member.id}`}
                      className="text-accent underline underline-offset-4"
                    >
                      Keys, rules and activity
                      <span className="sr-only"> of {member.email}</span>
                    </Link>
                  </p>
                  <MemberControls
                    member={member}
                    manageable={manageable}
                    roles={roles}
                    changeRole={changeRole}
                    removeHref={removeHref(member.id)}
                  />
                </div>
              </details>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}

type RowProps = {
  member: Member;
  isReader: boolean;
  /** The path of the member's page; omitted in a row that a click expands. */
  href?: string;
  end?: ReactNode;
};

function Row({ member, isReader, href, end }: RowProps) {
  const { email, name, role, since } = member;
  return (
    <span className="flex items-center gap-3 px-4 py-3 sm:px-5">
      <Avatar name={name ?? email} />
      <span className="block min-w-0 flex-1 text-sm">
        {href === undefined ? (
          <UntrustedText className="font-medium">{name ?? email}</UntrustedText>
        ) : (
          <Link href={href} className="font-medium underline-offset-4 hover:underline">
            <UntrustedText>{name ?? email}</UntrustedText>
          </Link>
        )}
        {isReader ? <span className="text-muted"> (you)</span> : null}
        <span className="wrap-anywhere block text-[13px] text-muted">
          {name === null ? null : (
            <>
              <bdi>{email}</bdi>,{' '}
            </>
          )}
          joined <Time value={since} />
        </span>
      </span>
      <Badge tone={role === 'owner' ? 'info' : 'neutral'}>{ROLE_NAMES[role]}</Badge>
      {end ? <span className="w-4">{end}</span> : null}
    </span>
  );
}
