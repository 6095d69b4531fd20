import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { SiteHeader } from '@/components/shell/site-header';
import { ThemeSwitch } from '@/components/shell/theme-switch';
import { UserMenu } from '@/components/shell/user-menu';
import type { UserActor } from '@/lib/actor';
import { readCsrfToken } from '@/lib/auth/cookies';
import { getConfig } from '@/lib/config';
import { currentTheme } from './current-theme';
import { setTheme } from './theme';

type AccountHeaderProps = {
  user: UserActor;
  role?: string;
  homeHref?: string;
  context?: ReactNode;
  nav?: ReactNode;
};

/** The header of every page that needs somebody signed in. */
export async function AccountHeader({ user, role, homeHref = '/', context, nav }: AccountHeaderProps) {
  const csrfToken = readCsrfToken((await cookies()).getAll());
  return (
    <SiteHeader
      environment={getConfig().environment}
      homeHref={homeHref}
      context={context}
      nav={nav}
      account={
        <UserMenu
          email={user.label}
          {...(role === undefined ? {} : { memberRole: role })}
          csrfToken={csrfToken}
          themeSwitch={<ThemeSwitch current={await currentTheme()} action={setTheme} />}
        />
      }
    />
  );
}
