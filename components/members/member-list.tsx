import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Member, Role } from '@/lib/contract/members';
import { Avatar } from '../ui/avatar';
import { Badge } from '../ui/badge';
import { Card } from '../ui/card';
import { Checkbox, Label } from '../ui/field';
import { Link } from '../ui/link';
import { type FormAction, SubmitButton } from '../ui/submit-button';
import { Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';
import { ROLE_NAMES, RoleHint, RoleSelect } from './role-select';

/** Whether the user can change a member. `last_owner` and `owners_only` are reasons why not. */
export type Manageable = 'yes' | 'last_owner' | 'owners_only' | 'no';

type MemberListProps = {
  members: { member: Member; manageable: Manageable; isReader: boolean }[];
  /** The roles that the user is allowed to grant. */
  roles: readonly Role[];
  actions: { changeRole: FormAction; remove: FormAction };
  /** The path of this list. A member's page is at `${basePath}/${id}`. */
  basePath: string;
};

/** Lists the members, but not the invitations. A row that the user can change expands, even without JavaScript. */
export function MemberList({ members, roles, actions, basePath }: MemberListProps) {
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
                  <Controls member={member} manageable={manageable} roles={roles} actions={actions} />
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

type ControlsProps = Pick<MemberListProps, 'roles' | 'actions'> & {
  member: Member;
  manageable: Exclude<Manageable, 'no'>;
};

function Controls({ member, manageable, roles, actions }: ControlsProps) {
  switch (manageable) {
    case 'last_owner':
      return (
        <p className="text-muted text-sm">A workspace needs at least one owner. Add another owner first.</p>
      );
    case 'owners_only':
      return <p className="text-muted text-sm">Only an owner can change or remove an owner.</p>;
    case 'yes': {
      const id = `role-${member.id}`;
      return (
        <div className="flex flex-wrap items-end justify-between gap-4">
          <form
            action={actions.changeRole}
            className="flex min-w-0 flex-1 basis-72 flex-wrap items-end gap-2"
          >
            <input type="hidden" name="id" value={member.id} />
            <span className="grid min-w-0 flex-1 basis-56 gap-1.5">
              <Label htmlFor={id}>
                Role<span className="sr-only"> of {member.email}</span>
              </Label>
              <RoleSelect id={id} roles={roles} current={member.role} />
            </span>
            <SubmitButton>Change role</SubmitButton>
            <RoleHint id={id} roles={roles} className="basis-full" />
          </form>
          <form action={actions.remove} className="grid gap-2">
            <input type="hidden" name="id" value={member.id} />
            <label htmlFor={`remove-${member.id}`} className="flex items-start gap-2.5 text-sm">
              <Checkbox id={`remove-${member.id}`} required className="mt-0.5" />
              <span className="wrap-anywhere">
                Remove <bdi>{member.email}</bdi>
              </span>
            </label>
            <SubmitButton variant="quietDanger">
              Remove from the workspace<span className="sr-only"> {member.email}</span>
            </SubmitButton>
          </form>
          <p className="basis-full text-[13px] text-muted">
            Changes apply immediately. API keys they created keep working.
          </p>
        </div>
      );
    }
    default:
      return manageable satisfies never;
  }
}
