import type { Member } from '@/lib/contract/members';
import { ROLE_NAMES } from '../members/role-select';
import { Card, CardFooter, CardHeader } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { Consequences } from '../ui/consequences';
import { Field, Select } from '../ui/field';
import { Link } from '../ui/link';
import type { FormAction } from '../ui/submit-button';

type TransferCardProps = {
  members: readonly Member[];
  action: FormAction;
  /** The path of the page. */
  path: string;
  membersHref: string;
  /** Whether the page's URL asks to transfer the ownership. */
  isAsked: boolean;
};

/** Lets an owner hand the workspace over to another member, whom they choose in a dialog. */
export function TransferCard({ members, action, path, membersHref, isAsked }: TransferCardProps) {
  return (
    <Card>
      <CardHeader title="Transfer ownership">
        Another member becomes an owner, and you become an admin.
      </CardHeader>
      <CardFooter>
        {members.length === 0 ? (
          <p className="text-muted text-sm">
            There are no other members yet.{' '}
            <Link href={membersHref} className="text-accent underline underline-offset-4">
              Invite a member
            </Link>{' '}
            first.
          </p>
        ) : (
          <ConfirmDialog
            opener={{ ask: 'transfer', label: 'Transfer ownership', size: 'sm' }}
            title="Transfer the ownership?"
            description="You can’t undo this yourself:"
            confirm="Transfer ownership"
            action={action}
            href={path}
            isAsked={isAsked}
          >
            <Consequences>
              <li>The new owner can remove you, and delete the workspace.</li>
              <li>You become an admin. Only an owner can make you one again.</li>
            </Consequences>
            <div className="mt-6">
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
            </div>
          </ConfirmDialog>
        )}
      </CardFooter>
    </Card>
  );
}
