import type { ReactNode } from 'react';
import { MembersSkeleton } from '@/components/members/members-skeleton';
import { PendingNavigation } from '@/components/shell/pending-navigation';
import { hasRole } from '@/lib/contract/members';
import { memberOf } from '../../member-of';

type LayoutProps = { children: ReactNode; params: Promise<{ workspace: string }> };

/**
 * Above the pending state, so that a redirect to sign-in and a 404 still have their status codes, and the skeleton knows
 * whether there will be a form above the list.
 */
export default async function MembersLayout({ children, params }: LayoutProps) {
  const { workspace } = await memberOf((await params).workspace);
  return (
    <div data-manages={hasRole(workspace.role, 'admin')} className="contents">
      <PendingNavigation fallback={<MembersSkeleton />}>{children}</PendingNavigation>
    </div>
  );
}
