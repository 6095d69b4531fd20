import { type ReactNode, useId } from 'react';
import { Button } from './button';
import { type Kept, KeptFields } from './kept-fields';
import { AllRowsBox, SelectedRowsForm } from './selected-rows';

/*
 * Selects rows of a list. Each row has a checkbox that belongs to a form below the list (components/ui/select-cell.tsx).
 * The form is visible while a box is ticked. All of that works without JavaScript. The script counts, ticks all rows,
 * and opens the form's page without loading the document again.
 */

type SelectAllProps = {
  form: string;
  /** The rows that it ticks, such as `on this page`. */
  where: string;
};

/** A checkbox that ticks all rows of the page. Needs the script. */
export function SelectAll({ form, where }: SelectAllProps) {
  const id = useId();
  return (
    <label
      htmlFor={id}
      className="needs-script -m-2 inline-flex items-center gap-2.5 p-2 align-middle text-13"
    >
      <AllRowsBox
        id={id}
        form={form}
        className="[&>input:indeterminate]:border-[5px] [&>input:indeterminate]:border-primary"
      />
      <span className="columned:sr-only">
        Select all<span className="sr-only"> {where}</span>
      </span>
    </label>
  );
}

type SelectionFormProps = {
  id: string;
  /** The path of the page that the buttons lead to. */
  path: string;
  fields?: Kept;
  /** The buttons. */
  children: ReactNode;
};

/** The form of the ticked boxes, with the actions on them. Visible in a `group/selection` while one is ticked. */
export function SelectionForm({ id, path, fields = {}, children }: SelectionFormProps) {
  return (
    <SelectedRowsForm
      id={id}
      path={path}
      className="sticky bottom-4 z-20 hidden flex-wrap items-center gap-2 rounded-xl border border-border-strong bg-card px-4 py-2.5 shadow-lg group-has-[[data-row]:checked]/selection:flex"
    >
      <KeptFields kept={fields} />
      <Button type="reset" size="sm" variant="ghost">
        Clear
      </Button>
      {children}
    </SelectedRowsForm>
  );
}
