import { cookies } from 'next/headers';
import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { currentTheme } from '@/app/current-theme';
import { setTheme } from '@/app/theme';
import { SiteHeader } from '@/components/shell/site-header';
import { ThemeSwitch } from '@/components/shell/theme-switch';
import { UserMenu } from '@/components/shell/user-menu';
import { WorkspaceNav } from '@/components/shell/workspace-nav';
import { WorkspaceSwitcher } from '@/components/shell/workspace-switcher';
import { readCsrfToken } from '@/lib/auth/csrf-token';
import { currentUser } from '@/lib/auth/session';
import { getConfig } from '@/lib/config';
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
  const [{ workspaces }, theme, jar] = await Promise.all([readFirstRun(user.id), currentTheme(), cookies()]);
  return (
    <>
      <SiteHeader
        environment={getConfig().environment}
        context={<WorkspaceSwitcher current={workspace} workspaces={workspaces} />}
        account={
          <UserMenu
            email={user.label}
            memberRole={workspace.role}
            csrfToken={readCsrfToken(jar.getAll())}
            themeSwitch={<ThemeSwitch current={theme} action={setTheme} />}
          />
        }
        nav={<WorkspaceNav items={navItems(workspace)} />}
      />
      <main id="content" tabIndex={-1} className="mx-auto max-w-6xl px-4 pt-8 pb-20 outline-none sm:pt-10">
        {children}
      </main>
    </>
  );
}
