import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { AccountHeader } from '@/app/account-header';
import { SiteNav } from '@/components/shell/site-nav';
import { WorkspaceSwitcher } from '@/components/shell/workspace-switcher';
import { currentUser } from '@/lib/auth/session';
import { readFirstRun } from '@/lib/workspace/first-run';
import { findMembership } from './member-of';
import { navItems } from './nav-items';

type WorkspaceLayoutProps = { children: ReactNode; params: Promise<{ workspace: string }> };

export default async function WorkspaceLayout({ children, params }: WorkspaceLayoutProps) {
  const { workspace: slug } = await params;
  const user = await currentUser();
  // The page below knows its own address and sends the reader to sign-in and back.
  if (user === null) return children;
  const workspace = (await findMembership(slug, user.id)) ?? notFound();
  const { workspaces } = await readFirstRun(user.id);
  return (
    <>
      <AccountHeader
        user={user}
        role={workspace.role}
        context={<WorkspaceSwitcher current={workspace} workspaces={workspaces} />}
        nav={<SiteNav label="Workspace" items={navItems(workspace)} />}
      />
      <main id="content" tabIndex={-1} className="mx-auto max-w-6xl px-4 pt-8 pb-20 outline-none sm:pt-10">
        {children}
      </main>
    </>
  );
}
