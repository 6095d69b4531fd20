import type { ReactNode } from 'react';
import { ApiKeysSkeleton } from '@/components/api-keys/api-keys-skeleton';
import { PendingNavigation } from '@/components/shell/pending-navigation';
import { adminOf } from '../../../member-of';

type LayoutProps = { children: ReactNode; params: Promise<{ workspace: string }> };

/**
 * Above the pending state, so that a redirect to sign-in, a 403 and a 404 still have their status codes. Of the list
 * alone: the page of one key answers 404 itself.
 */
export default async function ApiKeysLayout({ children, params }: LayoutProps) {
  await adminOf((await params).workspace);
  return <PendingNavigation fallback={<ApiKeysSkeleton />}>{children}</PendingNavigation>;
}
