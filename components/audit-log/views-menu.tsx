import type { SavedView } from '@/lib/audit/views';
import { auditLogHref } from '@/lib/contract/audit-log-href';
import { Button } from '../ui/button';
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuTrigger,
  dropdownItemClasses,
} from '../ui/dropdown-menu';
import { Input } from '../ui/field';
import { Form } from '../ui/form';
import { Icon } from '../ui/icon';
import { Link } from '../ui/link';
import { type FormAction, SubmitButton } from '../ui/submit-button';
import { UntrustedText } from '../ui/untrusted-text';

export type ViewsMenuProps = {
  workspaceSlug: string;
  views: SavedView[];
  /** The page's search as a query string. */
  current: string;
  /** Returns a view's search as a query string. */
  textOf: (view: SavedView) => string;
  save: FormAction;
  remove: FormAction;
};

type ReplaceViewProps = { name: string; address: string; save: FormAction };

/** Saves the page's search in place of the view of that name. */
export function ReplaceView({ name, address, save }: ReplaceViewProps) {
  return (
    <Form action={save}>
      <input type="hidden" name="name" value={name} />
      <input type="hidden" name="address" value={address} />
      <input type="hidden" name="replaces" value="1" />
      <SubmitButton size="sm" variant="primary">
        Replace “<UntrustedText>{name}</UntrustedText>”
      </SubmitButton>
    </Form>
  );
}

/** The reader's saved searches: opens, saves and deletes them. */
export function ViewsMenu({ workspaceSlug, views, current, textOf, save, remove }: ViewsMenuProps) {
  const shown = views.find((view) => textOf(view) === current);
  return (
    <DropdownMenu>
      <DropdownMenuTrigger className="min-h-6 rounded-sm text-13 text-muted">
        <span className="max-w-40 truncate">{shown ? `View: ${shown.name}` : 'Views'}</span>
        <Icon name="chevronDown" className="size-3.5" />
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        {views.length === 0 ? (
          <p className="px-2.5 pt-1.5 pb-2 text-muted text-xs">
            Saved searches appear here. Only you see them.
          </p>
        ) : (
          <ul className="max-h-64 overflow-y-auto">
            {views.map((view) => (
              <li key={view.id} className="flex items-center">
                <Link
                  href={auditLogHref(workspaceSlug, view.address)}
                  aria-current={view === shown ? 'true' : undefined}
                  className={dropdownItemClasses}
                >
                  <UntrustedText truncate>{view.name}</UntrustedText>
                </Link>
                <Form action={remove}>
                  <input type="hidden" name="id" value={view.id} />
                  <input type="hidden" name="address" value={current} />
                  <Button type="submit" variant="ghost" size="icon" title={`Delete view ${view.name}`}>
                    <Icon name="x" className="size-3.5" />
                    <span className="sr-only">Delete view {view.name}</span>
                  </Button>
                </Form>
              </li>
            ))}
          </ul>
        )}
        <Form action={save} empties className="mt-1 flex gap-2 border-t px-1 pt-2 pb-1">
          <input type="hidden" name="address" value={current} />
          <Input
            name="name"
            aria-label="Name of the view"
            placeholder="Save this search as"
            maxLength={60}
            required
            autoComplete="off"
          />
          <SubmitButton variant="primary">Save</SubmitButton>
        </Form>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
