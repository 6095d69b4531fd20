'use client';

import { lazy, type ReactNode } from 'react';
import { Field, FormProblem, Select } from '../ui/field';
import { Form, useFormAction } from '../ui/form';
import { SubmitButton } from '../ui/submit-button';
import type { CreateKeyState } from './create-key-form';

/** Loaded only once there is a key to show, to keep the page's script small. */
const NewKey = lazy(() => import('./new-key').then((file) => ({ default: file.NewKey })));

type QuickKeyProps = {
  action: (state: CreateKeyState, form: FormData) => Promise<CreateKeyState>;
  initial: CreateKeyState;
  /** The repositories to choose from. Without any, there is no form. */
  repositories: readonly { id: number; full_name: string }[];
  notice: ReactNode;
  doneHref: string;
  /** Whether a key or rule waits for its first use already. The form for another key is folded then. */
  isWaiting: boolean;
  /** Shown above the folded form. */
  waiting: ReactNode;
};

/** Creates a key for one repository with one click, and shows the command that clones it. */
export function QuickKey(props: QuickKeyProps) {
  const { action, initial, repositories, notice, doneHref, isWaiting, waiting } = props;
  const [{ created, values, errors, problem }, submit] = useFormAction(action, initial);
  if (created) return <NewKey created={created} notice={notice} doneHref={doneHref} />;
  const form =
    repositories.length === 0 ? null : (
      <Form action={submit} className="flex flex-wrap items-end gap-2">
        {(['name', 'networks', 'expiry'] as const).map((name) => (
          <input key={name} type="hidden" name={name} value={values[name]} />
        ))}
        <input type="hidden" name="scope" value="selected" />
        <div className="min-w-0 flex-1 basis-56">
          <Field id="quick-repository" label="Repository">
            <Select id="quick-repository" name="repositories">
              {repositories.map(({ id, full_name }) => (
                <option key={id} value={id}>
                  {full_name}
                </option>
              ))}
            </Select>
          </Field>
        </div>
        <SubmitButton variant="primary">Create key and command</SubmitButton>
        <div className="basis-full empty:hidden">
          <FormProblem>{problem ?? Object.values(errors)[0]}</FormProblem>
        </div>
      </Form>
    );
  if (!isWaiting) return form;
  return (
    <>
      {waiting}
      {form === null ? null : (
        <details className="text-13">
          <summary className="w-fit rounded-md py-1 text-accent underline underline-offset-4">
            Create another key
          </summary>
          <div className="mt-2 text-sm">{form}</div>
        </details>
      )}
    </>
  );
}
