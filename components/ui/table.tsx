import type { ComponentProps } from 'react';
import { cn } from './cn';

/*
 * A real table from `md` up; below, every row is a block of its cells. The roles are spelled out because browsers
 * drop a table's meaning when `display` changes.
 */

export function Table({ className, ...props }: ComponentProps<'table'>) {
  return (
    <table
      // biome-ignore lint/a11y/noRedundantRoles: see above
      role="table"
      className={cn('w-full border-collapse text-sm max-md:block md:table-fixed', className)}
      {...props}
    />
  );
}

export function TableHead({ className, ...props }: ComponentProps<'thead'>) {
  return (
    // biome-ignore lint/a11y/noRedundantRoles: see above
    <thead role="rowgroup" className={cn('border-b bg-surface max-md:sr-only', className)} {...props} />
  );
}

export function TableBody({ className, ...props }: ComponentProps<'tbody'>) {
  return (
    // biome-ignore lint/a11y/noRedundantRoles: see above
    <tbody role="rowgroup" className={cn('divide-y max-md:block', className)} {...props} />
  );
}

export function TableRow({ className, ...props }: ComponentProps<'tr'>) {
  return (
    // biome-ignore lint/a11y/noRedundantRoles: see above
    <tr role="row" className={cn('max-md:block max-md:px-4 max-md:py-3', className)} {...props} />
  );
}

export function TableHeader({ className, ...props }: ComponentProps<'th'>) {
  return (
    <th
      // biome-ignore lint/a11y/noRedundantRoles: see above
      role="columnheader"
      scope="col"
      className={cn('px-4 py-2.5 text-left font-medium text-muted text-xs', className)}
      {...props}
    />
  );
}

export function TableCell({ className, ...props }: ComponentProps<'td'>) {
  return (
    // biome-ignore lint/a11y/noRedundantRoles: see above
    <td role="cell" className={cn('max-md:block max-md:py-0.5 md:px-4 md:py-3', className)} {...props} />
  );
}
