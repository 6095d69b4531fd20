import type { ComponentProps, ReactNode } from 'react';

/** A row of a table, followed by its {@link ExpandedRow}. */
export function ExpandableRows(props: Omit<ComponentProps<'tbody'>, 'className'>) {
  return (
    // biome-ignore lint/a11y/noRedundantRoles: see table.tsx
    <tbody role="rowgroup" className="group stacked:block [tbody+&]:border-t" {...props} />
  );
}

/**
 * The second row of {@link ExpandableRows}. It is shown while a `<details>` of the first row is open, so it needs no
 * script.
 */
export function ExpandedRow({ columns, children }: { columns: number; children: ReactNode }) {
  return (
    <tr
      // biome-ignore lint/a11y/noRedundantRoles: see table.tsx
      role="row"
      className="hidden border-t bg-surface columned:group-has-[details[open]]:table-row stacked:group-has-[details[open]]:block"
    >
      <td
        // biome-ignore lint/a11y/noRedundantRoles: see table.tsx
        role="cell"
        colSpan={columns}
        className="p-4 stacked:block"
      >
        {children}
      </td>
    </tr>
  );
}
