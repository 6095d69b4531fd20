'use client';

import { usePathname } from 'next/navigation';
import { cn } from '../ui/cn';
import { Link } from '../ui/link';

export type NavItem = {
  href: string;
  label: string;
  /** The path of pages elsewhere that belong to this item, too. */
  alsoAt?: string;
};

/**
 * Links to a workspace's pages, or to the public pages. On a narrow screen the row of links scrolls, and its end fades
 * to show that there is more. Forced colours draw every border, so there the other pages have none.
 */
export function SiteNav({ label, items }: { label: string; items: readonly NavItem[] }) {
  const pathname = usePathname();
  return (
    <nav
      aria-label={label}
      className="-mb-px overflow-x-auto whitespace-nowrap px-2 [scrollbar-width:none] max-sm:pr-8 max-sm:[mask-image:linear-gradient(to_left,transparent,black_2rem)] sm:px-4"
    >
      <ul className="flex">
        {items.map(({ href, label, alsoAt }) => {
          const current = [href.split('?')[0], alsoAt].some(
            (path) => path !== undefined && (pathname === path || pathname.startsWith(`${path}/`)),
          );
          return (
            <li key={href}>
              <Link
                href={href}
                aria-current={current ? 'page' : undefined}
                className={cn(
                  'group block border-b-2 px-0.5 py-1.5 text-sm sm:px-1 focus-visible:outline-offset-[-2px]',
                  current
                    ? 'border-foreground text-foreground forced-colors:border-[Highlight]'
                    : 'border-transparent text-muted hover:text-foreground forced-colors:border-b-0 forced-colors:pb-2',
                )}
              >
                <span className="flex items-center rounded-md px-1.5 py-1.5 group-hover:bg-hover sm:px-2">
                  {label}
                  <PendingDot />
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

/**
 * Confirms a click while the server is still rendering the next page. Its space is reserved, so it doesn't shift the
 * layout.
 */
function PendingDot() {
  return (
    <span
      aria-hidden
      className="-mr-2 ml-0.5 size-1.5 rounded-full bg-accent opacity-0 transition-opacity group-data-pending:opacity-100"
    />
  );
}
