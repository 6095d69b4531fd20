import { Mail } from 'lucide-react';
import type { UserWorkspaces } from '@/lib/workspace/members';
import { Form } from '../ui/form';
import { NamedRow, Rows } from '../ui/rows';
import { type FormAction, SubmitButton } from '../ui/submit-button';
import { Expiry } from '../ui/time';

type InvitationListProps = Pick<UserWorkspaces, 'invitations'> & { accept: FormAction };

/** Lists the user's invitations, each with a button to join. */
export function InvitationList({ invitations, accept }: InvitationListProps) {
  return (
    <section aria-labelledby="invitations">
      <h2 id="invitations" className="mb-2 font-medium text-sm">
        Invitations for you
      </h2>
      <Rows>
        {invitations.map(({ id, workspace: { name }, role, expiresAt }) => (
          <NamedRow
            key={id}
            mark={<Mail aria-hidden className="size-4 shrink-0 text-muted" />}
            name={name}
            about={
              <>
                as {role}, expires <Expiry value={expiresAt.toISOString()} />
              </>
            }
          >
            <Form action={accept}>
              <input type="hidden" name="invitation_id" value={id} />
              <SubmitButton size="sm" variant="primary">
                Join<span className="sr-only"> {name}</span>
              </SubmitButton>
            </Form>
          </NamedRow>
        ))}
      </Rows>
    </section>
  );
}
