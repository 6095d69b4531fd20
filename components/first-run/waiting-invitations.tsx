import Link from 'next/link';
import { UntrustedText } from '../ui/untrusted-text';

type WaitingInvitationsProps = {
  /** Names of the workspaces, at least one. */
  from: readonly string[];
  reviewHref: string;
};

/** Told on the pages of the workspaces that somebody has already: we send no e-mail. */
export function WaitingInvitations({ from: [first = '', ...others], reviewHref }: WaitingInvitationsProps) {
  return (
    <aside aria-label="Invitations" className="border-accent-border border-b bg-accent-surface text-[13px]">
      <p className="mx-auto flex max-w-6xl flex-wrap gap-x-3 px-4 py-2">
        <span className="min-w-0">
          <UntrustedText className="font-medium">{first}</UntrustedText>
          {others.length === 0 ? ' has' : ` and ${others.length} more have`} invited you.
        </span>
        <Link href={reviewHref} prefetch={false} className="text-accent underline underline-offset-4">
          Review
        </Link>
      </p>
    </aside>
  );
}
