import { AccountHeader } from '@/app/account-header';
import { firstValue, type SearchParams } from '@/app/search-params';
import { SiteHeader } from '@/components/shell/site-header';
import { type NavItem, SiteNav } from '@/components/shell/site-nav';
import { ThemeSwitch } from '@/components/shell/theme-switch';
import { buttonClasses } from '@/components/ui/button';
import type { UserActor } from '@/lib/actor';
import { findWorkspaceForUser, type Membership } from '@/lib/auth/membership';
import { currentUser, currentVerifiedEmail, signInHref } from '@/lib/auth/session';
import { getConfig } from '@/lib/config';
import { type FirstRun, readFirstRun } from '@/lib/workspace/first-run';
import { currentTheme } from './current-theme';
import { setTheme } from './theme';
import { WorkspaceHeader } from './workspace-header';

const PUBLIC_ITEMS: readonly NavItem[] = [
  { href: '/trust', label: 'Trust' },
  { href: '/docs/api', label: 'API' },
];

type Visitor = FirstRun & {
  user: UserActor | null;
  /** The one that the address names, or their first; `null` when it is not theirs. */
  workspace: Membership | null;
};

/** Who reads a page that belongs to no workspace. */
export async function readVisitor(searchParams: SearchParams): Promise<Visitor> {
  const user = await currentUser();
  if (user === null) return { user, workspaces: [], invitations: [], workspace: null };
  const { workspaces, invitations } = await readFirstRun(user.id, await currentVerifiedEmail());
  const slug = firstValue((await searchParams).workspace) ?? workspaces[0]?.slug;
  return {
    user,
    workspaces,
    invitations,
    workspace: slug === undefined ? null : await findWorkspaceForUser(slug, user.id),
  };
}

/** The header of a page that belongs to no workspace: of the reader's own workspace, if there is one. */
export async function PublicHeader({ visitor: { user, workspaces, workspace } }: { visitor: Visitor }) {
  if (user === null)
    return (
      <SiteHeader
        environment={getConfig().environment}
        homeHref="/"
        nav={<SiteNav label="Public pages" items={PUBLIC_ITEMS} />}
        account={
          <>
            <ThemeSwitch current={await currentTheme()} action={setTheme} />
            <a href={await signInHref()} className={buttonClasses({ size: 'sm' })}>
              Sign in
            </a>
          </>
        }
      />
    );
  if (workspace === null) return <AccountHeader user={user} />;
  return <WorkspaceHeader user={user} workspace={workspace} workspaces={workspaces} />;
}
