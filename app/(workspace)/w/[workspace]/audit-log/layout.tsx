import type { ReactNode } from 'react';
import { AuditLogSkeleton } from '@/components/audit-log/audit-log-skeleton';
import { PendingNavigation } from '@/components/shell/pending-navigation';
import { adminOf } from '../member-of';

type LayoutProps = { children: ReactNode; params: Promise<{ workspace: string }> };

/** Above the pending state, so that a redirect to sign-in, a 403 and a 404 still have their status codes. */
export default async function AuditLogLayout({ children, params }: LayoutProps) {
  await adminOf((await params).workspace);
  return <PendingNavigation fallback={<AuditLogSkeleton />}>{children}</PendingNavigation>;
}
