import { ArrowDown, ArrowUp, ArrowUpDown, Check } from 'lucide-react';
import { nextSorted, type Sorted, type Sorts } from '@/lib/contract/sort';
import { cn } from './cn';
import { DropdownMenu, DropdownMenuContent, DropdownMenuTrigger, dropdownItemClasses } from './dropdown-menu';
import { Icon } from './icon';
import { Link } from './link';
import { TableHeader } from './table';

/** How a list is sorted now, and how a link sorts it otherwise. */
export type Sorting<Name extends string = string> = {
  sorts: Sorts<Name>;
  sorted: Sorted<Name>;
  /** Returns the URL of the list's first page in another order. It keeps the search and the filters. */
  hrefOf: (sorted: Sorted<Name>) => string;
};

const DIRECTIONS = {
  asc: { Arrow: ArrowUp, spoken: 'ascending' },
  desc: { Arrow: ArrowDown, spoken: 'descending' },
} as const;

type SortHeaderProps<Name extends string> = {
  name: Name;
  sorting: Sorting<Name>;
  className?: string;
};

/**
 * The heading of a column that the list may be sorted by. Its link is hidden where the rows are stacked, because
 * the headings are visible to screen readers only there. A {@link SortMenu} takes its place.
 */
export function SortHeader<Name extends string>({ name, sorting, className }: SortHeaderProps<Name>) {
  const { sorts, sorted, hrefOf } = sorting;
  const column = sorts.columns[name];
  const now = sorted.sort === name ? DIRECTIONS[sorted.order] : undefined;
  const next = nextSorted(sorts, sorted, name);
  const Arrow = now?.Arrow ?? ArrowUpDown;
  return (
    <TableHeader aria-sort={now?.spoken} className={className}>
      <span className="columned:hidden">{column.label}</span>
      <Link
        href={hrefOf(next)}
        scroll={false}
        className={cn(
          'group/sort -mx-1.5 -my-1 inline-flex min-h-6 items-center gap-1 rounded-md px-1.5 py-1 hover:bg-hover hover:text-foreground stacked:hidden',
          now && 'text-foreground',
        )}
      >
        {column.label}
        <Arrow
          aria-hidden
          className={cn(
            'size-3.5 shrink-0',
            !now && 'opacity-0 group-hover/sort:opacity-100 group-focus-visible/sort:opacity-100',
          )}
        />
        <span className="sr-only">sort {column[next.order]}</span>
      </Link>
    </TableHeader>
  );
}

/** Sorts a list whose rows are stacked. Works without JavaScript. */
export function SortMenu<Name extends string>({ sorts, sorted, hrefOf }: Sorting<Name>) {
  const names = Object.keys(sorts.columns) as Name[];
  const choices = names.flatMap((sort) => (['asc', 'desc'] as const).map((order) => ({ sort, order })));
  const inWords = ({ sort, order }: Sorted<Name>) =>
    `${sorts.columns[sort].label}, ${sorts.columns[sort][order]}`;
  return (
    <DropdownMenu className="-ml-1.5 columned:hidden">
      <DropdownMenuTrigger className="min-h-8 rounded-md px-1.5 text-13 text-muted">
        <span>
          Sort by: <span className="text-foreground">{inWords(sorted)}</span>
        </span>
        <Icon name="chevronDown" className="size-3.5 shrink-0" />
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        {choices.map((choice) => {
          const isNow = choice.sort === sorted.sort && choice.order === sorted.order;
          return (
            <Link
              key={`${choice.sort} ${choice.order}`}
              href={hrefOf(choice)}
              scroll={false}
              aria-current={isNow ? 'true' : undefined}
              className={dropdownItemClasses}
            >
              <Check aria-hidden className={isNow ? undefined : 'invisible'} />
              {inWords(choice)}
            </Link>
          );
        })}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
