import type { ReactNode } from 'react';
import { GitHubSettingsSkeleton } from '@/components/github/github-settings-skeleton';
import { PendingNavigation } from '@/components/shell/pending-navigation';
import { memberOf } from '../../member-of';

type LayoutProps = { children: ReactNode; params: Promise<{ workspace: string }> };

/** Above the pending state, so that a redirect to sign-in and a 404 still have their status codes. */
export default async function GitHubSettingsLayout({ children, params }: LayoutProps) {
  await memberOf((await params).workspace);
  return <PendingNavigation fallback={<GitHubSettingsSkeleton />}>{children}</PendingNavigation>;
}
