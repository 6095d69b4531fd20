import { Mail } from 'lucide-react';
import Link from 'next/link';
import type { UserWorkspaces } from '@/lib/workspace/members';
import { NamedRow, Rows } from '../ui/rows';
import { type FormAction, SubmitButton } from '../ui/submit-button';
import { Expiry } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';

type Invitations = Pick<UserWorkspaces, 'invitations'>;

/** Lists the reader's invitations, each with a button to join. */
export function InvitationList({ invitations, accept }: Invitations & { accept: FormAction }) {
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
            <form action={accept}>
              <input type="hidden" name="invitation_id" value={id} />
              <SubmitButton size="sm" variant="primary">
                Join<span className="sr-only"> {name}</span>
              </SubmitButton>
            </form>
          </NamedRow>
        ))}
      </Rows>
    </section>
  );
}

/** Tells of invitations on the pages of a workspace that the reader has already, because we send no email. */
export function WaitingInvitations({ invitations, reviewHref }: Invitations & { reviewHref: string }) {
  const [first, ...others] = invitations;
  if (first === undefined) return null;
  return (
    <aside aria-label="Invitations" className="border-accent-border border-b bg-accent-surface text-[13px]">
      <p className="mx-auto flex max-w-6xl flex-wrap gap-x-3 px-4 py-2">
        <span className="min-w-0">
          <UntrustedText className="font-medium">{first.workspace.name}</UntrustedText>
          {others.length === 0 ? ' has' : ` and ${others.length} more have`} invited you.
        </span>
        <Link href={reviewHref} prefetch={false} className="text-accent underline underline-offset-4">
          Review
        </Link>
      </p>
    </aside>
  );
}
