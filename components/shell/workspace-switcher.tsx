import { Check, ChevronsUpDown, Plus } from 'lucide-react';
import { Avatar } from '../ui/avatar';
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuTrigger,
  dropdownItemClasses,
} from '../ui/dropdown-menu';
import { Link } from '../ui/link';
import { UntrustedText } from '../ui/untrusted-text';

type WorkspaceName = { slug: string; name: string };

type WorkspaceSwitcherProps = { current: WorkspaceName; workspaces: WorkspaceName[] };

export function WorkspaceSwitcher({ current, workspaces }: WorkspaceSwitcherProps) {
  return (
    <DropdownMenu className="min-w-0">
      <DropdownMenuTrigger className="min-w-0 rounded-md py-1 pr-1.5 pl-1">
        <Avatar name={current.name} size="sm" shape="square" />
        <span className="sr-only">Workspace: </span>
        <UntrustedText truncate className="min-w-0 max-w-56 font-medium">
          {current.name}
        </UntrustedText>
        <ChevronsUpDown aria-hidden className="size-3.5 shrink-0 text-muted" />
      </DropdownMenuTrigger>
      <DropdownMenuContent className="max-sm:fixed max-sm:inset-x-4 max-sm:top-14 max-sm:w-auto">
        <p className="px-2.5 pt-1.5 pb-1 text-muted text-xs">Workspaces</p>
        <ul className="max-h-72 overflow-y-auto">
          {workspaces.map((workspace) => (
            <li key={workspace.slug}>
              <Link
                href={`/w/${workspace.slug}/settings/github`}
                aria-current={workspace.slug === current.slug ? 'true' : undefined}
                className={dropdownItemClasses}
              >
                <Avatar name={workspace.name} size="sm" shape="square" />
                <UntrustedText truncate className="min-w-0 flex-1">
                  {workspace.name}
                </UntrustedText>
                {workspace.slug === current.slug ? <Check aria-hidden /> : null}
              </Link>
            </li>
          ))}
        </ul>
        <div className="mt-1.5 border-t pt-1.5">
          <Link href={`/new?workspace=${current.slug}`} className={dropdownItemClasses}>
            <Plus aria-hidden />
            Create or join a workspace
          </Link>
        </div>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
