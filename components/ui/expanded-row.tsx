import type { ReactNode } from 'react';

/**
 * A row below another one, in a `TableBody` with the class `group`. It is shown while a `<details>` of the other row
 * is open, so it needs no script.
 */
export function ExpandedRow({ columns, children }: { columns: number; children: ReactNode }) {
  return (
    <tr
      // biome-ignore lint/a11y/noRedundantRoles: see table.tsx
      role="row"
      className="hidden bg-surface columned:group-has-[details[open]]:table-row stacked:group-has-[details[open]]:block"
    >
      <td
        // biome-ignore lint/a11y/noRedundantRoles: see table.tsx
        role="cell"
        colSpan={columns}
        className="px-4 py-4 stacked:block sm:px-5"
      >
        {children}
      </td>
    </tr>
  );
}
