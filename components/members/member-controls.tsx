import type { Member, Role } from '@/lib/contract/members';
import { ButtonLink } from '../ui/button-link';
import { Label } from '../ui/field';
import { Form } from '../ui/form';
import { type Kept, KeptFields } from '../ui/kept-fields';
import { type FormAction, SubmitButton } from '../ui/submit-button';
import { RoleHint, RoleSelect } from './role-select';

/** Whether the user can change a member. `last_owner` and `owners_only` are reasons why not. */
export type Manageable = 'yes' | 'last_owner' | 'owners_only' | 'no';

type MemberControlsProps = {
  member: Member;
  manageable: Exclude<Manageable, 'no'>;
  /** The roles that the user is allowed to grant. */
  roles: readonly Role[];
  changeRole: FormAction;
  /** The URL that asks whether to remove the member. */
  removeHref: string;
  /** The query parameters that lead back to this page of the list. */
  kept: Kept;
};

/** Changes a member's role, or leads to the dialog that removes the member. Says why not, if the user can do neither. */
export function MemberControls(props: MemberControlsProps) {
  const { member, manageable, roles, changeRole, removeHref, kept } = props;
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
          <Form action={changeRole} className="flex min-w-0 flex-1 basis-72 flex-wrap items-end gap-2">
            <input type="hidden" name="id" value={member.id} />
            <KeptFields kept={kept} />
            <span className="grid min-w-0 flex-1 basis-56 gap-1.5">
              <Label htmlFor={id}>
                Role<span className="sr-only"> of {member.email}</span>
              </Label>
              <RoleSelect id={id} roles={roles} current={member.role} />
            </span>
            <SubmitButton>Change role</SubmitButton>
            <RoleHint id={id} roles={roles} className="basis-full" />
          </Form>
          <ButtonLink href={removeHref} variant="quietDanger" scroll={false} replace>
            Remove from the workspace<span className="sr-only"> {member.email}</span>
          </ButtonLink>
          <p className="basis-full text-13 text-muted">
            Changes apply immediately. API keys they created keep working.
          </p>
        </div>
      );
    }
    default:
      return manageable satisfies never;
  }
}
