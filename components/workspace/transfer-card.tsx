import type { Member } from '@/lib/contract/members';
import { ROLE_NAMES } from '../members/role-select';
import { Card, CardContent, CardHeader } from '../ui/card';
import { Checkbox, Field, Select } from '../ui/field';
import { Form } from '../ui/form';
import { type FormAction, SubmitButton } from '../ui/submit-button';

/** Lets an owner hand the workspace over to another member. */
export function TransferCard({ members, action }: { members: readonly Member[]; action: FormAction }) {
  return (
    <Card>
      <CardHeader title="Transfer ownership">
        The member becomes an owner and you become an admin. Only an owner can undo this.
      </CardHeader>
      <CardContent>
        {members.length === 0 ? (
          <p className="text-muted text-sm">
            There are no other members yet. Invite someone on the Members page.
          </p>
        ) : (
          <Form action={action} className="grid gap-4">
            <Field id="next-owner" label="New owner">
              <Select id="next-owner" name="id" required defaultValue="">
                <option value="" disabled>
                  Choose a member
                </option>
                {members.map(({ id, email, role }) => (
                  <option key={id} value={id}>
                    {email} ({ROLE_NAMES[role]})
                  </option>
                ))}
              </Select>
            </Field>
            <label htmlFor="transfer-sure" className="flex items-start gap-2.5 text-sm">
              <Checkbox id="transfer-sure" required className="mt-0.5" />
              <span>I understand that I can’t take the ownership back myself.</span>
            </label>
            <div>
              <SubmitButton>Transfer ownership</SubmitButton>
            </div>
          </Form>
        )}
      </CardContent>
    </Card>
  );
}
