import { UserPlus } from 'lucide-react';
import type { Role } from '@/lib/contract/members';
import { Card, CardHeader } from '../ui/card';
import { CopyButton } from '../ui/copy-button';
import { Field, Input } from '../ui/field';
import { Form } from '../ui/form';
import { type FormAction, SubmitButton } from '../ui/submit-button';
import { RoleHint, RoleSelect } from './role-select';

type InviteFormProps = {
  action: FormAction;
  /** The roles that the user is allowed to grant. */
  roles: readonly Role[];
  /** The URL of the page on which the invited person will find the invitation. */
  joinUrl: string;
};

export function InviteForm({ action, roles, joinUrl }: InviteFormProps) {
  return (
    <Card>
      <CardHeader title="Invite somebody">
        We send no e-mail. The invitation waits a week and is shown to whoever signs in with that address:
        tell them to go to <span className="wrap-anywhere text-foreground">{joinUrl}</span>
        <span className="ml-1 inline-block align-middle">
          <CopyButton value={joinUrl} label="the address" />
        </span>
      </CardHeader>
      <Form
        action={action}
        empties
        className="grid grid-cols-1 items-end gap-4 px-5 pb-5 sm:px-6 sm:pb-6 md:grid-cols-[2fr_1fr_auto]"
      >
        <Field id="invite-email" label="E-mail">
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
