import { type ReactNode, useId } from 'react';
import { Form } from './form';
import { KeptFields } from './kept-fields';
import { type FormAction, SubmitButton } from './submit-button';

type UndoFormProps = {
  action: FormAction;
  /** Hidden fields of the form. */
  fields: Readonly<Record<string, string | number | null | undefined>>;
  /** Continues “Undo …”: what it restores. The page's address may be forged, so the notice alone doesn't say that. */
  children: ReactNode;
};

/** The button in a toast that undoes what the toast is about. */
export function UndoForm({ action, fields, children }: UndoFormProps) {
  const id = useId();
  return (
    // Without a box of its own, its button stands beside the toast's other one.
    <Form action={action} className="contents">
      <KeptFields kept={fields} />
      <p id={id} className="wrap-anywhere -mt-1 basis-full text-13">
        Undo {children}.
      </p>
      <SubmitButton size="sm" aria-describedby={id}>
        Undo
      </SubmitButton>
    </Form>
  );
}
