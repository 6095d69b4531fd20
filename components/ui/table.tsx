import type { ComponentProps } from 'react';
import { cn } from './cn';

/*
 * A table that has columns from the `md` breakpoint up, or from `lg` up if it has many. On narrower screens, each row
 * stacks its cells. The variants `columned:` and `stacked:` (app/globals.css) apply to one layout each. Every element
 * sets its role explicitly, because changing `display` makes browsers drop the table's semantics.
 */

type TableProps = ComponentProps<'table'> & { columns?: 'few' | 'many' };

export function Table({ className, columns = 'few', ...props }: TableProps) {
  return (
    <table
      data-columns={columns}
      // biome-ignore lint/a11y/noRedundantRoles: see above
      role="table"
      className={cn('w-full border-collapse text-sm stacked:block columned:table-fixed', className)}
      {...props}
    />
  );
}

export function TableHead({ className, ...props }: ComponentProps<'thead'>) {
  return (
    // biome-ignore lint/a11y/noRedundantRoles: see above
    <thead role="rowgroup" className={cn('border-b bg-surface stacked:sr-only', className)} {...props} />
  );
}

export function TableBody({ className, ...props }: ComponentProps<'tbody'>) {
  return (
    // biome-ignore lint/a11y/noRedundantRoles: see above
    <tbody role="rowgroup" className={cn('divide-y stacked:block', className)} {...props} />
  );
}

export function TableRow({ className, ...props }: ComponentProps<'tr'>) {
  return (
    // biome-ignore lint/a11y/noRedundantRoles: see above
    <tr role="row" className={cn('stacked:block stacked:px-4 stacked:py-3', className)} {...props} />
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

type TableCellProps = ComponentProps<'td'> & {
  /** Whether a stacked row shows this cell on the same line as the previous one. */
  inline?: boolean;
};

export function TableCell({ className, inline = false, ...props }: TableCellProps) {
  return (
    <td
      // biome-ignore lint/a11y/noRedundantRoles: see above
      role="cell"
      className={cn(
        inline ? 'stacked:inline' : 'stacked:block stacked:py-0.5',
        'columned:px-4 columned:py-3',
        className,
      )}
      {...props}
    />
  );
}
