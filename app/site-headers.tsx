import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { CommandPalette } from '@/components/shell/command-palette';
import type { PaletteItem } from '@/components/shell/palette-items';
import { SiteHeader } from '@/components/shell/site-header';
import { type NavItem, SiteNav } from '@/components/shell/site-nav';
import { ThemeSwitch } from '@/components/shell/theme-switch';
import { UserMenu } from '@/components/shell/user-menu';
import { WorkspaceSwitcher } from '@/components/shell/workspace-switcher';
import { buttonClasses } from '@/components/ui/button';
import { Icon } from '@/components/ui/icon';
import type { UserActor } from '@/lib/actor';
import { currentUser, currentVerifiedEmail, signInHref } from '@/lib/auth/current-user';
import { isOperator } from '@/lib/auth/operator';
import { findWorkspaceForUser, type Membership, readCsrfToken } from '@/lib/auth/session';
import { getConfig } from '@/lib/config';
import { hasRole } from '@/lib/contract/members';
import { listUserWorkspaces, type UserWorkspaces } from '@/lib/workspace/members';
import { currentTheme, firstValue, type SearchParams } from './request';
import { setTheme } from './theme';

/** Returns the workspace's pages that this member is allowed to open, in the order of the navigation. */
function navItems({ slug, role }: Membership): NavItem[] {
  const isAdmin = hasRole(role, 'admin');
  return [
    { href: `/w/${slug}/settings/github`, label: 'GitHub', alsoAt: `/w/${slug}/repositories` },
    ...(isAdmin
      ? [
          { href: `/w/${slug}/settings/api-keys`, label: 'API keys' },
          { href: `/w/${slug}/settings/trust-rules`, label: 'Trust rules' },
        ]
      : []),
    { href: `/w/${slug}/settings/members`, label: 'Members' },
    ...(isAdmin ? [{ href: `/w/${slug}/audit-log`, label: 'Audit log' }] : []),
    { href: `/w/${slug}/settings/general`, label: 'General' },
    { href: `/trust?workspace=${slug}`, label: 'Trust', alsoAt: `/w/${slug}/settings/evidence-links` },
    { href: `/docs/api?workspace=${slug}`, label: 'API' },
  ];
}

/** Returns where the palette leads this user: pages, actions of their role, and their other workspaces. */
function paletteItems(workspace: Membership | null, workspaces: SignedIn['workspaces']): PaletteItem[] {
  const base = `/w/${workspace?.slug}`;
  const pages = workspace === null ? PUBLIC_ITEMS : navItems(workspace);
  const isAdmin = workspace !== null && hasRole(workspace.role, 'admin');
  const actions = [
    ...(isAdmin
      ? [
          { label: 'Create API key', href: `${base}/settings/api-keys/new`, also: 'new add' },
          {
            label: 'Invite a member',
            href: `${base}/settings/members#invite-email`,
            also: 'add people user email',
          },
          { label: 'Create trust rule', href: `${base}/settings/trust-rules/new`, also: 'new add' },
          { label: 'Test an identity token', href: `${base}/settings/trust-rules/test` },
          { label: 'Verify the audit log', href: `${base}/audit-log?verify=1` },
          { label: 'Compare with GitHub’s audit log', href: `${base}/audit-log/compare` },
        ]
      : []),
    { label: 'Create or join a workspace', href: '/new', also: 'new organization team' },
    { label: 'Change the theme', href: '/account#zone', also: 'dark light mode appearance' },
    { label: 'Sign out', href: '/sign-out', also: 'log out logout' },
  ];
  return [
    ...[...pages, { label: 'Your account', href: '/account' }].map(
      (page) => ({ ...page, group: 'Pages', also: WORDS[page.label] ?? '' }) as const,
    ),
    ...actions.map((action) => ({ ...action, group: 'Actions' }) as const),
    ...workspaces
      .filter(({ slug }) => slug !== workspace?.slug)
      .map(({ slug, name }) => ({ label: name, href: `/w/${slug}`, group: 'Workspaces' }) as const),
  ];
}

