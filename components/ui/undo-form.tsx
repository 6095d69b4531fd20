import { type ReactNode, useId } from 'react';
import { Form } from './form';
import { type FormAction, SubmitButton } from './submit-button';

type UndoFormProps = {
  action: FormAction;
  /** Hidden fields of the form. */
  fields: Readonly<Record<string, string | number>>;
  /** Says what is restored. The page's address may be forged, so that the notice alone doesn't say that. */
  children: ReactNode;
};

/** The button in a toast that undoes what the toast is about. */
export function UndoForm({ action, fields, children }: UndoFormProps) {
  const id = useId();
  return (
    <Form action={action} className="flex basis-full flex-wrap items-center gap-x-3 gap-y-2">
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <SubmitButton size="sm" aria-describedby={id}>
        Undo
      </SubmitButton>
      <span id={id} className="wrap-anywhere min-w-0 flex-1 basis-40 text-[13px]">
        {children}
      </span>
    </Form>
  );
}
