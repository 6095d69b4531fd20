import { UserPlus } from 'lucide-react';
import type { Role } from '@/lib/contract/members';
import { Card, CardHeader } from '../ui/card';
import { Field, Input } from '../ui/field';
import { Form } from '../ui/form';
import { type Kept, KeptFields } from '../ui/kept-fields';
import { type FormAction, SubmitButton } from '../ui/submit-button';
import { RoleHint, RoleSelect } from './role-select';

type InviteFormProps = {
  action: FormAction;
  /** The roles that the user is allowed to grant. */
  roles: readonly Role[];
  /** The query parameters of the list, which the page keeps. */
  kept: Kept;
};

export function InviteForm({ action, roles, kept }: InviteFormProps) {
  return (
    <Card>
      <CardHeader title="Invite a member">
        We don’t send email yet. You get a link to share; it expires in 7 days and works only for this
        address.
      </CardHeader>
      <Form
        action={action}
        empties
        className="grid grid-cols-1 items-end gap-4 px-5 pb-5 sm:px-6 sm:pb-6 md:grid-cols-[2fr_1fr_auto]"
      >
        <KeptFields kept={kept} />
        <Field id="invite-email" label="Email">
          <Input
            id="invite-email"
            name="email"
            type="email"
            required
            maxLength={254}
            autoComplete="off"
            placeholder="mia@acme.test"
          />
        </Field>
        <Field id="invite-role" label="Role">
          <RoleSelect id="invite-role" roles={roles} current="member" />
        </Field>
        <RoleHint id="invite-role" roles={roles} className="max-md:-mt-2.5 md:order-last md:col-span-3" />
        <SubmitButton variant="primary">
          <UserPlus aria-hidden />
          Invite
        </SubmitButton>
      </Form>
    </Card>
  );
}
