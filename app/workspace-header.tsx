import { navItems } from '@/app/(workspace)/w/[workspace]/nav-items';
import { SiteNav } from '@/components/shell/site-nav';
import { WorkspaceSwitcher } from '@/components/shell/workspace-switcher';
import type { UserActor } from '@/lib/actor';
import type { Membership } from '@/lib/auth/membership';
import { AccountHeader } from './account-header';

type WorkspaceHeaderProps = {
  user: UserActor;
  workspace: Membership;
  workspaces: { slug: string; name: string }[];
};

/** The header of a page that a member of a workspace reads: home, switch and navigation are of that workspace. */
export function WorkspaceHeader({ user, workspace, workspaces }: WorkspaceHeaderProps) {
  return (
    <AccountHeader
      user={user}
      role={workspace.role}
      homeHref={`/w/${workspace.slug}/settings/github`}
      context={<WorkspaceSwitcher current={workspace} workspaces={workspaces} />}
      nav={<SiteNav label="Workspace" items={navItems(workspace)} />}
    />
  );
}
