import type { UserWorkspaces } from '@/lib/workspace/members';
import { Link } from '../ui/link';
import { UntrustedText } from '../ui/untrusted-text';

type WaitingInvitationsProps = Pick<UserWorkspaces, 'invitations'> & { reviewHref: string };

/**
 * Announces the user's pending invitations on the pages of their current workspace. We send no email, so they might
 * miss them otherwise.
 */
export function WaitingInvitations({ invitations, reviewHref }: WaitingInvitationsProps) {
  const [first, ...others] = invitations;
  if (first === undefined) return null;
  return (
    <aside aria-label="Invitations" className="border-accent-border border-b bg-accent-surface text-13">
      <p className="mx-auto flex max-w-6xl flex-wrap gap-x-3 px-4 py-2">
        <span className="min-w-0">
          <UntrustedText className="font-medium">{first.workspace.name}</UntrustedText>
          {others.length === 0 ? ' has' : ` and ${others.length} more have`} invited you.
        </span>
        <Link href={reviewHref} className="text-accent underline underline-offset-4">
          Review
        </Link>
      </p>
    </aside>
  );
}