/** Maps a page's label to other words that find it. */
const WORDS: Readonly<Record<string, string>> = {
  GitHub: 'connection installation account connect disconnect uninstall sync repositories permissions',
  'API keys': 'revoke rotate expire secret credential',
  'Trust rules': 'revoke workload identity oidc actions',
  Members: 'people team users invitations roles remove',
  'Audit log': 'events history activity export csv download tokens',
  General: 'settings workspace rename transfer owner leave delete',
  Trust: 'security evidence pack claims compliance',
  API: 'reference documentation docs openapi',
  'Your account': 'profile sessions sign-in time zone sign out everywhere',
};

const PUBLIC_ITEMS: readonly NavItem[] = [
  { href: '/trust', label: 'Trust' },
  { href: '/docs/api', label: 'API' },
];

type SignedIn = { user: UserActor; workspace: Membership | null; workspaces: UserWorkspaces['workspaces'] };

/** Header for a signed-in user. In a workspace, it also contains the workspace switcher and the navigation. */
export async function AccountHeader({ user, workspace, workspaces }: SignedIn) {
  const csrfToken = readCsrfToken((await cookies()).getAll());
  const ofWorkspace =
    workspace === null
      ? { homeHref: '/' }
      : {
          homeHref: `/w/${workspace.slug}/settings/github`,
          context: <WorkspaceSwitcher current={workspace} workspaces={workspaces} />,
          nav: <SiteNav label="Workspace" items={navItems(workspace)} />,
        };
  return (
    <SiteHeader
      environment={getConfig().environment}
      {...ofWorkspace}
      account={
        <>
          <CommandPalette
            items={paletteItems(workspace, workspaces)}
            workspace={workspace?.slug ?? null}
            isAdmin={workspace !== null && hasRole(workspace.role, 'admin')}
          >
            <Icon name="search" />
            <span className="max-md:sr-only">Go to…</span>
            <kbd aria-hidden className="rounded border px-1 font-sans text-muted text-xs max-md:hidden">
              Ctrl K
            </kbd>
          </CommandPalette>
          <UserMenu
            email={user.label}
            memberRole={workspace?.role}
            csrfToken={csrfToken}
            themeSwitch={<ThemeSwitch current={await currentTheme()} action={setTheme} />}
            operatorHref={isOperator(user, await currentVerifiedEmail()) ? '/operator' : null}
          />
        </>
      }
    />
  );
}

type Visitor = UserWorkspaces & {
  user: UserActor | null;
  /** The workspace named in the URL, or else the user's first one. `null` if the user isn't a member of it. */
  workspace: Membership | null;
};

/** Returns the user who is visiting a page outside workspaces, with their workspaces and invitations. */
export async function readVisitor(searchParams: SearchParams): Promise<Visitor> {
  const user = await currentUser();
  if (user === null) return { user, workspaces: [], invitations: [], workspace: null };
  const { workspaces, invitations } = await listUserWorkspaces(user.id, await currentVerifiedEmail());
  const slug = firstValue((await searchParams).workspace) ?? workspaces[0]?.slug;
  return {
    user,
    workspaces,
    invitations,
    workspace: slug === undefined ? null : await findWorkspaceForUser(slug, user.id),
  };
}

type PublicPageProps = { visitor: Visitor; className: string; children: ReactNode };

/** A page outside workspaces, with its header. */
export function PublicPage({ visitor, className, children }: PublicPageProps) {
  return (
    <>
      <PublicHeader visitor={visitor} />
      <main id="content" tabIndex={-1} className={`mx-auto px-4 outline-none ${className}`}>
        {children}
      </main>
    </>
  );
}

/** Header for a page outside workspaces. A signed-in user gets the header of their own workspace. */
export async function PublicHeader({ visitor: { user, ...places } }: { visitor: Visitor }) {
  if (user !== null) return <AccountHeader user={user} {...places} />;
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
}
