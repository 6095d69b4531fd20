import type { ComponentProps } from 'react';
import { cn } from './cn';
import { Checkbox } from './field';

type SelectCellProps = {
  /** The id of the form that the checkbox belongs to (components/ui/selection.tsx). */
  form: string;
  field?: string;
  value: string | number;
  /** Names the row. */
  name: string;
};

/** A row that begins with a {@link SelectCell}. Where rows are stacked, the cell stands at their left. */
export function SelectableRow({ className, ...props }: ComponentProps<'tr'>) {
  return (
    <tr
      // biome-ignore lint/a11y/noRedundantRoles: see table.tsx
      role="row"
      className={cn(
        'has-[[data-row]:checked]:bg-accent-surface stacked:relative stacked:block stacked:py-3 stacked:pr-4 stacked:pl-11',
        className,
      )}
      {...props}
    />
  );
}

/** The cell with a row's checkbox. Without `select`, the row cannot be selected now. */
export function SelectCell({ select }: { select: SelectCellProps | null }) {
  return (
    <td
      // biome-ignore lint/a11y/noRedundantRoles: see table.tsx
      role="cell"
      className="columned:py-3 columned:pl-4 stacked:absolute stacked:top-3.5 stacked:left-4"
    >
      {select === null ? null : (
        <label htmlFor={`${select.form}-${select.value}`} className="-m-2 inline-grid p-2">
          <Checkbox
            id={`${select.form}-${select.value}`}
            form={select.form}
            name={select.field ?? 'id'}
            value={select.value}
            data-row
            autoComplete="off"
            className="columned:mt-0.5"
          />
          <span className="sr-only">Select {select.name}</span>
        </label>
      )}
    </td>
  );
}
